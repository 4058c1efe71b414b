"""Addresses of the outcomes step."""

from django.urls import path

from lowtide.pathway.outcomes import ahead_views, views

app_name = "outcomes"
urlpatterns = [
    path("patients/<uuid:patient>/outcomes", views.outcomes, name="outcomes"),
    path("patients/<uuid:patient>/outcomes/outlook", ahead_views.outlook_of, name="outlook"),
    path("patients/<uuid:patient>/outcomes/phq9", views.measure, name="measure"),
    path("patients/<uuid:patient>/outcomes/tablet", views.tablet, name="tablet"),
    path("patients/<uuid:patient>/outcomes/<uuid:entry>/correct", views.correct, name="correct"),
    path("patients/<uuid:patient>/outcomes/<uuid:form>/risk", views.risk, name="risk"),
]
