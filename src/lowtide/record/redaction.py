"""The only removal: a redaction entry by two named people on a legal basis, and the body and salt go."""

from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from lowtide.problems import bad
from lowtide.record import projections, rows, store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry, Redacted
from lowtide.record.entries.clinic import Redaction


def redact(entry_id: UUID, *, by: str, second_person: str, legal_basis: str, reason: str) -> list[Entry]:
    """Remove the entry's whole line of corrections; answers the redaction entries.

    Raises BadInput when the entry is unknown or already redacted, when the two people are one, or when no legal
    basis is given.
    """
    found = store.find(entry_id)
    if found is None:
        raise bad("there is no such entry", str(entry_id), "Copy the id from the chart.")
    if not legal_basis.strip() or not second_person.strip() or second_person == by:
        raise bad(
            "a redaction takes two people and a legal basis", "redact", "Name another person and the basis."
        )
    with transaction.atomic():
        rows.lock([found.stream])
        line = [e for e in store.load(found.stream).line(entry_id) if not isinstance(e.body, Redacted)]
        if not line:
            raise bad("it was already redacted", str(entry_id), "Nothing more to do.")
        now = datetime.now(UTC)
        drafts = [
            Draft(
                stream=found.stream,
                by=by,
                at=now,
                reason=reason,
                body=Redaction(entry=e.id, second_person=second_person, legal_basis=legal_basis),
            )
            for e in line
        ]
        written = store.append(drafts)
        drop(found.stream, [e.id for e in line])
    return written


def drop(stream: str, ids: list[UUID]) -> None:
    """Remove bodies that a redaction entry names, and whatever was derived from them."""
    rows.drop_bodies(ids)
    chart = Chart.of(stream, rows.entries(stream))
    for projection in projections.REGISTERED.values():
        if stream.startswith(projection.prefix):
            projections.project(projection, chart)
    store.forget()
