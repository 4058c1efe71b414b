"""The maintenance step as a Django application."""

from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    name = "lowtide.pathway.maintenance"

    def ready(self) -> None:
        from lowtide.pathway.course import due
        from lowtide.pathway.maintenance import rules

        due.register("maintenance", rules.of_maintenance)
