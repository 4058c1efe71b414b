"""Due items of the work-up: one a test, with its own owner, due again when it will be out of date (pure).

A row of the worklist is a function of the chart and of the numbers that the clinic laid over the tables: it reminds
by those the page judges by.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import intake, longterm, workup
from lowtide.data.policies import in_force
from lowtide.data.schedules import Rule
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.facts import Requested
from lowtide.pathway.evaluate.workup.state import Line, State, lines
from lowtide.people.roles import P
from lowtide.record.chart import Chart

ZONE = ZoneInfo("UTC")
RANK = 92


class _Stage(msgspec.Struct, frozen=True):
    """Until when the work-up has to be whole: before the next session, or while candidacy is open."""

    due_at: datetime
    session_ahead: bool


def of_workup(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """What is missing or will be out of date before the next session or, until one is planned, for the decision."""
    stage = _stage(state)
    if stage is None:
        return
    on = stage.due_at.date()
    facts = facts_from_chart(chart, on, ZONE)
    repeated = longterm.repeated() if state.given else ()
    for line in lines(facts, _requested(state), in_force(), on):
        if line.test.key in repeated:
            continue  # from the first dose on the long-term schedule asks for it
        if item := _item(line, stage):
            yield item


def _stage(state: CourseState) -> _Stage | None:
    if state.opened_at is None or state.phase is Phase.ENDED or state.is_refused:
        return None
    if state.next_session:
        return _Stage(state.next_session.planned_at, session_ahead=True)
    if state.phase is Phase.EVALUATION:
        return _Stage(state.opened_at + workup.baseline(), session_ahead=False)
    return None


def _requested(state: CourseState) -> Requested | None:
    if state.candidacy is None:
        return None
    body = state.candidacy[1]
    return Requested(body.indication, body.product, body.route)


def _item(line: Line, stage: _Stage) -> DueItem | None:
    times = _times(line, stage)
    if times is None:
        return None
    opens_at, due_at = times
    return DueItem(
        task=_task(line.test.key),
        rule=_rule(line.test.key),
        due_at=due_at,
        opens_at=opens_at,
        label=line.label[:1].upper() + line.label[1:],
        detail=_detail(line),
    )


def _times(line: Line, stage: _Stage) -> tuple[datetime | None, datetime] | None:
    """From when and until when. What is current then is asked for again only once it has run out."""
    if line.is_open:
        early = min(workup.lead(), timedelta(days=line.limit.days))
        can_wait = stage.session_ahead and (line.state is State.OLD or line.limit.days <= early.days)
        return (stage.due_at - early if can_wait else None), stage.due_at
    if line.state is State.DONE and line.until and not stage.session_ahead:
        again = datetime.combine(line.until + timedelta(days=1), time(), UTC)
        return again, again
    return None


def _detail(line: Line) -> str:
    if line.until is None:
        return f"Not done yet: {line.test.because}."
    return f"The last one counts until {_day(line.until)}: {line.test.because}."


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"


def _rule(key: str) -> Rule:
    test = workup.tests()[key]
    return workup.due_rule(test, intake.items()[test.item].label)


@cache
def _task(key: str) -> Task:
    """A kind of due item for each test, so that each is known by its own name."""
    return Task(
        f"workup_{key}", "Complete the work-up", RANK, Group.WORKUP, P.WRITE_HISTORY, "evaluate:workup"
    )
