"""The portal as a Django application."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "lowtide.portal"
