"""Addresses of the site itself."""

from django.urls import path

from lowtide.site.hazards import views as hazards
from lowtide.site.live import live, live_heads
from lowtide.site.system import system

app_name = "site"
urlpatterns = [
    path("live", live, name="live"),
    path("live/heads", live_heads, name="live_heads"),
    path("system/", system, name="system"),
    path("clinic/hazards/", hazards.hazards, name="hazards"),
    path("clinic/hazards/accept", hazards.accept, name="accept_hazard"),
]
