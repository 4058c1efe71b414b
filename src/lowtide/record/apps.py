"""The record as a Django application: guards the tables after every migration."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class RecordConfig(AppConfig):
    name = "lowtide.record"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_guard_tables, sender=self)


def _guard_tables(using: str, **_: Any) -> None:
    from lowtide.record import guards, models

    tables = connections[using].introspection.table_names()
    if all(m._meta.db_table in tables for m in (models.StoredEntry, models.StoredBody, models.Access)):
        guards.install(connections[using])
