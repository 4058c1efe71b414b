"""The plan step as a Django application."""

from django.apps import AppConfig


class PlanConfig(AppConfig):
    name = "lowtide.pathway.plan"

    def ready(self) -> None:
        from lowtide.pathway.course import due, notices
        from lowtide.pathway.plan import reviewing
        from lowtide.pathway.plan.enrolling.lapsing import notice

        due.register("plan", reviewing.of_the_plan)
        notices.register("site programmes", notice)
