"""Addresses of the maintenance step, the planner and its calendars."""

from django.urls import path

from lowtide.pathway.maintenance import more_views, views
from lowtide.pathway.maintenance.feeds import views as feeds
from lowtide.pathway.maintenance.planner.views import planner

app_name = "maintenance"
urlpatterns = [
    path("patients/<uuid:patient>/maintenance", views.maintenance, name="maintenance"),
    path("patients/<uuid:patient>/maintenance/ending", more_views.ending, name="ending"),
    path("patients/<uuid:patient>/maintenance/<uuid:entry>/correct", more_views.correct, name="correct"),
    path(
        "patients/<uuid:patient>/maintenance/<uuid:entry>/take-back", more_views.take_back, name="take_back"
    ),
    path("planner", planner, name="planner"),
    path("calendar/<str:secret>.ics", feeds.calendar, name="calendar"),
    path("me/calendar", feeds.own, name="own_calendar"),
    path("patients/<uuid:patient>/calendar", feeds.of_patient, name="patient_calendar"),
    path("patients/<uuid:patient>/contact", more_views.contact, name="contact"),
]
