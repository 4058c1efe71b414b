"""The evaluate step as a Django application."""

from django.apps import AppConfig


class EvaluateConfig(AppConfig):
    name = "lowtide.pathway.evaluate"

    def ready(self) -> None:
        from lowtide.pathway.course import due, notices
        from lowtide.pathway.evaluate import projections
        from lowtide.pathway.evaluate.everybody import nightly
        from lowtide.pathway.evaluate.ruling.walk import notice
        from lowtide.pathway.evaluate.workup import rules

        due.register("workup", rules.of_workup)
        projections.register_all()
        notices.register("approvals", notice)
        notices.register("everybody", nightly.notice)
