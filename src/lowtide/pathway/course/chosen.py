"""How the day of a session differs from the one that a clinician chose for it, and from the windows that stood beside the
choice (pure)."""

from datetime import datetime, tzinfo
from uuid import UUID

import msgspec

from lowtide.data import schedules
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState, Decision
from lowtide.pathway.course.words import day, window
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import NextSessionDecided
from lowtide.record.entries.chair import SessionScheduled

Opens = tuple[datetime, datetime | None]


class Outside(msgspec.Struct, frozen=True):
    """A window that held the chosen day and does not hold this one. `clinical`: it rests on the person's scores."""

    name: str
    window: Opens
    clinical: bool


class Departure(msgspec.Struct, frozen=True):
    """A day other than the chosen one, by more than is allowed or out of a window."""

    chosen: datetime
    at: datetime
    days: int
    outside: tuple[Outside, ...]

    def words(self, zone: tzinfo, *, clinical: bool = True) -> str:
        """What differs; who may not read the chart is told of no window that was made from scores."""
        return "; ".join((self.apart(zone), *_outside_words(self.outside, zone, clinical)))

    def apart(self, zone: tzinfo) -> str:
        count = abs(self.days)
        way = "later" if self.days > 0 else "earlier"
        told = f"{day(self.at, zone)} is {count} day{'' if count == 1 else 's'} {way}"
        return f"{told} than {day(self.chosen, zone)}, which was chosen"


def _outside_words(found: tuple[Outside, ...], zone: tzinfo, clinical: bool) -> tuple[str, ...]:
    told = tuple(
        f"it lies outside {one.name} ({_span(one.window, zone)})"
        for one in found
        if clinical or not one.clinical
    )
    hidden = len(found) - len(told)
    return (*told, "it lies outside the days that were foreseen") if hidden else told


def _span(opens: Opens, zone: tzinfo) -> str:
    start, end = opens
    return window((start, end), zone) if end else f"from {day(start, zone)} on"


def chosen_for(state: CourseState, session: UUID) -> Decision | None:
    """The choice of a date that stands for this session: the one made since the last dose, for the session that comes
    next."""
    found, ahead = state.standing_decision, state.next_session
    if found is None or found.body.planned_at is None or ahead is None or ahead.id != session:
        return None
    return found


def departure(chosen: NextSessionDecided, at: datetime, zone: tzinfo) -> Departure | None:
    """How a day differs from the chosen one; None where that needs no reason. Days are the calendar's in `zone`."""
    if chosen.planned_at is None:
        return None
    days = (at.astimezone(zone).date() - chosen.planned_at.astimezone(zone).date()).days
    if days == 0:
        return None
    outside = tuple(
        one
        for one in _windows(chosen)
        if _holds(one.window, chosen.planned_at, zone) and not _holds(one.window, at, zone)
    )
    if not outside and abs(days) <= schedules.thresholds()["chosen_slack_days"].value:
        return None
    return Departure(chosen.planned_at, at, days, outside)


def _windows(chosen: NextSessionDecided) -> tuple[Outside, ...]:
    """What stood beside the choice: the protocol's window and the predicted one."""
    found = []
    if chosen.proposed_from:
        found.append(Outside("the protocol’s window", (chosen.proposed_from, chosen.proposed_to), False))
    if chosen.fade and chosen.fade.opens_at:
        found.append(Outside("the predicted window", (chosen.fade.opens_at, chosen.fade.closes_at), True))
    return tuple(found)


def _holds(opens: Opens, at: datetime, zone: tzinfo) -> bool:
    start, end = opens
    on = at.astimezone(zone).date()
    return start.astimezone(zone).date() <= on and (end is None or on <= end.astimezone(zone).date())


class Departed(msgspec.Struct, frozen=True):
    """A booked session that stands on another day than was chosen: by whom, and why as far as that was said."""

    session: Session
    decision: Decision
    how: Departure
    booked: Entry
    why: str


def departed(chart: Chart, state: CourseState, zone: tzinfo) -> Departed | None:
    """The next session, where it is booked for a day that departs from the choice that stands for it."""
    ahead = state.next_session
    decision = chosen_for(state, ahead.id) if ahead and ahead.booked else None
    how = departure(decision.body, ahead.planned_at, zone) if ahead and decision else None
    said = [(e, b) for e, b in chart.said(SessionScheduled) if ahead and e.session == ahead.id]
    if ahead is None or decision is None or how is None or not said:
        return None
    entry, body = said[-1]
    return Departed(ahead, decision, how, entry, body.departs_because or entry.reason or "")
