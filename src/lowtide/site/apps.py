"""The site as a Django application: what is to be done here when the record changes."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "lowtide.site"

    def ready(self) -> None:
        from lowtide.pathway.course import notices
        from lowtide.record import redaction
        from lowtide.site import redactions, safe_notice

        notices.register("safe", safe_notice.notice)
        redaction.AFTER += [redaction.scrub, redactions.keep_up]
