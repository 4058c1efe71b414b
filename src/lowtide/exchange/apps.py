"""The exchange as a Django application."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "lowtide.exchange"

    def ready(self) -> None:
        from lowtide.exchange import projections

        projections.register_all()
