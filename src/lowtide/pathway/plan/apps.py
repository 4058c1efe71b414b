"""The plan step as a Django application."""

from django.apps import AppConfig


class PlanConfig(AppConfig):
    name = "lowtide.pathway.plan"
