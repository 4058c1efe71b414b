"""What every page of a chart must show whatever else happens: answers that somebody has to act on, and how far each
step of the pathway has come (pure)."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import lru_cache
from uuid import UUID

import msgspec

from lowtide.data.instruments import Instrument, instrument
from lowtide.data.vocabulary import label
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.course.raised import raised_entries
from lowtide.pathway.course.scores import risk_items
from lowtide.pathway.course.state import fold
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.care import (
    Answers,
    CandidacyDecided,
    CourseEnded,
    CoursePlanned,
    NextSessionDecided,
    OrderSigned,
    RiskReviewed,
)
from lowtide.record.entries.chair import SessionSigned
from lowtide.record.entries.history import HistoryItem, HistoryTaken
from lowtide.record.entries.words import day
from lowtide.science.instruments.answers import readable
from lowtide.science.instruments.score import urgent
from lowtide.science.units import plain


class OpenRisk(msgspec.Struct, frozen=True, kw_only=True):
    """Answers that raise an urgent flag and that nobody has closed.

    `form` is the first entry of the form, `answers` the version that raised it most; `at` is when it was answered.
    """

    form: UUID
    answers: UUID
    stream: str
    at: datetime
    instrument: str
    text: str


def open_risks(chart: Chart) -> tuple[OpenRisk, ...]:
    """Every form that raises an urgent flag and waits for a person, the latest last.

    Finished or not, corrected back or retracted afterwards: what was answered once stays raised until a step closes
    it. A closing step closes the form it names and every earlier one; a higher answer recorded later opens it again.
    """
    return tuple(risk for risk, closed in raised_forms(chart) if not closed)


def raised_forms(chart: Chart) -> tuple[tuple[OpenRisk, bool], ...]:
    """Every form that ever raised an urgent flag, the latest last, and whether it was closed since."""
    found = sorted(
        [*_raised(chart), *raised_at_the_chair(chart)], key=lambda pair: (pair[0].at, pair[0].form)
    )
    last_closed = max((n for n, (_, closed) in enumerate(found) if closed), default=-1)
    return tuple((risk, n <= last_closed) for n, (risk, _) in enumerate(found))


def _raised(chart: Chart) -> Iterator[tuple[OpenRisk, bool]]:
    """Each raised form, and whether a step closed it."""
    steps = [(entry, body) for entry, body in chart.said(RiskReviewed) if body.closed]
    for form in {chart.line(e.id)[0].id for e in chart.entries.values() if isinstance(e.body, Answers)}:
        line = chart.line(form)
        weighed = [(_said(e.body), e) for e in line if isinstance(e.body, Answers)]
        said, worst = max(weighed, key=lambda pair: pair[0].severity)
        if said.severity:
            ids = {e.id for e in line}
            closed = any(b.answers in ids and e.recorded_at >= worst.recorded_at for e, b in steps)
            yield (
                OpenRisk(
                    form=form,
                    answers=worst.id,
                    stream=worst.stream,
                    at=worst.at,
                    instrument=said.instrument,
                    text=said.text,
                ),
                closed,
            )


def raised_at_the_chair(chart: Chart) -> Iterator[tuple[OpenRisk, bool]]:
    """What was answered or opened at the chair that calls for the same people, and whether a step closed it."""
    steps = [body.answers for _, body in chart.said(RiskReviewed) if body.closed]
    for entry, text in raised_entries(chart):
        form, ids = chart.line(entry.id)[0].id, {e.id for e in chart.line(entry.id)}
        yield (
            OpenRisk(
                form=form,
                answers=entry.id,
                stream=entry.stream,
                at=entry.at,
                instrument="At the chair",
                text=text,
            ),
            not ids.isdisjoint(steps),
        )


class _Said(msgspec.Struct, frozen=True):
    """What a set of answers raises: how much the items of its urgent flags add up to (0 for nothing), and in words."""

    severity: int
    instrument: str
    text: str


def _said(body: Answers) -> _Said:
    found = _weighed(body.instrument, tuple(body.items.items()))
    return found if found.severity else _unread(body, found)


def _unread(body: Answers, found: _Said) -> _Said:
    """An answer to a risk item that could not be read raises as one above the threshold would: unknown is not no."""
    known = _instrument(body.instrument) if body.unread else None
    items = [item for item in risk_items(known) if item in body.unread] if known else []
    if known is None or not items:
        return found
    which = f"item{'s' * (len(items) > 1)} {', '.join(items)}"
    return _Said(1, known.name, f"{which} could not be read: read the form itself and ask")


@lru_cache(maxsize=8192)
def _weighed(name: str, items: tuple[tuple[str, int], ...]) -> _Said:
    known = _instrument(name)
    flags = urgent(known, dict(items)) if known else ()
    if known is None or not flags:
        return _Said(0, name, "")
    asked = {i for flag in known.flags if flag.level == "urgent" for need in flag.needs for i in need.items}
    given = readable(known, dict(items)).values
    severity = max(1, sum(value for item, value in given.items() if item in asked))
    return _Said(severity, known.name, " ".join(flag.text for flag in flags))


def _instrument(name: str) -> Instrument | None:
    try:
        return instrument(name)
    except BadInput:
        return None


# -- the pathway ----------------------------------------------------------------------------------------------


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
    scored = [(e, b) for e, b in chart.said(Answers) if b.complete]
    if not scored:
        return False, "nothing scored"
    entry, body = scored[-1]
    known = _instrument(body.instrument)
    return True, f"{known.name if known else body.instrument}, {_day(entry.at, zone)}"


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
