"""The evaluate step as a Django application."""

from django.apps import AppConfig


class EvaluateConfig(AppConfig):
    name = "lowtide.pathway.evaluate"

    def ready(self) -> None:
        from lowtide.pathway.course import notices
        from lowtide.pathway.evaluate import projections
        from lowtide.pathway.evaluate.ruling.walk import notice

        projections.register_all()
        notices.register("approvals", notice)
