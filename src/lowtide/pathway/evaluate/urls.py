"""Addresses of the evaluate step."""

from django.urls.resolvers import URLPattern

app_name = "evaluate"
urlpatterns: list[URLPattern] = []
