"""The site as a Django application: what is to be done here when the record changes."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "lowtide.site"

    def ready(self) -> None:
        from lowtide.record import redaction
        from lowtide.site import redactions

        redaction.AFTER += [redaction.scrub, redactions.keep_up]
