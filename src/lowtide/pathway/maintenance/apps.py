"""The maintenance step as a Django application."""

from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    name = "lowtide.pathway.maintenance"

    def ready(self) -> None:
        from lowtide.pathway.course import beside, due
        from lowtide.pathway.maintenance import due_rules, projections
        from lowtide.pathway.maintenance.fade.beside import fading

        due.register("maintenance", due_rules.of_maintenance)
        beside.register("fading", fading)
        projections.register_all()
