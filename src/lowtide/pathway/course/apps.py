"""The course step as a Django application."""

from django.apps import AppConfig


class CourseConfig(AppConfig):
    name = "lowtide.pathway.course"

    def ready(self) -> None:
        from lowtide.pathway.course import (
            due,
            due_authorised,
            due_papers,
            due_rules,
            due_sending,
            in_force,
            projections,
        )
        from lowtide.pathway.course.banner import patient_context
        from lowtide.people import banner, clinic
        from lowtide.record.projections import fold_within

        banner.register(patient_context)
        clinic.lay_within_requests(in_force.laid)
        fold_within(in_force.folding)
        due.register("course", due_rules.of_the_course)
        due.register("papers", due_papers.before_the_session)
        due.register("authorised", due_authorised.of_the_payer)
        due.register("sending", due_sending.to_send)
        projections.register_all()
