"""The portal as a Django application."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "lowtide.portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lowtide.pathway.course import due, notices
        from lowtide.portal.due import of_the_portal
        from lowtide.portal.reminders import due_rules, listing, projections

        due.register("portal", of_the_portal)
        due.register("reminders", due_rules.of_reminders)
        notices.register("reminders", listing.notice)
        projections.register_all()
