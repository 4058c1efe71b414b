"""What a choice means for the course and its sessions, as entries whose ids follow from the choice's."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from lowtide.data.maintenance import maintenance
from lowtide.data.protocols import protocol, version
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.course.upkeep import maintenance_of
from lowtide.pathway.maintenance.choosing import Choice, EndingSaid
from lowtide.pathway.plan import actions as planning
from lowtide.pathway.session.actions.booking import booking
from lowtide.people.who import Person
from lowtide.problems import refuse
from lowtide.record.entries.base import Draft
from lowtide.record.entries.care import CourseEnded, CoursePlanned, PlannedSession
from lowtide.record.entries.chair import SessionCancelled
from lowtide.record.entries.clinic import EnteredInError


def planned_session(decision: UUID) -> UUID:
    """The session that a choice of another one planned."""
    return uuid5(decision, "session")


def consequences(first: Draft, choice: Choice, state: CourseState, person: Person) -> list[Draft]:
    needs = choice.step.needs if choice.step else ""
    if choice.planned_at and needs == "date":
        return [] if state.next_session else [_another_session(first, choice.planned_at, state)]
    given_up = [d for s in state.treated if s.is_ahead for d in _giving_up(first, s.id)]
    if needs == "series":
        return [*given_up, _new_series(first, choice, state, person)]
    if needs == "ending":
        return [*given_up, *_the_end(first, choice, state)]
    return given_up


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


def _new_series(first: Draft, choice: Choice, state: CourseState, person: Person) -> Draft:
    """The induction of this treatment planned again, on days on which it can be held."""
    induction = next((plan for _, plan in reversed(state.plans) if plan.phase == "induction"), None)
    if induction is None or choice.series_from is None:
        raise refuse(
            "no induction of this treatment is known here", "choice", "End this course and plan a new one."
        )
    patient = UUID(first.stream.removeprefix("chart:"))
    act = planning.Act(person=person, patient_id=patient, entry_id=first.id, now=first.at)
    made = planning.proposed(act, induction.protocol, choice.series_from, induction.settled)
    numbers = 1 + max(s.number or 0 for s in state.treated)
    course = uuid5(first.id, "series")
    sessions = tuple(
        PlannedSession(uuid5(course, str(n)), numbers + n, s.at, s.moved or None)
        for n, s in enumerate(made.sessions)
    )
    body = msgspec.structs.replace(
        induction,
        course=course,
        protocol_version=version(induction.protocol),
        sessions=sessions,
        therapy=(),
        again=True,
    )
    return msgspec.structs.replace(first, id=uuid5(first.id, "plan"), body=body)


def _the_end(first: Draft, choice: Choice, state: CourseState) -> Iterator[Draft]:
    """Each course of the treatment ends; the last one carries what was achieved and what follows."""
    for n, (_, plan) in enumerate(reversed(state.plans)):
        body = CourseEnded(course=plan.course, outcome=choice.reason)
        if n == 0 and choice.ending:
            body = _as_said(body, choice.ending)
        yield msgspec.structs.replace(first, id=uuid5(first.id, str(plan.course)), body=body)


def _as_said(body: CourseEnded, said: EndingSaid) -> CourseEnded:
    return msgspec.structs.replace(
        body,
        why=said.why,
        achieved=said.achieved,
        goes_on_with=said.goes_on_with or None,
        ask_on=tuple(sorted(set(said.ask_on))),
        told=maintenance().come_back.lines,
    )


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
