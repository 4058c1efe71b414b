"""Addresses of the safety step."""

from django.urls import include, path

from lowtide.pathway.safety import views
from lowtide.pathway.safety.longterm import clinic_views, desk_views
from lowtide.pathway.safety.longterm import views as longterm

app_name = "safety"

of_one_event = [
    path("correct", views.correct, name="correct"),
    path("follow", views.follow, name="follow"),
    path("reports/<slug:report>", views.report, name="report"),
    path("reports/<slug:report>/take", views.take, name="take"),
]

of_long_term = [
    path("ask/<slug:check>", longterm.ask, name="ask_check"),
    path("put-off/<slug:check>", longterm.postpone, name="postpone"),
    path("elsewhere", longterm.elsewhere, name="elsewhere"),
    path("observe", longterm.observe, name="observe"),
    path("stop", longterm.stop_review, name="stop_review"),
]

urlpatterns = [
    path("long-term", clinic_views.overview, name="clinic_long_term"),
    path("patients/<uuid:patient>/long-term", longterm.long_term, name="long_term"),
    path("patients/<uuid:patient>/long-term/", include(of_long_term)),
    path("patients/<uuid:patient>/desk-note", desk_views.desk_note, name="desk_note"),
    path("patients/<uuid:patient>/events", views.all_events, name="all"),
    path("patients/<uuid:patient>/events/new", views.new, name="new"),
    path("patients/<uuid:patient>/events/<uuid:event>", views.one, name="event"),
    path("patients/<uuid:patient>/events/<uuid:event>/", include(of_one_event)),
    path("patients/<uuid:patient>/left/<uuid:left>/call", views.call, name="call"),
]
