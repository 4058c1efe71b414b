"""Chairs at which nobody answered a reminder in time: a second person is named there, and on everybody's day."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.urls import reverse

from lowtide.data import monitoring
from lowtide.pathway.session.models import Session
from lowtide.pathway.session.projections import sitting
from lowtide.pathway.session.shown.tiles import Sitting, asked
from lowtide.people.clinic import chairs
from lowtide.people.models import PatientIndex
from lowtide.people.who import Person, names_of


class Call(msgspec.Struct, frozen=True):
    """A second person is asked for. `who` is named, or nobody; `found` and `action` are clinical.

    `minutes` since somebody was first asked.
    """

    stream: str
    chair: str
    initials: str
    level: str
    found: str
    action: str
    minutes: int
    who: str
    is_me: bool
    url: str


def called(person: Person, now: datetime) -> list[Call]:
    """One call a chair, of several reminders the gravest; the longest waiting first."""
    rows = [row for row in Session.objects.filter(open=True) if row.reminders]
    if not rows:
        return []
    known = {p.stream: p for p in PatientIndex.objects.filter(stream__in=[row.stream for row in rows])}
    names = names_of({each[-1] for row in rows for each in row.reminders} - {""})
    labels = {chair.chair: chair.label for _, chair in chairs()}
    sittings = (sitting(row, _initials(known.get(row.stream)), "") for row in rows)
    found = [call for each in sittings if (call := _call(each, labels, names, person, now))]
    return sorted(found, key=lambda call: -call.minutes)


def _initials(patient: PatientIndex | None) -> str:
    return f"{patient.given[:1]}. {patient.family[:1]}." if patient else ""


def _call(
    sitting: Sitting, labels: Mapping[str, str], names: Mapping[str, str], person: Person, now: datetime
) -> Call | None:
    late = [r for r in asked(sitting, now) if r.second_at and r.second_at <= now]
    if not late:
        return None
    first, rule = late[0], monitoring.items().get(late[0].rule)
    return Call(
        stream=f"chart:{sitting.patient}",
        chair=labels.get(sitting.chair, sitting.chair),
        initials=sitting.initials,
        level=first.level,
        found=first.found,
        action=rule.action if rule else "",
        minutes=int((now - first.asks_at).total_seconds() // 60),
        who=names.get(first.second, ""),
        is_me=first.second == person.by,
        url=reverse("session:session", args=[sitting.patient, sitting.session]),
    )
