"""What whoever keeps the system should know: clocks, guards, derived tables, backups, room. No clinical content."""

import shutil
from datetime import UTC, datetime, timedelta

import msgspec
from django.conf import settings
from django.db import connection

from lowtide.record import guards, projections, rows
from lowtide.record.models import ProjectionVersion
from lowtide.site.backup import last_backup
from lowtide.site.home import home
from lowtide.site.version import lowtide_version

BACKUP_IS_OLD = timedelta(hours=26)
LITTLE_ROOM_BYTES = 1_000_000_000
MARKS_SHOWN = 100


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at: `well` is False when somebody should act, and `says` tells what was found."""

    name: str
    well: bool
    says: str


class Mark(msgspec.Struct, frozen=True):
    """An entry whose clocks were odd when it was written."""

    stream: str
    seq: int
    at: datetime
    what: str


def checks(now: datetime) -> list[Check]:
    """Everything that can be seen without reading an entry."""
    return [_clock(now), _marks(), _guards(), _derived(), _backup(now), _room(), _transport(), _program()]


def warnings(now: datetime) -> list[str]:
    """What needs somebody, in a line each."""
    return [f"{c.name}: {c.says}" for c in checks(now) if not c.well]


def clock_marks() -> list[Mark]:
    """The latest entries whose clocks were odd, newest first."""
    return [Mark(s, n, datetime.fromisoformat(at), what) for s, n, at, what in rows.clock_marks(MARKS_SHOWN)]


def clock_behind_s(now: datetime) -> int:
    """By how many seconds the server's clock is behind the newest entry; 0 when it is not."""
    latest = rows.last_recorded_at()
    return max(0, round((latest - now).total_seconds())) if latest else 0


def _clock(now: datetime) -> Check:
    behind = clock_behind_s(now)
    says = f"{behind} s behind the newest entry: it was set back" if behind else "not behind the newest entry"
    return Check("Server clock", not behind, f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, {says}")


def _marks() -> Check:
    found = rows.clock_marks(MARKS_SHOWN)
    backs = sum("set back" in mark for *_, mark in found)
    says = (
        f"{backs} of the last {len(found)} marks say that the server's clock was set back"
        if backs
        else "none of the server's clock"
    )
    return Check("Marked entries", not backs, says)


def _guards() -> Check:
    absent = guards.missing(connection)
    says = (
        f"missing: {', '.join(absent)}; run lowtide verify"
        if absent
        else f"all {len(guards.wanted(connection))} in place"
    )
    return Check("Guards of the database", not absent, says)


def _derived() -> Check:
    built = dict(ProjectionVersion.objects.values_list("name", "version"))
    old = [p.name for p in projections.REGISTERED.values() if built.get(p.name) != p.version]
    says = (
        f"of another version: {', '.join(old)}; run lowtide rebuild"
        if old
        else f"all {len(built)} of this version"
    )
    return Check("Derived tables", not old, says)


def _backup(now: datetime) -> Check:
    last = last_backup()
    if last is None:
        return Check("Last backup", False, "none was made; run lowtide backup FILE every night")
    hours = round((now - last.at).total_seconds() / 3600)
    says = f"{last.at:%Y-%m-%d %H:%M} UTC, {hours} h ago, {last.entries:,} entries, {last.file}"
    return Check("Last backup", now - last.at <= BACKUP_IS_OLD, says)


def _room() -> Check:
    free = shutil.disk_usage(home()).free
    return Check("Room on the disk", free > LITTLE_ROOM_BYTES, f"{free / 1e9:,.1f} GB free at {home()}")


def _transport() -> Check:
    well = settings.SECURE or settings.DEMO
    says = "https" if settings.SECURE else "no https: no offline work and no passkeys"
    return Check("Connection", well, says)


def _program() -> Check:
    return Check("Program", True, f"Lowtide {lowtide_version()} on {connection.display_name}")
