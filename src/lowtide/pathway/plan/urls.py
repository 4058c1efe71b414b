"""Addresses of the plan step."""

from django.urls import path

from lowtide.pathway.plan import comparing_view, views
from lowtide.pathway.plan.enrolling import views as enrolling

app_name = "plan"
urlpatterns = [
    path("patients/<uuid:patient>/plan", views.plan, name="plan"),
    path("patients/<uuid:patient>/plan/review", views.review, name="review"),
    path("patients/<uuid:patient>/enrolment", enrolling.enrolment, name="enrolment"),
    path("clinic/programmes", enrolling.site_programs, name="site_programs"),
    path("patients/<uuid:patient>/weight", views.weight, name="weight"),
    path("patients/<uuid:patient>/plan/<uuid:session>", views.order, name="order"),
    path("patients/<uuid:patient>/plan/<uuid:session>/compare", comparing_view.compare, name="compare"),
]
