"""The plan step as a Django application."""

from django.apps import AppConfig


class PlanConfig(AppConfig):
    name = "lowtide.pathway.plan"

    def ready(self) -> None:
        from lowtide.pathway.course import due
        from lowtide.pathway.plan import reviewing

        due.register("plan", reviewing.of_the_plan)
