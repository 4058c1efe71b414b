"""Addresses of documents."""

from django.urls import path

from lowtide.documents import evaluation_views, session_papers, views

app_name = "documents"
urlpatterns = [
    path("patients/<uuid:patient>/consent/<uuid:entry>/copy.pdf", views.consent_copy, name="consent_copy"),
    path("patients/<uuid:patient>/evaluate/evaluation.pdf", evaluation_views.evaluation, name="evaluation"),
    path(
        "patients/<uuid:patient>/sessions/<uuid:session>/label/<uuid:container>.pdf",
        session_papers.bag_label,
        name="bag_label",
    ),
    path(
        "patients/<uuid:patient>/sessions/<uuid:session>/downtime.pdf",
        session_papers.downtime,
        name="downtime",
    ),
    path(
        "patients/<uuid:patient>/sessions/<uuid:session>/downtime",
        session_papers.downtime_page,
        name="downtime_page",
    ),
    path("patients/<uuid:patient>/workup/request.pdf", evaluation_views.lab_request, name="lab_request"),
]
