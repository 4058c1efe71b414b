"""The controlled-drug safe as an app: it has pages, and no table of its own."""

from django.apps import AppConfig


class SafeConfig(AppConfig):
    name = "lowtide.safe"
