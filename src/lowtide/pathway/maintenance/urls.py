"""Addresses of the maintenance step."""

from django.urls import path

from lowtide.pathway.maintenance import views

app_name = "maintenance"
urlpatterns = [
    path("patients/<uuid:patient>/maintenance", views.maintenance, name="maintenance"),
]
