"""Addresses of the patient's own place, under my/."""

from django.urls import path

from lowtide.portal import calendar_views, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("questions", views.questions, name="questions"),
    path("questions/done", views.done, name="done"),
    path("course", views.course, name="course"),
    path("help", views.urgent_help, name="help"),
    path("calendar", calendar_views.calendar, name="calendar"),
]
