"""Addresses of the course step."""

from django.urls import path

from lowtide.pathway.course import views

app_name = "course"
urlpatterns = [
    path("today", views.today, name="today"),
    path("today/alarms", views.alarms, name="alarms"),
    path("patients/<uuid:patient>/", views.course, name="course"),
]
