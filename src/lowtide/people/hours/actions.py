"""The verbs on the clinic's hours: set the week, add closed days, take them back."""

from datetime import datetime
from uuid import UUID

from lowtide.people.clinic import CLINIC
from lowtide.people.retry import append
from lowtide.people.who import Person
from lowtide.problems import bad
from lowtide.record import store
from lowtide.record.entries.base import Body, Draft, Entry
from lowtide.record.entries.clinic import ClosedDays, EnteredInError, NursesSet, OpeningHours


def set_hours(person: Person, entry_id: UUID, hours: OpeningHours, *, now: datetime) -> Entry:
    """The weekly hours from now on. Sessions that are booked stay where they are."""
    if not hours.spans:
        raise bad("the clinic would never be open", "spans", "Enter the hours of at least one day.")
    return _say(person, entry_id, hours, now)


def set_nurses(person: Person, entry_id: UUID, nurses: NursesSet, *, now: datetime) -> Entry:
    """Who watches chairs from now on. Sessions that are booked stay where they are."""
    return _say(person, entry_id, nurses, now)


def close(person: Person, entry_id: UUID, days: ClosedDays, *, now: datetime) -> Entry:
    return _say(person, entry_id, days, now)


def open_again(person: Person, entry_id: UUID, closed: UUID, *, now: datetime) -> Entry:
    """Take closed days back, by their entry."""
    stored = store.find(closed)
    if stored is None or not isinstance(stored.body, ClosedDays):
        raise bad("these days are not closed", "closed", "Load the page again.")
    return _say(person, entry_id, EnteredInError(), now, corrects=closed, reason="open after all")


def _say(
    person: Person,
    entry_id: UUID,
    body: Body,
    now: datetime,
    corrects: UUID | None = None,
    reason: str | None = None,
) -> Entry:
    draft = Draft(
        id=entry_id, stream=CLINIC, body=body, by=person.by, at=now, corrects=corrects, reason=reason
    )
    return append([draft], now=now)[0]
