"""The verb of maintenance: what comes next for this patient, chosen by a clinician and kept with what was proposed."""

from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from lowtide.data.protocols import protocol, version
from lowtide.pathway.course.state import CourseState, Phase, fold
from lowtide.pathway.course.upkeep import maintenance_of
from lowtide.pathway.maintenance.rules import Proposal, propose
from lowtide.pathway.session.actions.booking import booking
from lowtide.people.charts import linked
from lowtide.people.clinic import zone
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.care import CourseEnded, CoursePlanned, NextSessionDecided, PlannedSession
from lowtide.record.entries.chair import SessionCancelled
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.words import moment
from lowtide.record.store import Charts, Guard

CHOICES = ("next", "pause", "stop")


class Choice(msgspec.Struct, frozen=True):
    """What the clinician chose, and why. `planned_at` belongs to `next` alone."""

    choice: str
    reason: str
    planned_at: datetime | None = None


def decide(
    stream: str, state: CourseState, choice: Choice, person: Person, now: datetime, entry_id: UUID
) -> Entry:
    """Record the choice beside the proposal, with what follows from it.

    Another session is planned where none lies ahead, under the maintenance protocol. A pause and a stop give up the
    sessions ahead; a stop ends the course. Said twice it is recorded once. Raises BadInput without a reason or date,
    Refused when the course is over, a session is under way, or the date lies before the minimum interval is over.
    """
    _check(choice, now)
    said = store.find(entry_id)
    if said and isinstance(said.body, NextSessionDecided) and _is_same(said, choice, person):
        return said
    proposal = propose(state, zone())
    opens, closes = proposal.window or (None, None)
    body = NextSessionDecided(
        choice=choice.choice,
        planned_at=choice.planned_at,
        proposed_from=opens,
        proposed_to=closes,
        rule=proposal.rule,
    )
    first = Draft(stream=stream, body=body, by=person.by, at=now, id=entry_id, reason=choice.reason)
    own = linked(stream)
    drafts = [first, *_consequences(first, choice, state)]
    return store.append(drafts, _guard(choice, own, plans=len(drafts) > 1), also_lock=own, now=now)[0]


def _is_same(said: Entry, choice: Choice, person: Person) -> bool:
    body = said.body
    return (body.choice, body.planned_at, said.reason, said.by) == (
        choice.choice,
        choice.planned_at,
        choice.reason,
        person.by,
    )


def _check(choice: Choice, now: datetime) -> None:
    if choice.choice not in CHOICES:
        raise bad("choose what comes next", "choice", "Another session, a pause, or the end of the course.")
    if not choice.reason.strip():
        raise bad("the reason is missing", "reason", "Say in a few words why.")
    if choice.choice == "next" and choice.planned_at is None:
        raise bad("the date is missing", "date", "Enter day and time of the session.")
    if choice.planned_at and choice.planned_at < now:
        raise bad("the date lies in the past", "date", "Enter a day and time to come.")


def _consequences(first: Draft, choice: Choice, state: CourseState) -> list[Draft]:
    """What the choice means for the course and its sessions; the ids follow from the choice's."""
    if choice.planned_at:
        return [] if state.next_session else [_another_session(first, choice.planned_at, state)]
    drafts = [d for s in state.treated if s.is_ahead for d in _giving_up(first, s.id)]
    if choice.choice == "stop":
        drafts += [
            msgspec.structs.replace(
                first,
                id=uuid5(first.id, str(plan.course)),
                body=CourseEnded(course=plan.course, outcome=choice.reason),
            )
            for _, plan in state.plans
        ]
    return drafts


def _another_session(first: Draft, planned_at: datetime, state: CourseState) -> Draft:
    """The chosen session as part of the maintenance course, which begins with the first of them."""
    entry, plan = state.plans[-1]
    number = 1 + max(s.number or 0 for s in state.treated)
    session = PlannedSession(planned_session(first.id), number, planned_at)
    plan_id = uuid5(first.id, "plan")
    if plan.phase == "maintenance":
        longer = msgspec.structs.replace(plan, sessions=(*plan.sessions, session))
        return msgspec.structs.replace(first, id=plan_id, body=longer, stream=entry.stream, corrects=entry.id)
    found = maintenance_of(protocol(plan.protocol)) or protocol(plan.protocol)
    body = CoursePlanned(
        course=uuid5(first.id, "course"),
        indication=plan.indication,
        protocol=found.id,
        protocol_version=version(found.id),
        settled=plan.settled if found.id == plan.protocol else None,
        phase="maintenance",
        sessions=(session,),
        goal=plan.goal,
        goals=plan.goals,
        programs=plan.programs,
    )
    return msgspec.structs.replace(first, id=plan_id, body=body)


def planned_session(decision: UUID) -> UUID:
    """The session that a choice of another one planned."""
    return uuid5(decision, "session")


def _giving_up(first: Draft, session: UUID) -> list[Draft]:
    """The session is cancelled and its chair is free again."""
    cancelled = msgspec.structs.replace(
        first, id=uuid5(first.id, str(session)), body=SessionCancelled(), session=session
    )
    booked = booking(session)
    if booked is None:
        return [cancelled]
    freed = msgspec.structs.replace(
        first,
        id=uuid5(first.id, f"calendar {session}"),
        stream=booked.stream,
        body=EnteredInError(),
        corrects=booked.id,
    )
    return [cancelled, freed]


def _guard(choice: Choice, own: list[str], *, plans: bool) -> Guard:
    """Judges the person's whole record under the lock, linked charts included."""

    def guard(charts: Charts) -> None:
        state = fold(Chart.union(charts[name] for name in own))
        if state.course is None or state.phase is Phase.ENDED:
            raise refuse("there is no course to continue", "choice", "Plan a new course first.")
        if any(s.is_under_way and s.dose for s in state.sessions):
            raise refuse("a session is under way", "choice", "Decide once it is over.")
        if choice.planned_at:
            _not_too_soon(propose(state, zone()), choice.planned_at)
        if choice.planned_at and plans and state.next_session:
            raise refuse("a session was planned meanwhile", "choice", "Look at what lies ahead, then decide.")

    return guard


def _not_too_soon(proposal: Proposal, planned_at: datetime) -> None:
    if proposal.earliest and planned_at < proposal.earliest:
        raise refuse(
            f"{proposal.protocol} asks for more time since the last dose",
            "date",
            f"The first possible time is {moment(proposal.earliest, zone())}.",
        )
