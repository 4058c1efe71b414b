"""Addresses of the clinic's side of a patient's own place, under patients/<patient>/."""

from django.urls import path

from lowtide.portal.desk import views

app_name = "portal_desk"
urlpatterns = [
    path("own-place", views.place, name="place"),
    path("own-place/link", views.link, name="link"),
    path("own-place/close", views.close, name="close"),
    path("own-place/done", views.done, name="done"),
    path("messages", views.conversation, name="messages"),
]
