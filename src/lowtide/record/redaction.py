"""The only removal: a redaction entry by two named people on a legal basis, and the body and salt go."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from django.db import connection, transaction

from lowtide.problems import bad
from lowtide.record import projections, rows, store
from lowtide.record.entries.base import Draft, Entry, Redacted, Source
from lowtide.record.entries.clinic import Redaction
from lowtide.record.guards import BODY

AFTER: list[Callable[[], object]] = []  # what else is to be done once a redaction is committed


class Known(msgspec.Struct, frozen=True):
    """That an entry was redacted, by which redaction entry: ids only."""

    entry: UUID
    redaction: UUID
    stream: str
    at: datetime


def redact(entry_id: UUID, *, by: str, second_person: str, legal_basis: str, reason: str) -> list[Entry]:
    """Remove the entry's whole line of corrections; answers the redaction entries.

    Raises BadInput when the entry is unknown, already redacted or a redaction itself, when the two people are
    one, or when no legal basis is given.
    """
    found = store.find(entry_id)
    if found is None:
        raise bad("there is no such entry", str(entry_id), "Copy the id from the chart.")
    if not legal_basis.strip() or not second_person.strip() or second_person == by:
        raise bad(
            "a redaction takes two people and a legal basis", "redact", "Name another person and the basis."
        )
    if found.redacts:
        raise bad("a redaction is never redacted", str(entry_id), "It holds nothing of what it removed.")
    with transaction.atomic():
        rows.lock([found.stream])
        line = [e for e in store.load(found.stream).line(entry_id) if not isinstance(e.body, Redacted)]
        if not line:
            raise bad("it was already redacted", str(entry_id), "Nothing more to do.")
        bodies = [Redaction(entry=e.id, second_person=second_person, legal_basis=legal_basis) for e in line]
        now = datetime.now(UTC)
        written = store.append(
            [Draft(stream=found.stream, by=by, at=now, reason=reason, body=body) for body in bodies]
        )
        _drop(found.stream, [e.id for e in line])
        for act in AFTER:
            transaction.on_commit(act)
    return written


def done() -> list[Known]:
    """Every redaction in this record, in the order of streams and seq."""
    return [Known(UUID(entry), UUID(own), stream, at) for entry, own, stream, at in rows.redactions()]


def redo(known: Iterable[Known]) -> list[Entry]:
    """Redact again what was redacted before, in a copy from before; answers the new redaction entries."""
    written: list[Entry] = []
    for one in known:
        found = store.find(one.entry)
        if found is None or isinstance(found.body, Redacted):
            continue
        draft = Draft(
            id=one.redaction,
            stream=found.stream,
            by="system:restore",
            source=Source.SYSTEM,
            at=datetime.now(UTC),
            reason=f"already redacted on {one.at:%Y-%m-%d}, before this copy was restored",
            body=Redaction(
                entry=one.entry,
                second_person="as it was first redacted",
                legal_basis="as it was first redacted",
            ),
        )
        with transaction.atomic():
            rows.lock([found.stream])
            written += store.append([draft])
            _drop(found.stream, [one.entry])
    return written


def scrub() -> bool:
    """Clear what the engine still holds of removed rows; False while a reader keeps it from doing so."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, *_) = cursor.fetchone()
            return not busy
        for table in (BODY, *(p.model._meta.db_table for p in projections.REGISTERED.values())):
            cursor.execute(f"VACUUM {connection.ops.quote_name(table)}")
    return True


def _drop(stream: str, ids: list[UUID]) -> None:
    """Remove bodies that a redaction entry names, and whatever was derived from them."""
    rows.drop_bodies(ids)
    store.forget()
    chart = store.load(stream)
    for projection in projections.REGISTERED.values():
        if stream.startswith(projection.prefix):
            projections.project(projection, chart)
    store.forget()
