"""Addresses of the safety step."""

from django.urls import include, path

from lowtide.pathway.safety import views

app_name = "safety"

of_one_event = [
    path("correct", views.correct, name="correct"),
    path("follow", views.follow, name="follow"),
    path("reports/<slug:report>", views.report, name="report"),
    path("reports/<slug:report>/take", views.take, name="take"),
]

urlpatterns = [
    path("patients/<uuid:patient>/events", views.all_events, name="all"),
    path("patients/<uuid:patient>/events/new", views.new, name="new"),
    path("patients/<uuid:patient>/events/<uuid:event>", views.one, name="event"),
    path("patients/<uuid:patient>/events/<uuid:event>/", include(of_one_event)),
    path("patients/<uuid:patient>/left/<uuid:left>/call", views.call, name="call"),
]
