"""Addresses of the controlled-drug safe."""

from django.urls import include, path

from lowtide.safe.views import clearing, counting, overview, reports, session, stock

app_name = "safe"

of_one_safe = [
    path("", overview.safe, name="safe"),
    path("ledger", overview.ledger, name="ledger"),
    path("ledger/table", overview.ledger_table, name="ledger_table"),
    path("draw", session.draw, name="draw"),
    path("draws/<uuid:draw>", session.account, name="account"),
    path("waste", session.waste, name="waste"),
    path("count", counting.count, name="count"),
    path("receive", stock.receive, name="receive"),
    path("transfer", stock.transfer, name="transfer"),
    path("destroy", stock.destroy, name="destroy"),
    path("adjust", stock.adjust, name="adjust"),
    path("loss", stock.lose, name="lose"),
    path("lines/<uuid:struck>/strike", stock.strike, name="strike"),
    path("cases/<uuid:case>", clearing.case, name="case"),
    path("inventory", reports.inventory, name="inventory"),
]

urlpatterns = [
    path("", overview.safes, name="safes"),
    path("new", stock.open_safe, name="open"),
    path("cases", clearing.cases, name="cases"),
    path("recall", clearing.recall, name="recall"),
    path("recall/hold", clearing.hold, name="hold"),
    path("reports", reports.reports, name="reports"),
    path("reports/usage", reports.usage_table, name="usage_table"),
    path("at/<slug:place>/", include(of_one_safe)),
]
