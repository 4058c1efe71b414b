"""People as a Django application."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "lowtide.people"

    def ready(self) -> None:
        from lowtide.people import projections, sign_in

        projections.register_all()
        sign_in.listen()
