"""The session step as a Django application."""

from django.apps import AppConfig


class SessionConfig(AppConfig):
    name = "lowtide.pathway.session"

    def ready(self) -> None:
        from lowtide.pathway.session import projections
        from lowtide.pathway.session.actions.custody import after_change, of_draw
        from lowtide.people.record_pages import following
        from lowtide.safe import reckoned

        projections.register_all()
        following.register(after_change)
        reckoned.register(of_draw)
