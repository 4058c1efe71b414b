"""The next visit as a patient reads it: when, where, how to prepare, by the clock."""

from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from lowtide.data import portal
from lowtide.data.chair import numbers
from lowtide.pathway.course.escorts import escort
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.session.actions.booking import duration
from lowtide.people.own_place import clock, full_day
from lowtide.record.chart import Chart


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """`is_booked` False: the day is planned, the clinic has not confirmed it yet."""

    session: UUID
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
        session=session.id,
        at=session.planned_at,
        arrives_at=session.planned_at - timedelta(minutes=int(numbers().prepare_min)),
        until=session.planned_at + duration(chart, session.course),
        is_booked=session.booked,
        route=route_of(state) or "iv",
        escort=escort(chart, session.id),
    )


def route_of(state: CourseState) -> str:
    """By which way the course gives; empty where none says it."""
    found = protocol_of(state.course) if state.course else None
    return (found.route if found else None) or ""


def ways() -> dict[str, str]:
    """Each way in as a patient says it."""
    return {
        "iv": _("by drip into a vein"),
        "in": _("as a nose spray"),
        "im": _("by needle into a muscle"),
        "sc": _("by needle under the skin"),
        "po": _("to swallow"),
        "sl": _("under the tongue"),
    }


def steps(visit: Visit, zone: tzinfo) -> list[dict[str, Any]]:
    """What to do before, at and after the visit, in order, each with its clock time or its day."""
    rows: list[dict[str, Any]] = [
        {"place": s.place, "clock": _when(s, visit, zone), "text": _(s.text), "small": s.small and _(s.small)}
        for s in portal.steps(visit.route)
    ]
    arrival = (visit.arrives_at - visit.at) / timedelta(minutes=1)
    stay = _("then with us until %(time)s") % {"time": clock(visit.until, zone)}
    come = {
        "place": arrival,
        "clock": clock(visit.arrives_at, zone),
        "text": _("Come to the clinic"),
        "here": True,
    }
    how = _("Treatment, %(how)s") % {"how": ways().get(visit.route, visit.route)}
    rows += [come, {"place": 0, "clock": clock(visit.at, zone), "text": how, "small": stay}]
    return sorted(rows, key=lambda row: (row["place"], not row.get("here", False)))


def _when(step: portal.Step, visit: Visit, zone: tzinfo) -> str:
    if step.at_min is not None:
        return clock(visit.at + timedelta(minutes=step.at_min), zone)
    shifts = {"day before": -1, "next day": 1}
    if step.when in shifts:
        return full_day(visit.at + timedelta(days=shifts[step.when]), zone).split()[0].rstrip(",")[:3]
    return _(step.when)
