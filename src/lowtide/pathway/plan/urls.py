"""Addresses of the plan step."""

from django.urls import path

from lowtide.pathway.plan import views

app_name = "plan"
urlpatterns = [
    path("patients/<uuid:patient>/plan", views.plan, name="plan"),
    path("patients/<uuid:patient>/plan/review", views.review, name="review"),
    path("patients/<uuid:patient>/weight", views.weight, name="weight"),
    path("patients/<uuid:patient>/plan/<uuid:session>", views.order, name="order"),
]
