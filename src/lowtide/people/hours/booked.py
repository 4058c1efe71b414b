"""Who is booked on days on which the clinic is closed: they have to be moved, and nobody tells them by itself."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.urls import reverse

from lowtide.people.clinic import CALENDAR
from lowtide.people.models import PatientIndex
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.entries.clinic import Booked, ClosedDays
from lowtide.record.entries.words import moment


class Standing(msgspec.Struct, frozen=True):
    """One booking on a closed day: its days, whose it is, and when."""

    patient: str
    session: UUID
    at: datetime
    chair: str


def booked(days: Iterable[ClosedDays], zone: ZoneInfo, now: datetime) -> list[Standing]:
    """What is still to come on any of these days, the earliest first."""
    spans = [(one.first, one.last) for one in days]
    if not spans:
        return []
    found = [
        Standing(body.chart.removeprefix("chart:"), body.session_id, body.starts_at, body.chair)
        for _, body in store.load(CALENDAR).said(Booked)
        if body.starts_at > now and _within(body.starts_at.astimezone(zone).date(), spans)
    ]
    return sorted(found, key=lambda one: one.at)


def _within(day: date, spans: list[tuple[date, date]]) -> bool:
    return any(first <= day <= last for first, last in spans)


def rows(found: list[Standing], person: Person, zone: ZoneInfo) -> list[dict[str, Any]]:
    """As the page shows them: names only to who may find patients, the way to move them only to who books."""
    names = _names(found) if person.can(Permission.FIND_PATIENT) else {}
    moves = person.can(Permission.BOOK)
    return [
        {
            "session": str(one.session),
            "when": moment(one.at, zone),
            "chair": one.chair,
            "name": names[one.patient].name if one.patient in names else "a patient",
            "phone": names[one.patient].phone if one.patient in names else "",
            "move": reverse("session:book", args=[one.patient, one.session]) if moves else "",
        }
        for one in found
    ]


class _Name(msgspec.Struct, frozen=True):
    name: str
    phone: str


def _names(found: list[Standing]) -> dict[str, _Name]:
    streams = {f"chart:{one.patient}" for one in found}
    return {
        row.patient_id: _Name(f"{row.given} {row.family}".strip(), row.phone)
        for row in PatientIndex.objects.filter(stream__in=streams)
    }
