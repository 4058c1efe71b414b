"""A choice said again or taken back: the old one stays readable, and what followed from it follows the new one."""

from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from lowtide.data import maintenance
from lowtide.pathway.course.room import opening
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState, Phase, fold
from lowtide.pathway.maintenance.consequences import planned_session
from lowtide.pathway.maintenance.when import Asked, check_date
from lowtide.people.charts import linked
from lowtide.people.retry import append
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.care import CourseEnded, CoursePlanned, NextSessionDecided
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.store import Charts


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """Who corrects which choice, as an entry with its own id."""

    person: Person
    stream: str
    decision: UUID
    entry_id: UUID
    now: datetime


def decision_of(chart: Chart, entry: UUID) -> tuple[Entry, NextSessionDecided]:
    """The choice that stands. Raises Refused for one that was corrected, taken back or is not there."""
    found = next(((e, b) for e, b in chart.said(NextSessionDecided) if e.id == entry), None)
    if found is None:
        raise refuse(
            "this choice no longer stands so", "choice", "Look at the page again: it was changed meanwhile."
        )
    return found


def correct(
    do: Again, *, reason: str, planned_at: datetime | None = None, look_again_on: object = None
) -> Entry:
    """Say the choice again with another date or reason. A session that it planned moves along while it has no chair."""
    own = linked(do.stream)
    chart = Chart.union([store.load(name) for name in own])
    if (said := store.find(do.entry_id)) and said.corrects == do.decision:
        return said
    entry, body = decision_of(chart, do.decision)
    if not reason.strip():
        raise bad("the reason is missing", "reason", "Say in a few words why.")
    if planned_at and planned_at not in (body.planned_at, _booked_for(chart)):
        check_date(Asked(planned_at, fold(chart), opening(), do.now))
    fields = {
        "planned_at": planned_at or body.planned_at,
        "look_again_on": look_again_on or body.look_again_on,
    }
    first = _draft(do, msgspec.structs.replace(body, **fields), reason).correcting(entry)
    moved = planned_at is not None and planned_at != body.planned_at
    drafts = [first, *(_moved(do, chart, first, planned_at) if moved and planned_at else ())]

    def guard(charts: Charts) -> None:
        decision_of(Chart.union(charts[name] for name in own), do.decision)

    return append(drafts, guard, also_lock=own, now=do.now)[0]


def take_back(do: Again, *, reason: str) -> Entry:
    """The latest choice was never meant: it is struck out, with the session it planned or the end it brought. Sessions that
    it cancelled stay cancelled: their chairs may be somebody else's by now."""
    own = linked(do.stream)
    chart = Chart.union([store.load(name) for name in own])
    if (said := store.find(do.entry_id)) and said.corrects == do.decision:
        return said
    if not reason.strip():
        raise bad("the reason is missing", "reason", "Say in a few words why.")
    entry, body = decision_of(chart, do.decision)
    first = _draft(do, EnteredInError(), reason).correcting(entry)
    drafts = [first, *_undone(do, chart, first, body)]

    def guard(charts: Charts) -> None:
        under_lock = Chart.union(charts[name] for name in own)
        decision_of(under_lock, do.decision)
        state = fold(under_lock)
        if state.decision is None or state.decision.entry != do.decision:
            raise refuse("another choice was made since", "choice", "Take that one back first.")

    return append(drafts, guard, also_lock=own, now=do.now)[0]


def _draft(do: Again, body: NextSessionDecided | EnteredInError, reason: str) -> Draft:
    return Draft(stream=do.stream, body=body, by=do.person.by, at=do.now, id=do.entry_id, reason=reason)


def _root(chart: Chart, decision: UUID) -> UUID:
    """The id from which the consequences' ids were made: the first of the choice's line."""
    return chart.line(decision)[0].id


def _planned(do: Again, chart: Chart, state: CourseState) -> Session | None:
    """The session that this choice planned, while it lies ahead."""
    wanted = planned_session(_root(chart, do.decision))
    return next((s for s in state.treated if s.id == wanted and s.is_ahead), None)


def _moved(do: Again, chart: Chart, first: Draft, planned_at: datetime) -> list[Draft]:
    session = _planned(do, chart, fold(chart))
    if session is None or (session.booked and session.planned_at == planned_at):
        return []  # the choice follows the booking
    _without_chair(session)
    entry, plan = _plan_of(chart, session.id)
    sessions = tuple(
        msgspec.structs.replace(p, planned_at=planned_at) if p.session == session.id else p
        for p in plan.sessions
    )
    body = msgspec.structs.replace(plan, sessions=sessions)
    return [
        msgspec.structs.replace(
            first, id=uuid5(first.id, "plan"), body=body, stream=entry.stream, corrects=entry.id
        )
    ]


def _booked_for(chart: Chart) -> datetime | None:
    ahead = fold(chart).next_session
    return ahead.planned_at if ahead and ahead.booked else None


def _undone(do: Again, chart: Chart, first: Draft, body: NextSessionDecided) -> list[Draft]:
    step = maintenance.steps().get(body.choice)
    if step and step.needs == "ending":
        return [
            msgspec.structs.replace(first, id=uuid5(first.id, str(b.course)), stream=e.stream, corrects=e.id)
            for e, b in chart.said(CourseEnded)
            if e.id in {uuid5(_root(chart, do.decision), str(p.course)) for _, p in chart.said(CoursePlanned)}
        ]
    state = fold(chart)
    session = _planned(do, chart, state) if state.phase is not Phase.ENDED else None
    if session is None:
        return []
    _without_chair(session)
    entry, plan = _plan_of(chart, session.id)
    left = tuple(p for p in plan.sessions if p.session != session.id)
    kept = msgspec.structs.replace(plan, sessions=left) if left else EnteredInError()
    draft = msgspec.structs.replace(
        first, id=uuid5(first.id, "plan"), stream=entry.stream, corrects=entry.id, body=kept
    )
    return [draft]


def _without_chair(session: Session) -> None:
    if session.booked:
        raise refuse(
            f"{session.name} has a chair already",
            "date",
            "Move or cancel the booking first; then change this.",
        )


def _plan_of(chart: Chart, session: UUID) -> tuple[Entry, CoursePlanned]:
    return next(
        (e, plan)
        for e, plan in reversed(chart.said(CoursePlanned))
        if session in {p.session for p in plan.sessions}
    )
