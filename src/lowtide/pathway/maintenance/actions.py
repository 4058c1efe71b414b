"""The verb of maintenance: what comes next for this patient, chosen by a clinician and kept with what was proposed."""

from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.pathway.course.room import opening
from lowtide.pathway.course.state import CourseState, Phase, fold
from lowtide.pathway.maintenance.choosing import Choice, EndingSaid, check, mark
from lowtide.pathway.maintenance.consequences import consequences, planned_session
from lowtide.pathway.maintenance.rules import Proposal, propose
from lowtide.pathway.maintenance.steps import standing
from lowtide.pathway.maintenance.when import Asked, check_date, check_day
from lowtide.pathway.outcomes.fade.making import fade, kept
from lowtide.pathway.safety.longterm.stops import open_stops
from lowtide.people.charts import linked, whole_chart
from lowtide.people.clinic import zone
from lowtide.people.who import Person
from lowtide.problems import refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.care import NextSessionDecided
from lowtide.record.entries.words import moment
from lowtide.record.store import Charts, Guard

__all__ = ["Choice", "EndingSaid", "decide", "planned_session"]


def decide(
    stream: str, state: CourseState, choice: Choice, person: Person, now: datetime, entry_id: UUID
) -> Entry:
    """Record the choice beside the proposal and the prediction, with what follows from it.

    Another session is planned where none lies ahead, under the maintenance protocol; a new series under the induction's.
    A pause, a new series and a stop give up the sessions ahead; a stop ends the course. Said twice it is recorded once.
    Raises BadInput without a reason or what else the step needs, Refused when the course is over, a session is under
    way, the date lies before the minimum interval is over, the step cannot follow, or the page was older than the chart.
    """
    said = store.find(entry_id)
    if said and isinstance(said.body, NextSessionDecided) and _is_same(said, choice, person):
        return said
    here = zone()
    check(choice, now.astimezone(here).date())
    _check_days(choice, state, now)
    first = Draft(
        stream=stream,
        body=_body(stream, state, choice, now),
        by=person.by,
        at=now,
        id=entry_id,
        reason=choice.reason,
    )
    own = linked(stream)
    drafts = [first, *consequences(first, choice, state, person)]
    return store.append(drafts, _guard(choice, own, plans=len(drafts) > 1), also_lock=own, now=now)[0]


def _check_days(choice: Choice, state: CourseState, now: datetime) -> None:
    """Every day that was chosen can be."""
    hours = opening()
    if choice.planned_at and choice.step and choice.step.needs == "date":
        check_date(Asked(choice.planned_at, state, hours, now))
    check_day(choice.series_from, "series_from", now, hours)
    check_day(choice.look_again_on, "look_again_on", now, hours)


def _body(stream: str, state: CourseState, choice: Choice, now: datetime) -> NextSessionDecided:
    """The choice with what stood beside it: the protocol's window, the predicted one, the rules that held."""
    here = zone()
    proposal = propose(state, here)
    opens, closes = proposal.window or (None, None)
    whole = whole_chart(stream)
    predicted, held = fade(whole, state, now.astimezone(here).date(), here), holding(whole, state)
    return NextSessionDecided(
        choice=choice.choice,
        planned_at=choice.planned_at,
        proposed_from=opens,
        proposed_to=closes,
        rule=proposal.rule,
        fade=kept(predicted),
        look_again_on=choice.look_again_on,
        pointed=tuple(one.rule.id for one in standing(state, here, held=bool(held)).advice),
        held=held,
    )


def holding(whole: Chart, state: CourseState) -> tuple[str, ...]:
    """What holds the next session by stop and review, in words; of a private reason only that there is one."""
    return tuple(f"{one.title}: {one.text.rstrip('.')}" for one in open_stops(whole, state))


def _names_what_holds(choice: Choice, held: tuple[str, ...]) -> None:
    """Nobody sets a day for a session that is held without having been told so."""
    planned = choice.step and choice.step.needs in ("date", "series")
    if planned and not set(held) <= set(choice.held):
        raise refuse(
            f"the next session is held: {'; '.join(held)}",
            "held",
            "Decide on stop and review first, or say that you know of it.",
        )


def _is_same(said: Entry, choice: Choice, person: Person) -> bool:
    body = said.body
    return (body.choice, body.planned_at, body.look_again_on, said.reason, said.by) == (
        choice.choice,
        choice.planned_at,
        choice.look_again_on,
        choice.reason,
        person.by,
    )


def _guard(choice: Choice, own: list[str], *, plans: bool) -> Guard:
    """Judges the person's whole record under the lock, linked charts included."""

    def guard(charts: Charts) -> None:
        whole = Chart.union(charts[name] for name in own)
        state = fold(whole)
        _names_what_holds(choice, holding(whole, state))
        if state.course is None or state.phase is Phase.ENDED:
            raise refuse("there is no course to continue", "choice", "Plan a new course first.")
        if any(s.is_under_way and s.dose for s in state.sessions):
            raise refuse("a session is under way", "choice", "Decide once it is over.")
        _can_follow(choice, state)
        if choice.planned_at:
            _not_too_soon(propose(state, zone()), choice.planned_at)
        if choice.planned_at and plans and state.next_session:
            raise refuse("a session was planned meanwhile", "choice", "Look at what lies ahead, then decide.")
        if choice.seen and choice.seen != mark(state):
            raise refuse(
                "the chart has moved on since this page was opened: a dose, a score or a choice came in",
                "choice",
                "Look at what stands there now, then decide.",
            )

    return guard


def _can_follow(choice: Choice, state: CourseState) -> None:
    """A step follows from some states only: nobody tapers what was never built up."""
    found = standing(state, zone())
    if choice.step and choice.step.id not in {one.id for one in found.choices}:
        can = "; ".join(one.label.partition(":")[0] for one in found.choices)
        raise refuse(
            f"“{choice.step.label.partition(':')[0]}” does not follow from “{found.state.label}”",
            "choice",
            f"From here: {can}." if can else "Hold a session first.",
        )


def _not_too_soon(proposal: Proposal, planned_at: datetime) -> None:
    if proposal.earliest and planned_at < proposal.earliest:
        raise refuse(
            f"{proposal.protocol} asks for more time since the last dose",
            "date",
            f"The first possible time is {moment(proposal.earliest, zone())}.",
        )


def again(first: Draft, body: NextSessionDecided) -> Draft:
    """The same draft with another body."""
    return msgspec.structs.replace(first, body=body)
