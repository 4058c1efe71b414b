"""Addresses of the plan step."""

from django.urls import path

from lowtide.pathway.plan import comparing_view, views
from lowtide.pathway.plan.consenting import views as consenting
from lowtide.pathway.plan.enrolling import views as enrolling
from lowtide.pathway.plan.medicines import views as medicines

app_name = "plan"
urlpatterns = [
    path("patients/<uuid:patient>/plan", views.plan, name="plan"),
    path("patients/<uuid:patient>/plan/review", views.review, name="review"),
    path("patients/<uuid:patient>/enrolment", enrolling.enrolment, name="enrolment"),
    path("clinic/programmes", enrolling.site_programs, name="site_programs"),
    path("patients/<uuid:patient>/weight", views.weight, name="weight"),
    path("patients/<uuid:patient>/medicines", medicines.reconciled, name="medicines"),
    path("patients/<uuid:patient>/medicines/reconcile", medicines.reconcile, name="reconcile"),
    path("patients/<uuid:patient>/medicines/before-visit", medicines.before_visit, name="before_visit"),
    path("patients/<uuid:patient>/medicines/of/<slug:line>", medicines.one, name="medicine"),
    path("patients/<uuid:patient>/medicines/of/<slug:line>/settle", medicines.settle, name="settle_medicine"),
    path("patients/<uuid:patient>/medicines/of/<slug:line>/match", medicines.match, name="match_medicine"),
    path(
        "patients/<uuid:patient>/medicines/of/<slug:line>/dismiss", medicines.dismiss, name="dismiss_medicine"
    ),
    path("patients/<uuid:patient>/consent", consenting.overview, name="consent"),
    path("patients/<uuid:patient>/consent/sign", consenting.sign, name="consent_sign"),
    path(
        "patients/<uuid:patient>/consent/<uuid:entry>/withdraw", consenting.withdraw, name="consent_withdraw"
    ),
    path(
        "patients/<uuid:patient>/consent/<uuid:entry>/confirmed",
        consenting.confirmed,
        name="consent_confirmed",
    ),
    path("patients/<uuid:patient>/consent/<uuid:entry>/copied", consenting.copied, name="consent_copied"),
    path("patients/<uuid:patient>/plan/<uuid:session>", views.order, name="order"),
    path("patients/<uuid:patient>/plan/<uuid:session>/compare", comparing_view.compare, name="compare"),
]
