"""The outcomes step as a Django application."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "lowtide.pathway.outcomes"
