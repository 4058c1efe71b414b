"""The session step as a Django application."""

from django.apps import AppConfig


class SessionConfig(AppConfig):
    name = "lowtide.pathway.session"

    def ready(self) -> None:
        from lowtide.pathway.session import projections

        projections.register_all()
