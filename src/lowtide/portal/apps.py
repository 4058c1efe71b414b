"""The portal as a Django application."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "lowtide.portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lowtide.pathway.course import due
        from lowtide.portal.due import of_the_portal

        due.register("portal", of_the_portal)
