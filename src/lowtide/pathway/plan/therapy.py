"""Psychotherapy beside the doses: preparation before the first, integration after each, on days that can be (pure)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

import msgspec

from lowtide.data.opening import Therapy, defaults
from lowtide.pathway.course.placing import Length, Room, Wanted, place
from lowtide.problems import BadInput
from lowtide.record.entries.care import TherapyPlanned

NOON = time(12)


def beside(doses: Sequence[datetime], room: Room, now: datetime) -> tuple[TherapyPlanned, ...]:
    """In order of time. It needs no chair; a preparation that no longer fits before the first dose is left out."""
    found = [one for rule in defaults().therapy for one in _of(rule, doses, room, now)]
    return tuple(sorted(found, key=lambda one: one.planned_at))


def _of(rule: Therapy, doses: Sequence[datetime], room: Room, now: datetime) -> Iterator[TherapyPlanned]:
    if rule.before_first_days is not None:
        made = _one(rule, 1, doses[0] - timedelta(days=rule.before_first_days), room, now)
        if made and made.planned_at < doses[0]:
            yield made
    for number, dose in enumerate(doses if rule.after_each_days is not None else (), start=1):
        after = timedelta(days=rule.after_each_days or 0)
        if made := _one(rule, number, dose + after, room, dose):
            yield made


def _one(rule: Therapy, number: int, wanted: datetime, room: Room, since: datetime) -> TherapyPlanned | None:
    zone = room.opening.zone
    first = max(wanted, since).astimezone(zone).date()
    asked = Wanted(
        days=(first,),
        hour=NOON,
        apart=timedelta(0),
        length=Length(timedelta(0), timedelta(minutes=defaults().therapy_min)),
        not_before=since,
    )
    try:
        placed = place(asked, msgspec.structs.replace(room, chairs=(), taken=()))[0]
    except BadInput:
        return None
    return TherapyPlanned(rule.kind, number, placed.at, placed.moved or None)
