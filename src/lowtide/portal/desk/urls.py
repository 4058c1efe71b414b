"""Addresses of the clinic's side of a patient's own place, under patients/<patient>/."""

from django.urls import path

from lowtide.portal.desk import views
from lowtide.portal.reminders import desk_views as reminders

app_name = "portal_desk"
urlpatterns = [
    path("own-place", views.place, name="place"),
    path("own-place/link", views.link, name="link"),
    path("own-place/close", views.close, name="close"),
    path("own-place/done", views.done, name="done"),
    path("own-place/reminders", reminders.of_patient, name="reminders"),
    path("messages", views.conversation, name="messages"),
]
