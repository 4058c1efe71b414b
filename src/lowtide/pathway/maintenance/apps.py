"""The maintenance step as a Django application."""

from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    name = "lowtide.pathway.maintenance"

    def ready(self) -> None:
        from lowtide.pathway.course import due
        from lowtide.pathway.maintenance import due_rules, projections

        due.register("maintenance", due_rules.of_maintenance)
        projections.register_all()
