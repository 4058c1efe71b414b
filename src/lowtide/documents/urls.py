"""Addresses of documents."""

from django.urls import path

from lowtide.documents import views

app_name = "documents"
urlpatterns = [
    path("patients/<uuid:patient>/consent/<uuid:entry>/copy.pdf", views.consent_copy, name="consent_copy"),
]
