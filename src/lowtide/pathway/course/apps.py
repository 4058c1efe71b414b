"""The course step as a Django application."""

from django.apps import AppConfig


class CourseConfig(AppConfig):
    name = "lowtide.pathway.course"

    def ready(self) -> None:
        from lowtide.pathway.course import due, due_papers, due_rules, projections
        from lowtide.pathway.course.banner import patient_context
        from lowtide.people import banner

        banner.register(patient_context)
        due.register("course", due_rules.of_the_course)
        due.register("papers", due_papers.before_the_session)
        projections.register_all()
