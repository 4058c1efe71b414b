"""Documents as a Django application: it brings templates and no tables."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "lowtide.documents"
