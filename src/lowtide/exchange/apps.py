"""The exchange as a Django application."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "lowtide.exchange"
