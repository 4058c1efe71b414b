"""The front desk's list: whom no reminder reaches and why, and who was reminded. Read from the tables alone."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db.models import Q

from lowtide.data.schedules import rules
from lowtide.pathway.course.models import DueRow, SessionRow
from lowtide.pathway.course.notices import Notice
from lowtide.pathway.course.sessions import Status
from lowtide.people.models import PatientIndex
from lowtide.people.who import Person
from lowtide.portal.models import ReminderRow
from lowtide.portal.reminders.deciding import tasks
from lowtide.portal.reminders.sending import opened

AHEAD, BACK, SHOWN = timedelta(days=7), timedelta(days=14), 60
NO_ADDRESS, NO_PLACE, OFF = "no e-mail address", "their own place is not open", "reminders are switched off"


class Unreached(msgspec.Struct, frozen=True):
    """Somebody with a visit within a week, with questions that wait or with an address that took no mail, whom none reaches."""

    who: PatientIndex
    why: str
    visit_at: datetime | None
    asks: bool
    address: str = ""


def notice(person: Person) -> Notice | None:
    """To those whose task it is: some addresses took no mail."""
    if rules()["reminder_address"].owner not in person.roles:
        return None
    count = ReminderRow.objects.filter(on=True).exclude(not_taken="").count()
    if not count:
        return None
    text = (
        f"{count} e-mail address{'es' if count > 1 else ''} took no reminder. Tell the patient by telephone."
    )
    return Notice("Reminders that failed", text, "Reminders", "portal_reminders:list")


def unreached(now: datetime) -> list[Unreached]:
    """The next visit first; then those whose questions wait."""
    visits = _visits(now)
    asking = _asking(now)
    rows = {r.stream: r for r in ReminderRow.objects.filter(Q(on=False) | ~Q(not_taken=""))}
    places = {f"chart:{patient}" for patient in opened()}
    failed = {stream for stream, row in rows.items() if row.on}
    people = PatientIndex.objects.filter(stream__in={*visits, *asking, *failed}, deceased=False)
    found = list(_each(people, visits, asking, rows, places))
    never = now + AHEAD * 2
    return sorted(found, key=lambda one: (one.visit_at or never, one.who.family, one.who.given))


def _each(
    people: Iterable[PatientIndex],
    visits: dict[str, datetime],
    asking: set[str],
    rows: dict[str, ReminderRow],
    places: set[str],
) -> Iterator[Unreached]:
    for who in people:
        row = rows.get(who.stream)
        if why := _why(who, row, places):
            bad = row.not_taken if row else ""
            yield Unreached(who, why, visits.get(who.stream), who.stream in asking, bad)


def _why(who: PatientIndex, row: ReminderRow | None, places: set[str]) -> str:
    if row and not row.on:
        return OFF
    if not who.email:
        return NO_ADDRESS
    if row and row.not_taken:
        return "the address took no mail"
    return "" if who.stream in places else NO_PLACE


def _visits(now: datetime) -> dict[str, datetime]:
    ahead = SessionRow.objects.filter(at__gte=now, at__lt=now + AHEAD, status=Status.PLANNED).order_by("-at")
    return dict(ahead.values_list("stream", "at"))


def _asking(now: datetime) -> set[str]:
    open_ = Q(opens_at__isnull=True) | Q(opens_at__lte=now)
    rows = DueRow.objects.filter(open_, task__in=tasks())
    return set(rows.values_list("stream", flat=True))


def lately(now: datetime) -> tuple[list[tuple[ReminderRow, PatientIndex]], int]:
    """The last reminder of each who had one within two weeks, the newest first; and how many there are in all."""
    rows = ReminderRow.objects.filter(last_at__gte=now - BACK).order_by("-last_at", "key")
    shown = list(rows[:SHOWN])
    people = {p.stream: p for p in PatientIndex.objects.filter(stream__in=[r.stream for r in shown])}
    return [(row, people[row.stream]) for row in shown if row.stream in people], rows.count()


def counts(found: list[Unreached]) -> dict[str, Any]:
    """How many for each reason, the most first."""
    reasons = [one.why for one in found]
    return dict(
        sorted(((why, reasons.count(why)) for why in set(reasons)), key=lambda pair: (-pair[1], pair[0]))
    )
