"""Bring Django up for a command that needs the database: settings, migrations, guards, projections."""

import os

import django

from lowtide.problems import refuse
from lowtide.site.home import is_demo
from lowtide.site.lock import in_turn


def ready(*, migrate: bool = True, guarded: bool = True) -> None:
    """Set Django up; bring the database to this version first, unless a session is open.

    `guarded=False` lets a command run on a database whose guards are gone, to look at it or to put them back.
    """
    _set_up()
    if migrate:
        bring_up_to_date()
    if migrate and guarded:
        _refuse_without_guards()


def as_it_is() -> frozenset[str]:
    """Set Django up on the database as it stands, for a command that only reads: so that a clinic can be proved and
    backed up before an upgrade. Answers the projections that wait for it. Only a new home is made first.
    """
    _set_up()
    from lowtide.pathway.course import refolding
    from lowtide.record import projections, verify
    from lowtide.site import standing

    if standing.is_new():
        bring_up_to_date()
    behind = standing.awaited()
    waiting = {p.name for p in projections.REGISTERED.values() if p.model._meta.app_label in behind}
    if (
        not behind and refolding.is_needed()
    ):  # a number was changed and the server has not folded everybody yet
        waiting |= {p.name for p in projections.REGISTERED.values() if p.prefix == "chart:"}
    return frozenset(waiting | set(verify.outdated()))


def is_made() -> bool:
    """Set Django up for a command that reads a clinic where there is one; False where none was made yet."""
    _set_up()
    from lowtide.site import standing

    return not standing.is_new()


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lowtide.site.settings")
    django.setup()


def bring_up_to_date() -> None:
    """Migrate, and rebuild the projections of another version. Raises Refused while a session is open: nobody at a
    chair is charted by two versions, and a chair's screens do not change under a nurse's hands."""
    from lowtide.record import verify
    from lowtide.site.standing import awaited

    if awaited():
        with in_turn("upgrade"):
            if awaited():  # nobody else did it while this one waited
                _refuse_while_a_session_is_open()
                _migrate()
    if verify.outdated():
        with in_turn("upgrade"):
            _refuse_while_a_session_is_open()
            verify.rebuild()


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
        mend = "Finish or break off what is open with the version that was running, then start this one."
        raise refuse(
            f"this version changes the database, and {len(found)} session{'s are' if found[1:] else ' is'} open:"
            f" {'; '.join(found)}",
            "upgrade",
            "It is a demonstration: make it anew with lowtide demo --fresh." if is_demo() else mend,
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
