"""Addresses of documents."""

from django.urls import include, path

from lowtide.documents import (
    addressee_views,
    ending_views,
    evaluation_views,
    scale_papers,
    sending_views,
    session_papers,
    session_views,
    views,
    yearly_views,
)
from lowtide.documents.authorising import views as authorising

app_name = "documents"

of_one_session = [
    path("documents", session_views.of_session, name="session"),
    path("documents/<slug:document>", session_views.document, name="document"),
    path("documents/<slug:document>.pdf", session_views.printed, name="pdf"),
    path("sending", sending_views.of_session, name="sending"),
    path("sending/<slug:document>.pdf", session_views.for_the_desk, name="desk"),
    path("sending/<slug:document>/<slug:step>", sending_views.step, name="step"),
]

to_referrer, to_patient = {"reader": "referrer"}, {"reader": "patient"}
of_an_end = [
    path("letter", ending_views.letter, to_referrer, name="end_letter"),
    path("letter.pdf", ending_views.printed, to_referrer, name="end_letter_pdf"),
    path("for-you", ending_views.letter, to_patient, name="end_for_you"),
    path("for-you.pdf", ending_views.printed, to_patient, name="end_for_you_pdf"),
]

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
    path("patients/<uuid:patient>/outcomes/blank.pdf", scale_papers.asked, name="blank_scales"),
    path(
        "patients/<uuid:patient>/outcomes/scales/<slug:scale>/blank.pdf",
        scale_papers.one,
        name="blank_scale",
    ),
    path("patients/<uuid:patient>/workup/request.pdf", evaluation_views.lab_request, name="lab_request"),
    path("patients/<uuid:patient>/addressees", addressee_views.addressees, name="addressees"),
    path("patients/<uuid:patient>/authorisation", authorising.overview, name="authorisation"),
    path("patients/<uuid:patient>/authorisation/ask", authorising.ask, name="authorisation_ask"),
    path("patients/<uuid:patient>/authorisation/none", authorising.waive, name="authorisation_waive"),
    path(
        "patients/<uuid:patient>/authorisation/<uuid:asked>/<slug:answer>",
        authorising.answer,
        name="authorisation_answer",
    ),
    path("patients/<uuid:patient>/sessions/<uuid:session>/", include(of_one_session)),
    path("patients/<uuid:patient>/safety-review", yearly_views.review, name="safety_review"),
    path("patients/<uuid:patient>/safety-review.pdf", yearly_views.printed, name="safety_review_pdf"),
    path("patients/<uuid:patient>/course-end/", include(of_an_end)),
    path("documents", sending_views.board, name="board"),
    path("clinic/letterhead", addressee_views.letterhead, name="letterhead"),
]
