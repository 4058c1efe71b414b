"""Addresses of the exchange: imports, the inbox, what a chart holds from elsewhere."""

from django.urls import path

from lowtide.exchange.pages import imports, inbox, kept

app_name = "exchange"

urlpatterns = [
    path("import/", imports.choose, name="import"),
    path("import/<str:token>/", imports.preview, name="preview"),
    path("import/<str:token>/done", imports.done, name="done"),
    path("import/<str:token>/leave", imports.leave, name="leave"),
    path("inbox/", inbox.waiting, name="inbox"),
    path("inbox/<uuid:item>", inbox.one, name="inbox_item"),
    path("patients/<uuid:patient>/elsewhere", kept.resources, name="resources"),
    path("patients/<uuid:patient>/elsewhere/<uuid:entry>", kept.resource, name="resource"),
]
