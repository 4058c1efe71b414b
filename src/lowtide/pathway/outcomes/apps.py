"""The outcomes step as a Django application."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "lowtide.pathway.outcomes"

    def ready(self) -> None:
        from lowtide.pathway.course import due
        from lowtide.pathway.outcomes import rules

        due.register("outcomes", rules.of_outcomes)
