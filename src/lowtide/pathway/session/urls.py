"""Addresses of the session step."""

from django.urls.resolvers import URLPattern

app_name = "session"
urlpatterns: list[URLPattern] = []
