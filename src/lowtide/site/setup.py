"""Bring Django up for a command that needs the database: settings, migrations, guards, projections."""

import os

import django

from lowtide.problems import refuse


def ready(*, migrate: bool = True) -> None:
    """Set Django up; bring the database to this version first, unless a session is open."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lowtide.site.settings")
    django.setup()
    if migrate:
        bring_up_to_date()


def bring_up_to_date() -> None:
    """Migrate and rebuild what is outdated. Refuses while a session is open, and when a guard is missing."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from lowtide.record import guards, verify

    executor = MigrationExecutor(connection)
    targets = executor.loader.graph.leaf_nodes()
    if executor.migration_plan(targets):
        _refuse_while_a_session_is_open()
        call_command("migrate", verbosity=0, interactive=False)
    absent = guards.missing(connection)
    if absent:
        raise refuse(
            f"the database lost its guards ({', '.join(absent)})",
            "database",
            "Run lowtide verify, find out who removed them, then run lowtide rebuild.",
        )
    if verify.outdated():
        verify.rebuild()


def _refuse_while_a_session_is_open() -> None:
    from django.db import connection

    if "session_session" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM session_session WHERE open")
        (count,) = cursor.fetchone()
    if count:
        raise refuse(
            f"{count} session(s) are open and this version changes the database",
            "upgrade",
            "Finish or abandon them with the version that is running, then start this one.",
        )
