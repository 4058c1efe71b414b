"""How far each step of the pathway has come, as every page of a chart shows it (pure)."""

from datetime import datetime, tzinfo

import msgspec

from lowtide.data.vocabulary import label
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.course.raised_forms import known
from lowtide.pathway.course.state import fold
from lowtide.record.chart import Chart
from lowtide.record.entries.care import (
    Answers,
    CandidacyDecided,
    CourseEnded,
    CoursePlanned,
    NextSessionDecided,
    OrderSigned,
)
from lowtide.record.entries.chair import SessionSigned
from lowtide.record.entries.history import HistoryItem, HistoryTaken
from lowtide.record.entries.words import day
from lowtide.science.units import plain


class Stop(msgspec.Struct, frozen=True):
    """One step of the pathway: its page, whether it was reached, and its state in a few words."""

    step: str
    label: str
    page: str
    reached: bool
    state: str


def stops(chart: Chart, zone: tzinfo) -> tuple[Stop, ...]:
    """The steps in order; days are told in `zone`."""
    return (
        Stop("history", "History", "evaluate:intake", *_history(chart, zone)),
        Stop("evaluate", "Evaluate", "evaluate:evaluate", *_evaluated(chart, zone)),
        Stop("plan", "Plan", "plan:plan", *_planned(chart)),
        Stop("session", "Session", "session:sessions", *_treated(chart, zone)),
        Stop("outcomes", "Outcomes", "outcomes:outcomes", *_measured(chart, zone)),
        Stop("maintenance", "Maintain", "maintenance:maintenance", *_maintained(chart, zone)),
    )


Reached = tuple[bool, str]


def _history(chart: Chart, zone: tzinfo) -> Reached:
    if taken := chart.last(HistoryTaken):
        return True, f"taken {_day(taken[0].at, zone)}"
    return False, "begun" if chart.said(HistoryItem) else "not taken"


def _evaluated(chart: Chart, zone: tzinfo) -> Reached:
    decided = chart.last(CandidacyDecided)
    if not decided:
        return False, "not decided"
    return True, f"{decided[1].decision.replace('_', ' ')}, {_day(decided[0].at, zone)}"


def _planned(chart: Chart) -> Reached:
    planned = chart.last(CoursePlanned)
    if not planned:
        return False, "no course"
    ordered = [b for _, b in chart.said(OrderSigned) if b.course == planned[1].course]
    dose = f"{plain(ordered[-1].dose_mg)} mg {label('route', ordered[-1].route)}" if ordered else "no order"
    return True, f"{planned[1].protocol}, {dose}"


def _treated(chart: Chart, zone: tzinfo) -> Reached:
    started, signed = list(first_doses(chart).values()), len(chart.said(SessionSigned))
    if not started:
        return False, "none given"
    return True, f"{len(started)} given, {signed} signed, {_day(started[-1].at, zone)}"


def _measured(chart: Chart, zone: tzinfo) -> Reached:
    answered = chart.said(Answers)
    if not any(body.complete for _, body in answered):
        return False, "nothing scored"
    entry, body = answered[-1]
    one = known(body.instrument)
    unfinished = "" if body.complete else ", not finished"
    return True, f"{one.name if one else body.instrument}, {_day(entry.at, zone)}{unfinished}"


def _maintained(chart: Chart, zone: tzinfo) -> Reached:
    if ended := chart.last(CourseEnded):
        return True, f"ended {_day(ended[0].at, zone)}"
    chosen = chart.last(NextSessionDecided)
    if not chosen:
        return False, "not yet"
    state = fold(chart)
    if state.next_session:
        return True, f"next {_day(state.next_session.planned_at, zone)}"
    standing = state.standing_decision
    if standing and standing.body.planned_at is None:
        return True, standing.body.choice.replace("_", " ")
    return True, "next: not decided"


def _day(at: datetime, zone: tzinfo) -> str:
    return day(at.astimezone(zone).date().isoformat())
