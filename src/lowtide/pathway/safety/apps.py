"""The safety step as a Django application."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    name = "lowtide.pathway.safety"

    def ready(self) -> None:
        from lowtide.pathway.course import banner
        from lowtide.pathway.course import due as items
        from lowtide.pathway.safety import due, projections
        from lowtide.pathway.safety.longterm import due as longterm
        from lowtide.pathway.safety.longterm.alerts import alerts

        items.register("safety", due.of_safety)
        items.register("longterm", longterm.of_longterm)
        banner.add_alerts("longterm", alerts)
        projections.register_all()
