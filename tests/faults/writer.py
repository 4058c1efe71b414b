"""A process that writes: `python -m tests.faults.writer WHAT STREAM COUNT`. It says each id once it is acknowledged."""

import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from lowtide.site.setup import ready

ready(migrate=False)

from lowtide.problems import Refused  # noqa: E402
from lowtide.record import store  # noqa: E402
from lowtide.record.entries.base import Body, Draft  # noqa: E402
from lowtide.record.entries.chair import Note, Vitals  # noqa: E402
from lowtide.record.entries.clinic import Booked  # noqa: E402

CHAIR_FROM = datetime(2026, 3, 4, 9, tzinfo=UTC)


def draft(body: Body, stream: str, entry_id: UUID | None = None) -> Draft:
    return Draft(id=entry_id or uuid4(), stream=stream, body=body, by="staff:test", at=datetime.now(UTC))


def notes(stream: str, number: int) -> list[Draft]:
    """One statement in two places: a note in the chart and one in the clinic's stream."""
    return [draft(Note(text=f"note {number}"), stream), draft(Note(text=f"note {number}"), "clinic:main")]


def vitals(stream: str, number: int) -> list[Draft]:
    return [draft(Vitals(sbp_mmhg=120 + number % 40, dbp_mmhg=80), stream)]


def booking(stream: str, number: int) -> list[Draft]:
    start = CHAIR_FROM + timedelta(hours=number)
    body = Booked(
        chart="chart:a", session_id=uuid4(), chair="1", starts_at=start, ends_at=start + timedelta(hours=2)
    )
    return [draft(body, stream)]


def no_overlap(charts: store.Charts, wanted: Booked) -> None:
    """A chair is taken once: what the guard of a real booking asks."""
    for _, taken in charts["calendar:main"].said(Booked):
        if wanted.starts_at < taken.ends_at and taken.starts_at < wanted.ends_at:
            raise Refused


def book(stream: str, number: int) -> list[UUID]:
    (wanted,) = booking(stream, number)
    return [e.id for e in store.append([wanted], lambda charts: no_overlap(charts, wanted.body))]  # type: ignore[arg-type]


def append(what: str, stream: str, number: int) -> list[UUID]:
    if what == "bookings":
        return book(stream, number)
    drafts = notes(stream, number) if what == "notes" else vitals(stream, number)
    return [e.id for e in store.append(drafts)]


def main(what: str, stream: str, count: str) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(count)):
        try:
            print(*append(what, stream, number), flush=True)
        except Refused:
            print("refused", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
