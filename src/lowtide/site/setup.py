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
    """Migrate, and rebuild the projections of another version. Raises Refused while a session is open: nobody at a
    chair is charted by two versions, and a chair's screens do not change under a nurse's hands."""
    from lowtide.record import verify

    if _is_behind():
        with in_turn("upgrade"):
            if _is_behind():  # nobody else did it while this one waited
                _refuse_while_a_session_is_open()
                _migrate()
    if verify.outdated():
        with in_turn("upgrade"):
            _refuse_while_a_session_is_open()
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
    found = open_sessions()
    if found:
        raise refuse(
            f"this version changes the database, and {len(found)} session{'s are' if found[1:] else ' is'} open:"
            f" {'; '.join(found)}",
            "upgrade",
            "Finish or break off what is open with the version that was running, then start this one.",
        )


def open_sessions() -> list[str]:
    """Where somebody is at a chair, in words without a name. Asks in SQL: the tables may be those of another version."""
    from django.db import connection

    if "session_session" not in connection.introspection.table_names():
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.chair, p.number, s.stream FROM session_session s LEFT JOIN people_patientindex p"
            " ON p.key = s.stream WHERE s.open ORDER BY s.chair, s.key"
        )
        return [
            f"chair {chair or 'not given'}, patient {number or stream}" for chair, number, stream in cursor
        ]
