"""Booking while long-term safety holds the next session back: refused, with the reason for those who read charts."""

from collections.abc import Sequence
from datetime import datetime

from lowtide.pathway.safety.longterm.gate import Hold, at_booking
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import refuse
from lowtide.record.chart import Chart

ASK = "Ask the nurse or the prescriber: they see which, and it can be booked once it is done."


def words(found: Sequence[Hold], person: Person) -> tuple[str, str]:
    """What holds a booking and what to do about it, as this person may read it."""
    if not person.can(Permission.SEE_CHART):
        why = "; ".join(dict.fromkeys(one.desk for one in found))
        return f"the next session cannot be booked yet: {why}", ASK
    mends = tuple(dict.fromkeys(one.mend for one in found))
    return f"the next session is held: {'; '.join(one.what for one in found)}", " ".join(mends)


def held(chart: Chart, now: datetime) -> tuple[Hold, ...]:
    """What keeps a new date from being booked, by the policy in force."""
    return tuple(one for one in at_booking(chart, now) if one.blocks)


def marked(chart: Chart, now: datetime) -> tuple[Hold, ...]:
    """What a new date is only marked with."""
    return tuple(one for one in at_booking(chart, now) if not one.blocks)


def refuse_while_held(chart: Chart, now: datetime, person: Person) -> None:
    """Refuse a date that would be booked although the next session is held."""
    if found := held(chart, now):
        what, mend = words(found, person)
        raise refuse(what, "planned_at", mend)
