"""Addresses of the clinic's list of reminders, under reminders/."""

from django.urls import path

from lowtide.portal.reminders import desk_views

app_name = "portal_reminders"
urlpatterns = [path("", desk_views.overview, name="list")]
