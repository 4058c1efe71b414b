"""The evaluate step as a Django application."""

from django.apps import AppConfig


class EvaluateConfig(AppConfig):
    name = "lowtide.pathway.evaluate"

    def ready(self) -> None:
        from lowtide.pathway.evaluate import projections

        projections.register_all()
