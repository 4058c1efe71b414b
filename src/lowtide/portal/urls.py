"""Addresses of the patient's own place, under my/."""

from django.urls import path

from lowtide.portal import views
from lowtide.portal.own_goal import views as own_goal

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("questions", views.questions, name="questions"),
    path("questions/done", views.done, name="done"),
    path("course", views.course, name="course"),
    path("goals", own_goal.goals, name="goals"),
    path("help", views.urgent_help, name="help"),
]
