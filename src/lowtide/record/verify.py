"""Walk every chain and every projection, and name the first thing that does not hold; rebuild what can be."""

import hashlib
from collections.abc import Collection

import msgspec
from django.db import DatabaseError, connection, transaction

from lowtide.record import guards, projections, rows
from lowtide.record.chain import Failure, Row, first_failure
from lowtide.record.chart import Chart
from lowtide.record.dates import instant
from lowtide.record.models import ProjectionVersion
from lowtide.record.projections import Projection
from lowtide.record.snapshot import snapshot


class Report(msgspec.Struct, frozen=True):
    """What was found. `heads` is one digest over the head of every stream: kept elsewhere, it shows later whether a copy
    is of the record as it was."""

    ok: bool
    streams: int
    entries: int
    first_failure: Failure | None
    heads: str = ""


def verify(waiting: Collection[str] = ()) -> Report:
    """Check every stream's chain, that every projection says what its fold says, the guards and the file.

    `waiting` names projections that an upgrade will make anew, which are left out.
    It sees one moment of the record and may run while the clinic writes.
    """
    try:
        with snapshot():
            return _verify([p for p in projections.REGISTERED.values() if p.name not in waiting])
    except DatabaseError as error:
        return Report(False, 0, 0, Failure("", None, None, f"the database cannot be read: {error}"))


def _verify(derived: list[Projection]) -> Report:
    names, total = rows.streams(), 0
    for name in names:
        count, failure = _stream(name, derived)
        total += count
        if failure:
            return Report(False, len(names), total, failure)
    last = _orphan(names, derived) or _unguarded() or _damage()
    return Report(last is None, len(names), total, last, _heads_digest())


def _heads_digest() -> str:
    """SHA-256 of a line for each stream, `name seq hash`, in the order of the names' bytes."""
    lines = sorted(f"{name} {head.seq} {head.hash}\n".encode() for name, head in rows.all_heads().items())
    return hashlib.sha256(b"".join(lines)).hexdigest()


def _unguarded() -> Failure | None:
    absent = guards.missing(connection)
    return Failure("", None, None, f"guard trigger missing: {', '.join(absent)}") if absent else None


def _stream(name: str, derived: list[Projection]) -> tuple[int, Failure | None]:
    """How many entries the stream has, and the first thing that does not hold in it."""
    try:
        found = list(rows.read(name))
    except DatabaseError:
        return _first_unreadable(name)
    failure = first_failure(name, found, rows.redacted_ids(name)) or _after(name, found, derived)
    return len(found), failure


def _first_unreadable(name: str) -> tuple[int, Failure]:
    """The entry that the database itself cannot read any more, such as text that is no text."""
    for seq in range(1, rows.heads([name])[name].seq + 1):
        try:
            rows.read_one(name, seq)
        except DatabaseError as error:
            return seq, Failure(name, seq, None, f"it cannot be read: {error}")
    return 0, Failure(name, None, None, "it cannot be read")


def _after(name: str, found: list[Row], derived: list[Projection]) -> Failure | None:
    """What can only be checked on the whole stream: its head, its bodies as structs, its projections."""
    try:
        entries = rows.decoded(found)
    except (msgspec.MsgspecError, ValueError) as error:
        return Failure(name, None, None, f"an entry cannot be read: {error}")
    last = max((instant(e.recorded_at) for e in entries), default="")
    head = rows.Head(len(found), found[-1].hash if found else "", last)
    if rows.heads([name])[name] != head:
        return Failure(name, head.seq, None, "the stream's head is not its last entry")
    chart = Chart.of(name, entries)
    for projection in derived:
        if name.startswith(projection.prefix) and (what := _untrue(projection, chart)):
            return Failure(name, head.seq, None, f"projection {projection.name} {what}")
    return None


def _untrue(projection: Projection, chart: Chart) -> str | None:
    """What is wrong with a table's rows of one stream: a value that is none, such as a thirteenth month, or another one."""
    try:
        return "differs from its fold" if projections.differs(projection, chart) else None
    except (ValueError, TypeError) as error:
        return f"cannot be read: {error}"


def _damage() -> Failure | None:
    """What SQLite finds wrong with its own file (PostgreSQL checks its pages as it reads them)."""
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(1)")
        (said,) = cursor.fetchone()
    return None if said == "ok" else Failure("", None, None, f"the database file is damaged: {said}")


def _orphan(names: list[str], derived: list[Projection]) -> Failure | None:
    """Rows that belong to nothing: entries without a head, bodies without an entry, projections of no stream."""
    return rows.headless() or rows.bodies_of_nothing() or _projection_of_nothing(names, derived)


def _projection_of_nothing(names: list[str], derived: list[Projection]) -> Failure | None:
    for projection in derived:
        streams = projection.model._default_manager.values_list("stream", flat=True).distinct()
        extra = sorted(set(streams) - set(names))
        if extra:
            return Failure(extra[0], None, None, f"projection {projection.name} has rows of no stream")
    return None


def rebuild() -> int:
    """Make every projection anew from the entries; answers the number of streams read."""
    names = rows.streams()
    with transaction.atomic():
        for projection in projections.REGISTERED.values():
            projection.model._default_manager.all().delete()
        for name in names:
            chart = Chart.of(name, rows.entries(name))
            with projections.folding(name):
                for projection in projections.REGISTERED.values():
                    if name.startswith(projection.prefix):
                        projections.project(projection, chart)
        ProjectionVersion.objects.filter(name__in=list(projections.REGISTERED)).delete()
        ProjectionVersion.objects.bulk_create(
            ProjectionVersion(name=p.name, version=p.version) for p in projections.REGISTERED.values()
        )
    return len(names)


def refold(name: str) -> None:
    """Bring the tables of one stream in step with what it is folded with now, under its lock."""
    with transaction.atomic():
        rows.lock([name])
        chart = Chart.of(name, rows.entries(name))
        with projections.folding(name):
            for projection in projections.REGISTERED.values():
                if name.startswith(projection.prefix):
                    projections.project(projection, chart)


def folded_with(name: str) -> int:
    """What `mark_folded` was told last; 0 for nothing."""
    return ProjectionVersion.objects.filter(name=name).values_list("version", flat=True).first() or 0


def mark_folded(name: str, version: int) -> None:
    """Keep what else the tables were folded with, beside the versions of the projections."""
    ProjectionVersion.objects.update_or_create(name=name, defaults={"version": version})


def outdated() -> list[str]:
    """The projections whose tables were built by another version of their function."""
    have = dict(ProjectionVersion.objects.values_list("name", "version"))
    return [p.name for p in projections.REGISTERED.values() if have.get(p.name) != p.version]
