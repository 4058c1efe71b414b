"""The session step as a Django application."""

from django.apps import AppConfig


class SessionConfig(AppConfig):
    name = "lowtide.pathway.session"
