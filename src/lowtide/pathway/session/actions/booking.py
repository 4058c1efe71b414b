"""Booking a chair for a session, moving and cancelling it: the chart and the calendar are written as one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import msgspec

from lowtide.data import schedules
from lowtide.data.chair import numbers
from lowtide.pathway.course.chosen import chosen_for, departure
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import fold as course_state
from lowtide.pathway.course.staying import stay
from lowtide.pathway.session.actions.common import MEND, Act, append, require
from lowtide.pathway.session.actions.held import refuse_while_held
from lowtide.pathway.session.rules.facts import Facts, sessions
from lowtide.pathway.session.rules.gates import min_interval
from lowtide.pathway.session.rules.state import Verb
from lowtide.people.charts import whole_chart
from lowtide.people.clinic import CALENDAR, CLINIC, zone
from lowtide.people.opening import fold
from lowtide.people.roles import Permission
from lowtide.people.staffing import staffing
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.chair import SessionCancelled, SessionScheduled
from lowtide.record.entries.clinic import Booked, EnteredInError
from lowtide.record.entries.clinic import Chair as ChairListed
from lowtide.record.entries.words import moment


def schedule(
    act: Act,
    *,
    course: UUID,
    number: int,
    planned_at: datetime,
    chair: str,
    escort: str | None = None,
    sooner_because: str | None = None,
    outside_because: str | None = None,
    departs_because: str | None = None,
    last_ate: str | None = None,
) -> list[Entry]:
    """Book a chair for a session of a course: one entry in the chart and one in the calendar, or neither.

    Refused when the chair is taken or nobody can watch one more, when the protocol asks for more time between two doses
    (unless a prescriber gives a reason), when the session is booked already, for a time that is past, while long-term
    safety holds the next session, and, unless a reason is given, outside the clinic's hours and far from the chosen day.
    """
    require(act, Permission.BOOK)
    in_reach(planned_at, act.now)
    body = SessionScheduled(
        course=course,
        number=number,
        planned_at=planned_at,
        chair=chair,
        escort=escort,
        sooner_because=_reason_of_a_prescriber(act, sooner_because),
        outside_because=(outside_because or "").strip() or None,
        departs_because=(departs_because or "").strip() or None,
        last_ate=last_ate,
    )
    booked = in_chair(act, body, store.load(act.stream))
    drafts = [act.draft(body), in_calendar(act, booked)]
    return append(
        act,
        Verb.SCHEDULE,
        drafts,
        lambda chart, state: _may_have(act, chart, body, is_first=True),
        also=lambda charts: free(charts, booked, body.outside_because),
        streams=(CALENDAR, CLINIC),
    )


def reschedule(
    act: Act,
    *,
    planned_at: datetime,
    chair: str,
    reason: str,
    escort: str | None = None,
    sooner_because: str | None = None,
    outside_because: str | None = None,
    last_ate: str | None = None,
) -> list[Entry]:
    """Move a session to another time or chair: a correction of its booking, in the chart and in the calendar."""
    require(act, Permission.BOOK)
    in_reach(planned_at, act.now)
    if not reason.strip():
        raise bad("a move needs its reason", "reason", "Say in a few words why.")
    entry, body = _standing(act)
    moved = msgspec.structs.replace(
        body,
        planned_at=planned_at,
        chair=chair,
        escort=escort or body.escort,
        sooner_because=_reason_of_a_prescriber(act, sooner_because),
        outside_because=(outside_because or "").strip() or None,
        departs_because=reason.strip() if _departs(act, planned_at) else None,
        last_ate=last_ate,
    )
    booked = in_chair(act, moved, store.load(act.stream))
    drafts = [
        act.draft(moved, reason=reason).correcting(entry),
        *_in_place(act, in_calendar(act, booked, reason), booking(act.session_id)),
    ]
    return append(
        act,
        Verb.RESCHEDULE,
        drafts,
        lambda chart, state: _may_have(act, chart, moved, later_than=body.planned_at),
        also=lambda charts: free(charts, booked, moved.outside_because),
        streams=(CALENDAR, CLINIC),
    )


def _may_have(
    act: Act,
    chart: Chart,
    body: SessionScheduled,
    *,
    later_than: datetime | None = None,
    is_first: bool = False,
) -> None:
    """Under the lock: far enough from other doses, near the chosen day, and nothing holds the next session. A booked one
    may move to a later day meanwhile: that makes room for what it waits for; its move has its own reason."""
    if is_first:
        as_chosen(chart, act.session_id, body, act.person)
    if later_than is None or body.planned_at < later_than:
        refuse_while_held(chart, act.now, act.person)
    far_enough(chart, act.session_id, body)


def cancel(act: Act, *, reason: str) -> list[Entry]:
    """The session will not happen; its chair is free again."""
    require(act, Permission.BOOK)
    if not reason.strip():
        raise bad("a cancellation needs its reason", "reason", "Say in a few words why.")
    release = Draft(
        id=uuid5(act.entry_id, "calendar"),
        stream=CALENDAR,
        body=EnteredInError(),
        by=act.person.by,
        at=act.when,
        reason=reason,
    )
    drafts = [
        act.draft(SessionCancelled(), reason=reason),
        *_in_place(act, release, booking(act.session_id)),
    ]
    return append(act, Verb.CANCEL, drafts, streams=(CALENDAR,))


def booking(session: UUID) -> Entry | None:
    """The standing calendar entry of a session."""
    return next((e for e, b in reversed(store.load(CALENDAR).said(Booked)) if b.session_id == session), None)


def can_fast(planned_at: datetime, now: datetime, last_ate: str | None) -> None:
    """Whoever books sooner than the fast asks when the person last ate. Raises BadInput where that is not said."""
    fast = schedules.thresholds()["fast_h"]
    if planned_at - now < timedelta(hours=fast.value) and not last_ate:
        raise bad(
            f"the dose is less than {fast.value} hours away: nobody can still begin the fast",
            "last_ate",
            "Ask when they last ate, and write it here.",
        )


def chair_left(act: Act) -> list[Draft]:
    """The booking ends when somebody leaves a chair that was theirs for longer: the next person may have it."""
    found = booking(act.session_id)
    if found is None or not found.body.starts_at < act.when < found.body.ends_at:
        return []
    booked = msgspec.structs.replace(found.body, ends_at=act.when)
    return _in_place(act, in_calendar(act, booked, "left the chair"), found)


def duration(chart: Chart, course: UUID) -> timedelta:
    """How long the patient will be in the chair after the planned time of the dose, by the course's protocol."""
    planned = [body for _, body in chart.said(CoursePlanned) if body.course == course]
    return stay(protocol_of(planned[-1]) if planned else None)


def in_chair(act: Act, body: SessionScheduled, chart: Chart) -> Booked:
    return Booked(
        chart=act.stream,
        session_id=act.session_id,
        chair=body.chair or "",
        starts_at=body.planned_at - timedelta(minutes=numbers().prepare_min),
        ends_at=body.planned_at + duration(chart, body.course),
    )


def in_calendar(act: Act, booked: Booked, reason: str | None = None) -> Draft:
    """The booking as a calendar entry: its id follows from the chart's, so that a retry is recognised in both."""
    return Draft(
        id=uuid5(act.entry_id, "calendar"),
        stream=CALENDAR,
        body=booked,
        by=act.person.by,
        at=act.when,
        reason=reason,
    )


def _in_place(act: Act, draft: Draft, old: Entry | None) -> list[Draft]:
    """The draft as a correction of the old booking; a release of what was never booked is nothing."""
    if old:
        return [msgspec.structs.replace(draft, corrects=old.id)]
    return [] if isinstance(draft.body, EnteredInError) else [draft]


def _standing(act: Act) -> tuple[Entry, SessionScheduled]:
    said = [(e, b) for e, b in store.load(act.stream).said(SessionScheduled) if e.session == act.session_id]
    if not said:
        raise refuse("this session is not booked", "session", MEND)
    entry, body = said[-1]
    if entry.id == act.entry_id and entry.corrects:
        entry = msgspec.structs.replace(entry, id=entry.corrects)  # a repeated press: the same move once more
    return entry, body


def in_reach(planned_at: datetime, now: datetime) -> None:
    """Refuse a time that is past, and one so far ahead that it can only be a slip of the hand."""
    if planned_at < now - timedelta(minutes=numbers().prepare_min):
        raise bad(f"{_clock(planned_at)} is past", "day", "Choose a time that is still to come.")
    most = schedules.thresholds()["book_ahead_days"].value
    if planned_at > now + timedelta(days=most):
        raise bad(f"{_clock(planned_at)} is more than {most} days ahead", "day", "Check the year.")


def _reason_of_a_prescriber(act: Act, reason: str | None) -> str | None:
    if reason and reason.strip():
        require(act, Permission.ORDER)
        return reason.strip()
    return None


def free(charts: Mapping[str, Chart], booked: Booked, outside_because: str | None) -> None:
    """Refuse a chair that the clinic does not have, or that somebody else has at that time; and, without a reason, a
    time outside the hours that the clinic has set."""
    why = fold(charts[CLINIC], zone()).outside(booked.starts_at, booked.ends_at)
    if why and not outside_because:
        raise refuse(
            f"outside opening hours for the whole stay: {why}",
            "outside_because",
            "Choose another time, or say why it must be then.",
        )
    chairs = {body.chair: body.active for _, body in charts[CLINIC].said(ChairListed)}
    if chairs and not chairs.get(booked.chair):
        raise refuse(f"there is no chair “{booked.chair}”", "chair", "Choose one of the clinic’s chairs.")
    _watched(charts, booked)
    for _, other in charts[CALENDAR].said(Booked):
        overlaps = other.starts_at < booked.ends_at and booked.starts_at < other.ends_at
        if other.chair == booked.chair and overlaps and other.session_id != booked.session_id:
            raise refuse(
                f"chair {booked.chair} is taken from {_clock(other.starts_at)} to {_clock(other.ends_at)}",
                "chair",
                "Choose another chair or another time.",
            )


def _watched(charts: Mapping[str, Chart], booked: Booked) -> None:
    """Refuse one more than can be watched, where the clinic said who watches when."""
    found = staffing(charts[CLINIC], zone())
    others = (
        (b.starts_at, b.ends_at)
        for _, b in charts[CALENDAR].said(Booked)
        if b.session_id != booked.session_id
    )
    at = found.full(booked.starts_at, booked.ends_at, others) if found else None
    if found and at:
        raise refuse(
            f"{_watch_words(found.count(at))} at {_clock(at)}, and everybody has the chairs they can watch",
            "planned_at",
            "Choose another time, or change who watches on the page of the hours.",
        )


def _watch_words(count: int) -> str:
    return "nobody watches" if count == 0 else "1 person watches" if count == 1 else f"{count} people watch"


def as_chosen(chart: Chart, session: UUID, body: SessionScheduled, person: Person) -> None:
    """Refuse, without a reason, a day that departs from the one that a clinician chose for this session."""
    state = course_state(chart)
    chosen = chosen_for(state, session)
    found = departure(chosen.body, body.planned_at, zone()) if chosen else None
    if found and not body.departs_because:
        raise refuse(
            found.words(zone(), clinical=person.can(Permission.SEE_CHART)),
            "departs_because",
            "Choose a day nearer to the chosen one, or say why it must be then: the prescriber is told.",
        )


def _departs(act: Act, planned_at: datetime) -> bool:
    chosen = chosen_for(course_state(whole_chart(act.stream)), act.session_id)
    return bool(chosen and departure(chosen.body, planned_at, zone()))


def far_enough(chart: Chart, session: UUID, body: SessionScheduled) -> None:
    """Refuse a dose too close to another one, given or planned, counted in real hours (hazard H009)."""
    apart = min_interval(chart, body.course)
    if body.sooner_because:
        return
    for other in sessions(chart).values():
        at = _dose_at(other)
        if other.session != session and at and abs(body.planned_at - at) < apart:
            raise refuse(
                f"it is less than {apart / timedelta(hours=1):g} hours from the dose of {_clock(at)}",
                "planned_at",
                "Choose another time, or let a prescriber book it with a reason.",
            )


def _clock(at: datetime) -> str:
    return moment(at, zone())


def _dose_at(facts: Facts) -> datetime | None:
    """When the session's dose was given, or is planned to be; None when there will be none."""
    if facts.started_at or facts.over_at or facts.scheduled is None:
        return facts.started_at
    return facts.scheduled[1].planned_at
