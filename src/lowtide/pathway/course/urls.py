"""Addresses of the course step."""

from django.urls.resolvers import URLPattern

app_name = "course"
urlpatterns: list[URLPattern] = []
