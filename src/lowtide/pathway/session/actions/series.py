"""Booking what is left of a course in one step: every open session gets a day, a time and a chair, or none does."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4, uuid5

import msgspec

from lowtide.data import monitoring
from lowtide.data.dosing import dosing
from lowtide.pathway.course.placing import Placed, Room, Wanted, place
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.sessions import sessions as all_sessions
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.staying import length
from lowtide.pathway.session.actions.booking import as_chosen, far_enough, free, in_calendar, in_chair
from lowtide.pathway.session.actions.common import Act, allow, require
from lowtide.pathway.session.actions.held import refuse_while_held
from lowtide.pathway.session.rules.state import Verb, session_state
from lowtide.people.charts import linked, stream_of
from lowtide.people.clinic import CALENDAR, CLINIC
from lowtide.people.retry import append
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CourseEnded, CoursePlanned
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.clinic import Booked

NAMELESS = "1"  # the chair of a clinic that has listed none


class Proposed(msgspec.Struct, frozen=True):
    """One session without a chair, and where it can be held."""

    session: Session
    place: Placed


def proposals(chart: Chart, room: Room, now: datetime) -> tuple[Proposed, ...]:
    """Places for the sessions of the running course that have none. Raises Refused where one finds no day."""
    course = _running(chart)
    if course is None:
        return ()
    known = [s for s in all_sessions(chart) if s.course == course.course]
    open_ = [s for s in known if s.is_ahead and not s.booked]
    if not open_:
        return ()
    plan = protocol_of(course)
    today = now.astimezone(room.opening.zone).date()
    others = [s for s in all_sessions(chart) if s.dose or (s.is_ahead and s.booked)]
    wanted = Wanted(
        days=tuple(max(s.planned_at.astimezone(room.opening.zone).date(), today) for s in open_),
        hour=time(int(dosing().session_hour)),
        apart=timedelta(hours=float(plan.min_interval_h or 0)) if plan else timedelta(0),
        length=length(plan),
        not_before=now,
        fixed=tuple(s.at for s in others),
    )
    return tuple(Proposed(s, p) for s, p in zip(open_, place(wanted, room), strict=True))


def mark(found: tuple[Proposed, ...]) -> str:
    """A fingerprint of what stood on the page: what is booked is what was seen."""
    said = "|".join(f"{p.session.id} {p.place.at.isoformat()} {p.place.chair}" for p in found)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Who books the series of whom."""

    person: Person
    patient_id: UUID
    entry_id: UUID = msgspec.field(default_factory=uuid4)
    now: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))


def book_series(do: Series, found: tuple[Proposed, ...], escort: str | None = None) -> list[Entry]:
    """Book every proposed place in one append. Refused as a whole when one chair was taken meanwhile."""
    if not found:
        raise refuse("every session has its chair", "series", "Change single ones on their own page.")
    bookings = [_booking(do, one, escort, first=number == 0) for number, one in enumerate(found)]
    require(bookings[0][0], Permission.BOOK)
    drafts = [d for act, body, booked in bookings for d in (act.draft(body), in_calendar(act, booked))]
    own = linked(stream_of(do.patient_id))

    def guard(charts: Mapping[str, Chart]) -> None:
        chart = Chart.union(charts[name] for name in own)
        refuse_while_held(chart, do.now, do.person)
        for act, body, booked in bookings:
            allow(session_state(chart, act.session_id, monitoring.items(), do.now), Verb.SCHEDULE)
            as_chosen(chart, act.session_id, body, do.person)
            far_enough(chart, act.session_id, body)
            free(charts, booked, body.outside_because)

    return append(drafts, guard, also_lock=[*own, CALENDAR, CLINIC], now=do.now)


def booked_already(do: Series) -> bool:
    """An earlier press of the same button booked it."""
    stored = store.find(do.entry_id)
    return stored is not None and stored.stream == stream_of(do.patient_id) and stored.by == do.person.by


def _booking(
    do: Series, one: Proposed, escort: str | None, *, first: bool
) -> tuple[Act, SessionScheduled, Booked]:
    session, placed = one.session, one.place
    act = Act(
        person=do.person,
        patient_id=do.patient_id,
        session_id=session.id,
        entry_id=do.entry_id if first else uuid5(do.entry_id, str(session.id)),
        now=do.now,
    )
    assert session.course  # it was planned by one
    chair = placed.chair or NAMELESS
    body = SessionScheduled(
        course=session.course, number=session.number or 0, planned_at=placed.at, chair=chair, escort=escort
    )
    return act, body, in_chair(act, body, store.load(act.stream))


def _running(chart: Chart) -> CoursePlanned | None:
    ended = {body.course for _, body in chart.said(CourseEnded)}
    running = [body for _, body in chart.said(CoursePlanned) if body.course not in ended]
    return running[-1] if running else None
