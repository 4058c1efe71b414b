"""Addresses of the site itself."""

from django.urls import path

from lowtide.site.evidence_pages import views as evidence
from lowtide.site.evidence_pages.person import for_person
from lowtide.site.hazards import views as hazards
from lowtide.site.live import live, live_heads
from lowtide.site.system import system

app_name = "site"
urlpatterns = [
    path("live", live, name="live"),
    path("live/heads", live_heads, name="live_heads"),
    path("system/", system, name="system"),
    path("patients/<uuid:patient>/evidence", for_person, name="evidence_person"),
    path("evidence/", evidence.overview, name="evidence"),
    path("evidence/claims", evidence.claims, name="evidence_claims"),
    path("evidence/conversions", evidence.conversions, name="evidence_conversions"),
    path("evidence/rates", evidence.rates, name="evidence_rates"),
    path("evidence/studies/<str:key>/", evidence.study, name="evidence_study"),
    path("evidence/reviews/<str:key>/", evidence.review, name="evidence_review"),
    path("evidence/<slug:name>/", evidence.indication, name="evidence_indication"),
    path("clinic/hazards/", hazards.hazards, name="hazards"),
    path("clinic/hazards/accept", hazards.accept, name="accept_hazard"),
]
