"""Due items of long-term safety: each check with its owner, stops that wait for a prescriber, the yearly review (pure)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from lowtide.data import longterm, own, schedules
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.safety.longterm.schedule import Standing, standings
from lowtide.pathway.safety.longterm.stops import Open, open_stops, stop_name
from lowtide.people.roles import P
from lowtide.record.chart import Chart
from lowtide.record.entries.longterm import SafetyReviewed

RANK = 91
REVIEW = Task(
    "safety_review",
    "Review safety",
    76,
    Group.DECISION,
    P.DECIDE,
    "documents:safety_review",
    "note",
    "Yearly",
)


def of_longterm(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """While somebody is treated; what stops is asked for as long as nobody decided, treatment or not."""
    yield from (_stop(one) for one in open_stops(chart, state))
    if state.phase is Phase.ENDED or not state.given:
        return
    for one in standings(chart, state, own.laid().policy):
        if (
            not one.check.vital
        ):  # a pressure is measured before every dose: its row would turn with each reading
            yield _check(one, state)
    yield _yearly(chart, state)


def _check(one: Standing, state: CourseState) -> DueItem:
    label = one.check.label[:1].upper() + one.check.label[1:]
    last = f"Last {one.last.at.date():%-d %b %Y}" if one.last else "Never done"
    ahead = state.next_session
    return DueItem(
        task=_task(one.check.key),
        rule=longterm.due_rule(one.check),
        due_at=one.due_at,
        opens_at=one.opens_at,
        label=label,
        title=f"{label}: ask or test",
        detail=f"{last}; {one.first.text}: {one.check.because}.",
        window=(ahead.planned_at, ahead.planned_at) if ahead else None,
    )


@cache
def _task(key: str) -> Task:
    return Task(
        f"longterm_{key}",
        "Ask or test",
        RANK,
        Group.WORKUP,
        P.WRITE_HISTORY,
        "safety:long_term",
        "caution",
        "Overdue",
    )


@cache
def stop_task(key: str) -> Task:
    """Each stop by its own name, which of one for few eyes says nothing; its page decides on all that are open."""
    return Task(stop_name(key), "Decide", 7, Group.DECISION, P.DECIDE, "safety:stop_review", "stop", "Held")


def _stop(one: Open) -> DueItem:
    rule = schedules.rules()["stop_review"]
    return DueItem.after(
        stop_task(one.key),
        rule,
        one.since,
        f"{one.title}: next session held",
        one.text,
        title=f"Stop and review: {one.title.lower()}",
        opens_at=one.since,
    )


def _yearly(chart: Chart, state: CourseState) -> DueItem:
    since = last_review(chart) or min(d.started_at for d in state.doses)
    rule = schedules.rules()["safety_review"]
    remind = longterm.number("remind_days")
    due_at = since + rule.span
    return DueItem(
        task=REVIEW,
        rule=rule,
        due_at=due_at,
        opens_at=due_at - timedelta(days=float(remind)),
        label="Yearly safety review",
        title="Review the safety of the last year",
        detail=f"{rule.text}.",
    )


def last_review(chart: Chart) -> datetime | None:
    found = chart.last(SafetyReviewed)
    return found[0].at if found else None
