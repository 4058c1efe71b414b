"""The evaluate step as a Django application."""

from django.apps import AppConfig


class EvaluateConfig(AppConfig):
    name = "lowtide.pathway.evaluate"
