"""Addresses of the maintenance step, the planner and its calendars."""

from django.urls import path

from lowtide.pathway.maintenance import more_views, views

app_name = "maintenance"
urlpatterns = [
    path("patients/<uuid:patient>/maintenance", views.maintenance, name="maintenance"),
    path("patients/<uuid:patient>/maintenance/ending", more_views.ending, name="ending"),
    path("patients/<uuid:patient>/maintenance/<uuid:entry>/correct", more_views.correct, name="correct"),
    path(
        "patients/<uuid:patient>/maintenance/<uuid:entry>/take-back", more_views.take_back, name="take_back"
    ),
    path("patients/<uuid:patient>/contact", more_views.contact, name="contact"),
]
