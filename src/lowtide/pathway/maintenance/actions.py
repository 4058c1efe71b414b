"""The verb of maintenance: what comes next for this patient, chosen by a clinician and kept with what was proposed."""

from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from lowtide.pathway.course.state import CourseState, Phase, fold
from lowtide.pathway.maintenance.rules import Proposal, propose
from lowtide.pathway.session.actions.booking import booking
from lowtide.people import retry
from lowtide.people.charts import linked
from lowtide.people.clinic import zone
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.care import CourseEnded, NextSessionDecided
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
    """Record the choice beside the proposal. Pause and stop give up the sessions ahead; stop ends the course.

    Raises BadInput without a reason or date, Refused when the course is over, a session is under way, or the date
    lies before the protocol's minimum interval is over.
    """
    _check(choice, now)
    proposal = propose(state)
    window = proposal.window or (None, None)
    body = NextSessionDecided(
        choice=choice.choice,
        planned_at=choice.planned_at,
        proposed_from=window[0],
        proposed_to=window[1],
        rule=proposal.rule,
    )
    first = Draft(stream=stream, body=body, by=person.by, at=now, id=entry_id, reason=choice.reason)
    drafts = [first, *_consequences(first, state)]
    own = linked(stream)
    return retry.append(drafts, _guard(choice, own), also_lock=own, now=now)[0]


def _check(choice: Choice, now: datetime) -> None:
    if choice.choice not in CHOICES:
        raise bad("choose what comes next", "choice", "Another session, a pause, or the end of the course.")
    if not choice.reason.strip():
        raise bad("the reason is missing", "reason", "Say in a few words why.")
    if choice.choice == "next" and choice.planned_at is None:
        raise bad("the date is missing", "date", "Enter day and time of the session.")
    if choice.planned_at and choice.planned_at < now:
        raise bad("the date lies in the past", "date", "Enter a day and time to come.")


def _consequences(first: Draft, state: CourseState) -> list[Draft]:
    """What the choice means for the course and its sessions ahead; ids follow from the choice's, for retries."""
    body = first.body
    assert isinstance(body, NextSessionDecided)
    if body.choice == "next" or state.course is None:
        return []
    drafts = [d for s in state.treated if s.is_ahead for d in _giving_up(first, s.id)]
    if body.choice == "stop":
        ended = CourseEnded(course=state.course.course, outcome=first.reason or "")
        drafts.append(msgspec.structs.replace(first, id=uuid5(first.id, "ended"), body=ended))
    return drafts


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


def _guard(choice: Choice, own: list[str]) -> Guard:
    """Judges the person's whole record under the lock, linked charts included."""

    def guard(charts: Charts) -> None:
        state = fold(Chart.union(charts[name] for name in own))
        if state.course is None or state.phase is Phase.ENDED:
            raise refuse("there is no course to continue", "choice", "Plan a new course first.")
        if any(s.is_under_way and s.dose for s in state.sessions):
            raise refuse("a session is under way", "choice", "Decide once it is over.")
        if choice.planned_at:
            _not_too_soon(propose(state), choice.planned_at)

    return guard


def _not_too_soon(proposal: Proposal, planned_at: datetime) -> None:
    if proposal.earliest and planned_at < proposal.earliest:
        raise refuse(
            f"{proposal.protocol} asks for more time since the last dose",
            "date",
            f"The first possible time is {moment(proposal.earliest, zone())}.",
        )
