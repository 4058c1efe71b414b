"""The sessions of a chart and the doses given in them, folded from what was planned and what happened (pure)."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from lowtide.pathway.course.given import Parts, first_doses, parts
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.care import CoursePlanned, OrderSigned
from lowtide.record.entries.chair import (
    Discharged,
    DoseGiven,
    DoseStarted,
    DoseStopped,
    DosingEnded,
    SessionAbandoned,
    SessionCancelled,
    SessionScheduled,
    SessionSigned,
    TimeOut,
)

B = TypeVar("B", bound=Body)


class Status(StrEnum):
    """How far a session has come."""

    PLANNED = "planned"
    PREPARED = "prepared"
    DOSING = "dosing"
    RECOVERY = "recovery"
    DISCHARGED = "discharged"
    SIGNED = "signed"
    ABANDONED = "abandoned"
    CANCELLED = "cancelled"


AHEAD = frozenset({Status.PLANNED, Status.PREPARED})
UNDER_WAY = frozenset({Status.PREPARED, Status.DOSING, Status.RECOVERY})
REACHED: tuple[tuple[Status, type[Body]], ...] = (
    (Status.SIGNED, SessionSigned),
    (Status.DISCHARGED, Discharged),
    (Status.CANCELLED, SessionCancelled),
    (Status.ABANDONED, SessionAbandoned),
    (Status.RECOVERY, DoseStopped),
    (Status.DOSING, DoseStarted),
    (Status.PREPARED, TimeOut),
)


class Dose(msgspec.Struct, frozen=True, kw_only=True):
    """A dose that was started; drug and route are empty where no order names them. `given_mg` (free base) is None until
    it is over: the pump's volume was read off, or the last part went in."""

    session: UUID
    started_at: datetime
    stopped_at: datetime | None
    drug: str
    route: str
    given_mg: Decimal | None
    mg_per_kg: Decimal | None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One session: when it is planned, how far it has come, what was ordered and given."""

    id: UUID
    course: UUID | None
    number: int | None
    planned_at: datetime
    status: Status
    booked: bool
    chair: str | None
    order: OrderSigned | None
    dose: Dose | None
    ended_at: datetime | None

    @property
    def at(self) -> datetime:
        """When it happened, or will."""
        return self.dose.started_at if self.dose else self.planned_at

    @property
    def is_ahead(self) -> bool:
        return self.status in AHEAD

    @property
    def is_under_way(self) -> bool:
        """Somebody sits in the chair: also after a dose that was broken off, until they leave."""
        return self.status in UNDER_WAY or (self.status is Status.ABANDONED and self.dose is not None)

    @property
    def is_unsigned(self) -> bool:
        """Over, and nobody has closed its record yet."""
        return self.status is Status.DISCHARGED or (self.status is Status.ABANDONED and self.dose is None)

    @property
    def name(self) -> str:
        return f"session {self.number}" if self.number else "session"


def sessions(chart: Chart) -> tuple[Session, ...]:
    """Every session that was planned, booked or dosed, in order of time."""
    facts = _Facts(chart)
    found = (facts.session(session) for session in facts.known())
    return tuple(sorted(found, key=lambda s: (s.at, str(s.id))))


class _Facts:
    """What the chart says of each session: the latest standing entry of each kind."""

    def __init__(self, chart: Chart) -> None:
        self.planned = {
            planned.session: (plan.course, planned)
            for _, plan in chart.said(CoursePlanned)
            for planned in plan.sessions
        }
        self.scheduled = _by_session(chart, SessionScheduled)
        self.ordered = _by_session(chart, OrderSigned)
        self.started = _by_session(chart, DoseStarted)
        self.stopped = _by_session(chart, DoseStopped)
        self.parts = self._parts(chart)
        self.began = first_doses(chart)
        self.reached = [(status, _by_session(chart, kind) | self._also(status)) for status, kind in REACHED]
        self.time_out = _by_session(chart, TimeOut)

    def _parts(self, chart: Chart) -> dict[UUID, Parts]:
        """Doses without a pump, part by part."""
        found: dict[UUID, list[Entry]] = {}
        for entry in (e for kind in (DoseGiven, DosingEnded) for e, _ in chart.said(kind)):
            if entry.session:
                found.setdefault(entry.session, []).append(entry)
        made = {session: parts(entries, self._order(session)) for session, entries in found.items()}
        return {session: each for session, each in made.items() if each}

    def _also(self, status: Status) -> dict[UUID, tuple[Entry, Any]]:
        """How far the parts have brought a session, which no entry of its own says."""
        if status is Status.DOSING:
            return {session: each.first for session, each in self.parts.items()}
        if status is Status.RECOVERY:
            return {session: each.last for session, each in self.parts.items() if each.over_at}
        return {}

    def known(self) -> set[UUID]:
        return {*self.planned, *self.scheduled, *self.began}

    def session(self, session: UUID) -> Session:
        course, number, planned_at, chair = self._place(session)
        return Session(
            id=session,
            course=course,
            number=number,
            planned_at=planned_at,
            status=self._status(session),
            booked=session in self.scheduled,
            chair=self.time_out[session][1].chair if session in self.time_out else chair,
            order=self._order(session),
            dose=self._dose(session),
            ended_at=self._ended_at(session),
        )

    def _place(self, session: UUID) -> tuple[UUID | None, int | None, datetime, str | None]:
        if session in self.scheduled:
            body = self.scheduled[session][1]
            return body.course, body.number, body.planned_at, body.chair
        if session in self.planned:
            course, planned = self.planned[session]
            return course, planned.number, planned.planned_at, None
        return None, None, self.began[session].at, None

    def _status(self, session: UUID) -> Status:
        return next((status for status, said in self.reached if session in said), Status.PLANNED)

    def _ended_at(self, session: UUID) -> datetime | None:
        """When the patient left, or the dose was stopped and nothing later is said."""
        ends = [said[session][0].at for status, said in self.reached if status in ENDS and session in said]
        return ends[0] if ends else None

    def _order(self, session: UUID) -> OrderSigned | None:
        return self.ordered[session][1] if session in self.ordered else None

    def _dose(self, session: UUID) -> Dose | None:
        if session not in self.began:
            return None
        order, (stopped_at, given) = self._order(session), self._given(session)
        weight = order.weight_kg if order else None
        return Dose(
            session=session,
            started_at=self.began[session].at,
            stopped_at=stopped_at,
            drug=order.drug if order else "",
            route=order.route if order else "",
            given_mg=given,
            mg_per_kg=given / weight if given is not None and weight else None,
        )

    def _given(self, session: UUID) -> tuple[datetime | None, Decimal | None]:
        """(when the dose ended, the mg that went in); unknown while it is under way."""
        if session in self.started:
            stop = self.stopped.get(session)
            per_ml = self.started[session][1].mg_per_ml
            return (stop[0].at, stop[1].delivered_ml * per_ml) if stop else (None, None)
        found = self.parts[session]
        return found.over_at, found.given_mg if found.over_at else None


ENDS = (Status.DISCHARGED, Status.ABANDONED, Status.RECOVERY)


def _by_session(chart: Chart, kind: type[B]) -> dict[UUID, tuple[Entry, B]]:
    """The latest standing entry of a kind in each session."""
    return {e.session: (e, body) for e, body in chart.said(kind) if e.session is not None}
