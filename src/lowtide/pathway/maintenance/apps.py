"""The maintenance step as a Django application."""

from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    name = "lowtide.pathway.maintenance"
