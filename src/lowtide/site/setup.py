"""Bring Django up for a command that needs the database: settings, migrations, guards, projections."""

import os

import django

from lowtide.problems import refuse
from lowtide.site.lock import in_turn


def ready(*, migrate: bool = True, guarded: bool = True) -> None:
    """Set Django up; bring the database to this version first, unless a session is open.

    `guarded=False` lets a command run on a database whose guards are gone, to look at it or to put them back.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lowtide.site.settings")
    django.setup()
    if migrate:
        bring_up_to_date()
    if migrate and guarded:
        _refuse_without_guards()


def bring_up_to_date() -> None:
    """Migrate, and rebuild the projections of another version. Refuses while a session is open."""
    from lowtide.record import verify

    if _is_behind():
        with in_turn("upgrade"):
            if _is_behind():  # nobody else did it while this one waited
                _refuse_while_a_session_is_open()
                _migrate()
    if verify.outdated():
        with in_turn("upgrade"):
            verify.rebuild()


def _is_behind() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def _refuse_without_guards() -> None:
    from django.db import connection

    from lowtide.record import guards

    absent = guards.missing(connection)
    if absent:
        raise refuse(
            f"the database lost its guards ({', '.join(absent)})",
            "database",
            "Run lowtide verify, find out who removed them, then run lowtide rebuild.",
        )


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
