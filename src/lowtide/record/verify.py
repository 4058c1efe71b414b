"""Walk every chain and every projection, and name the first thing that does not hold; rebuild what can be."""

import msgspec
from django.db import connection, transaction

from lowtide.record import guards, projections, rows
from lowtide.record.chain import Failure, Row, first_failure
from lowtide.record.chart import Chart
from lowtide.record.models import ProjectionVersion


class Report(msgspec.Struct, frozen=True):
    ok: bool
    streams: int
    entries: int
    first_failure: Failure | None


def verify() -> Report:
    """Check the guards, every stream's chain, and that every projection says what its fold says."""
    names, total = rows.streams(), 0
    absent = guards.missing(connection)
    if absent:
        return Report(
            False, len(names), 0, Failure("", None, None, f"guard trigger missing: {', '.join(absent)}")
        )
    for name in names:
        found = list(rows.read(name))
        total += len(found)
        failure = first_failure(name, found, rows.redacted_ids(name)) or _after(name, found)
        if failure:
            return Report(False, len(names), total, failure)
    orphan = _orphan(names)
    return Report(orphan is None, len(names), total, orphan)


def _after(name: str, found: list[Row]) -> Failure | None:
    """What can only be checked on the whole stream: its head, its bodies as structs, its projections."""
    head = rows.heads([name])[name]
    if (head.seq, head.hash) != (len(found), found[-1].hash if found else head.hash):
        return Failure(name, head.seq, None, "the stream's head is not its last entry")
    try:
        chart = Chart.of(name, map(rows.entry, found))
    except (msgspec.MsgspecError, ValueError) as error:
        return Failure(name, None, None, f"an entry cannot be read: {error}")
    for projection in projections.REGISTERED.values():
        if name.startswith(projection.prefix) and projections.differs(projection, chart):
            return Failure(name, head.seq, None, f"projection {projection.name} differs from its fold")
    return None


def _orphan(names: list[str]) -> Failure | None:
    """Rows whose stream has no entries are no fold's rows; entries without a head are nobody's."""
    for projection in projections.REGISTERED.values():
        manager = projection.model._default_manager
        extra = manager.exclude(stream__in=names).values_list("stream", flat=True).first()
        if extra is not None:
            return Failure(extra, None, None, f"projection {projection.name} has rows of no stream")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.stream, e.seq, e.id FROM record_storedentry e LEFT JOIN record_stream s ON s.name = e.stream"
            " WHERE s.name IS NULL OR s.last_seq = 0 ORDER BY e.stream, e.seq LIMIT 1"
        )
        row = cursor.fetchone()
    return Failure(row[0], row[1], row[2], "an entry of a stream without a head") if row else None


def rebuild() -> int:
    """Make every projection anew from the entries; answers the number of streams read."""
    names = rows.streams()
    with transaction.atomic():
        for projection in projections.REGISTERED.values():
            projection.model._default_manager.all().delete()
        for name in names:
            chart = Chart.of(name, map(rows.entry, rows.read(name)))
            for projection in projections.REGISTERED.values():
                if name.startswith(projection.prefix):
                    projections.project(projection, chart)
        ProjectionVersion.objects.all().delete()
        ProjectionVersion.objects.bulk_create(
            ProjectionVersion(name=p.name, version=p.version) for p in projections.REGISTERED.values()
        )
    return len(names)


def outdated() -> list[str]:
    """The projections whose tables were built by another version of their function."""
    have = dict(ProjectionVersion.objects.values_list("name", "version"))
    return [p.name for p in projections.REGISTERED.values() if have.get(p.name) != p.version]
