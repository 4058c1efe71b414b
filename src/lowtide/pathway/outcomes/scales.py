"""Which questionnaires and ratings a person's condition asks for, when each falls due, and the shortest valid set of
one visit (pure)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from lowtide.data import schedules
from lowtide.data.instruments import Instrument, instrument
from lowtide.data.schedules import Rule, Scale
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.people.roles import P
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.care import Answers, Total

ASKED = Task("scales", "Ask them", 95, Group.CLOCK, P.SCORE, "outcomes:scales")
RATED = Task("ratings", "Rate them", 96, Group.CLOCK, P.SCORE, "outcomes:scales")
DAY = timedelta(days=1)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """An instrument that is wanted: by which rule, until when, and about which period it asks (empty: the usual)."""

    instrument: Instrument
    rule: Rule
    due_at: datetime
    opens_at: datetime | None = None
    window: str = ""

    def is_open(self, now: datetime) -> bool:
        return self.opens_at is None or self.opens_at <= now


def of_scales(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """One item for all that the patient answers and one for all that staff rate: whoever asks, asks them in one go."""
    found = wanted(chart, state)
    for task, ours in (
        (ASKED, [w for w in found if w.instrument.is_self_rated]),
        (RATED, [w for w in found if not w.instrument.is_self_rated]),
    ):
        if ours:
            yield _together(task, ours)


def _together(task: Task, ours: list[Wanted]) -> DueItem:
    first = min(ours, key=lambda w: w.due_at)
    day = [w for w in ours if w.opens_at is None or w.opens_at <= first.due_at]
    names = ", ".join(w.instrument.name for w in day)
    return DueItem(
        task=task,
        rule=first.rule,
        due_at=first.due_at,
        opens_at=first.opens_at,
        label=names,
        title=f"{'Ask' if task is ASKED else 'Rate'}: {names}",
        detail=f"{first.rule.text}.",
    )


def wanted(chart: Chart, state: CourseState) -> tuple[Wanted, ...]:
    """What the condition asks for beside the course's own measure, the earliest due first: each scale once."""
    if state.opened_at is None or state.phase is Phase.ENDED or state.is_refused:
        return ()
    answered = last_answered(chart)
    found = (
        min(reasons, key=lambda w: w.due_at)
        for scale in schedules.scales(indication(state))
        if (reasons := list(_reasons(scale, state, answered)))
    )
    return tuple(sorted(found, key=lambda w: (w.due_at, w.instrument.id)))


def due_now(found: tuple[Wanted, ...], now: datetime, *, self_rated: bool) -> tuple[Wanted, ...]:
    """What is asked at this visit: open by now, one instrument of each kind, the shortest first so that a tired person
    who stops has given the most."""
    ours = [w for w in found if w.is_open(now) and w.instrument.is_self_rated is self_rated]
    once = {w.instrument.id: w for w in reversed(ours)}
    return tuple(sorted(once.values(), key=lambda w: (w.instrument.minutes, w.instrument.id)))


def indication(state: CourseState) -> str | None:
    """What is treated: of the course, else of a candidacy decided for it."""
    if state.course is not None:
        return state.course.indication
    return state.candidacy[1].indication if state.candidacy else None


def last_answered(chart: Chart) -> dict[str, datetime]:
    """When each instrument was last answered as a whole, by its id."""
    found: dict[str, datetime] = {}
    said = [
        *((e.at, b.instrument) for e, b in chart.said(Answers) if b.complete),
        *((e.at, b.instrument) for e, b in chart.said(Total)),
    ]
    for at, name in said:
        one = known(name)
        if one is not None:
            found[one.id] = max(at, found.get(one.id, at))
    return found


def known(name: str) -> Instrument | None:
    try:
        return instrument(name)
    except BadInput:
        return None


def _reasons(scale: Scale, state: CourseState, answered: dict[str, datetime]) -> Iterator[Wanted]:
    """Each reason to ask now or next; whoever answers one of the scale's instruments has answered all."""
    times = [answered[name] for name in scale.instruments if name in answered]
    last = max(times, default=None)
    asked = instrument(scale.instruments[0])
    for name in scale.when:
        found = _when(name, state, last)
        if found is not None:
            due_at, opens_at = found
            yield Wanted(
                instrument=asked,
                rule=schedules.rules()[name],
                due_at=due_at,
                opens_at=opens_at,
                window=scale.windows.get(name, ""),
            )


When = tuple[datetime, datetime | None]


def _when(name: str, state: CourseState, last: datetime | None) -> When | None:
    """(due, open from) of one rule; None where it asks for nothing at present."""
    span, occasion = schedules.rules()[name].span, schedules.occasion(name)
    if occasion == "before_course":
        return _before_course(state, last, span)
    if occasion == "before_session":
        return _before_session(state, last, span)
    if occasion == "after_session":
        return _after_session(state, last, span)
    if occasion == "after_induction":
        return _after_induction(state, last, span)
    return _every(state, last, span)


def _before_course(state: CourseState, last: datetime | None, span: timedelta) -> When | None:
    if state.given or last is not None or state.opened_at is None:
        return None
    since = state.candidacy[0] if state.candidacy else state.opened_at
    due_at = since + span
    return (min(due_at, state.next_session.planned_at) if state.next_session else due_at), since


def _before_session(state: CourseState, last: datetime | None, span: timedelta) -> When | None:
    if state.next_session is None:
        return None
    at = state.next_session.planned_at
    return None if last is not None and last >= at - span else (at, at - span)


def _after_session(state: CourseState, last: datetime | None, span: timedelta) -> When | None:
    if not state.given:
        return None
    session = state.given[-1]
    ended = session.ended_at or session.at
    return None if last is not None and last >= ended else (session.at + span, ended)


def _after_induction(state: CourseState, last: datetime | None, span: timedelta) -> When | None:
    """Once, when every planned induction was held: its last session is the one before the first beyond it."""
    if state.phase is not Phase.MAINTENANCE or not state.has_induction:
        return None
    induced = [s for s in state.given if s not in state.since_induction]
    if not induced:
        return None
    ended = induced[-1].ended_at or induced[-1].at
    return None if last is not None and last >= ended else (ended + span, ended)


def _every(state: CourseState, last: datetime | None, span: timedelta) -> When | None:
    if not state.given:
        return None
    first = state.given[0].ended_at or state.given[0].at
    due_at = (max(last, first) if last else first) + span
    return due_at, due_at - DAY
