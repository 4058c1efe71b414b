"""The next visit as a patient reads it: when, where, how to prepare, by the clock (pure)."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

import msgspec

from lowtide.data import portal
from lowtide.data.chair import numbers
from lowtide.data.vocabulary import words as vocabulary
from lowtide.pathway.course import words
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.session.actions.booking import duration
from lowtide.record.chart import Chart
from lowtide.record.entries.chair import SessionScheduled


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """`is_booked` False: the day is planned, the clinic has not confirmed it yet."""

    at: datetime
    arrives_at: datetime
    until: datetime
    is_booked: bool
    route: str
    escort: str


def next_visit(chart: Chart, state: CourseState) -> Visit | None:
    """The earliest session ahead; None when none is planned."""
    session = state.next_session
    if session is None or session.course is None:
        return None
    return Visit(
        at=session.planned_at,
        arrives_at=session.planned_at - timedelta(minutes=int(numbers().prepare_min)),
        until=session.planned_at + duration(chart, session.course),
        is_booked=session.booked,
        route=_route(state),
        escort=_escort(chart, session),
    )


def _route(state: CourseState) -> str:
    found = protocol_of(state.course) if state.course else None
    return (found.route if found else None) or "iv"


def _escort(chart: Chart, session: Session) -> str:
    said = [body for entry, body in chart.said(SessionScheduled) if entry.session == session.id]
    return (said[-1].escort if said else None) or ""


def steps(visit: Visit, zone: tzinfo) -> list[dict[str, Any]]:
    """What to do before, at and after the visit, in order, each with its clock time or its day."""
    rows = [
        {"place": s.place, "clock": _when(s, visit, zone), "text": s.text, "small": s.small}
        for s in portal.steps(visit.route)
    ]
    arrival = (visit.arrives_at - visit.at) / timedelta(minutes=1)
    how = vocabulary()["route"][visit.route].label if visit.route in vocabulary()["route"] else visit.route
    stay = words.clock(visit.until, zone)
    rows += [
        {
            "place": arrival,
            "clock": words.clock(visit.arrives_at, zone),
            "text": "Come to the clinic",
            "here": True,
        },
        {
            "place": 0,
            "clock": words.clock(visit.at, zone),
            "text": f"Treatment, {how}",
            "small": f"then with us until {stay}",
        },
    ]
    return sorted(rows, key=lambda row: (row["place"], not row.get("here", False)))


def _when(step: portal.Step, visit: Visit, zone: tzinfo) -> str:
    if step.at_min is not None:
        return words.clock(visit.at + timedelta(minutes=step.at_min), zone)
    shifts = {"day before": -1, "next day": 1}
    if step.when in shifts:
        return words.day(visit.at + timedelta(days=shifts[step.when]), zone).split()[0]
    return step.when
