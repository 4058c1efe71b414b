"""Addresses of what is printed for one patient."""

from django.urls import path

from lowtide.documents import views

app_name = "documents"
urlpatterns = [
    path("patients/<uuid:patient>/evaluate/evaluation.pdf", views.evaluation, name="evaluation"),
    path("patients/<uuid:patient>/workup/request.pdf", views.lab_request, name="lab_request"),
]
