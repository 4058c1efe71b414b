"""Addresses of the outcomes step."""

from django.urls import path

from lowtide.pathway.outcomes import ahead_views, licence_views, scale_views, views
from lowtide.pathway.outcomes.trajectory import views as trajectory

app_name = "outcomes"
urlpatterns = [
    path("patients/<uuid:patient>/outcomes", views.outcomes, name="outcomes"),
    path("patients/<uuid:patient>/outcomes/outlook", ahead_views.outlook_of, name="outlook"),
    path("patients/<uuid:patient>/outcomes/phq9", views.measure, name="measure"),
    path("patients/<uuid:patient>/outcomes/tablet", views.tablet, name="tablet"),
    path("patients/<uuid:patient>/outcomes/scales", scale_views.scales, name="scales"),
    path("patients/<uuid:patient>/outcomes/scales/tablet", scale_views.tablet_set, name="tablet_set"),
    path("patients/<uuid:patient>/outcomes/scales/<slug:scale>", scale_views.one_scale, name="scale"),
    path(
        "patients/<uuid:patient>/outcomes/scales/<slug:scale>/tablet",
        scale_views.scale_tablet,
        name="scale_tablet",
    ),
    path("clinic/instruments", licence_views.wordings, name="wordings"),
    path("clinic/instruments/<slug:scale>", licence_views.wording, name="wording"),
    path("patients/<uuid:patient>/outcomes/<uuid:entry>/correct", views.correct, name="correct"),
    path("patients/<uuid:patient>/outcomes/<uuid:form>/risk", views.risk, name="risk"),
    path("patients/<uuid:patient>/outcomes/goals", trajectory.set_goal, name="set_goal"),
    path("patients/<uuid:patient>/outcomes/goals/<uuid:goal>", trajectory.goal, name="goal"),
]
