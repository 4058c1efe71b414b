"""The safety step as a Django application."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    name = "lowtide.pathway.safety"

    def ready(self) -> None:
        from lowtide.pathway.course import due as items
        from lowtide.pathway.safety import due

        items.register("safety", due.of_safety)
