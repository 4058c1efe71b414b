"""The course step as a Django application."""

from django.apps import AppConfig


class CourseConfig(AppConfig):
    name = "lowtide.pathway.course"

    def ready(self) -> None:
        from lowtide.pathway.course import due, due_rules, projections

        due.register("course", due_rules.of_the_course)
        projections.register_all()
