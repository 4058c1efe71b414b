"""What the entries of a session say, each fact once.

The same entries give the same facts in whatever order they arrive. Two things that cannot both be true (a
cancelled session with a dose) are never settled in silence: the safer reading stands, and `contradictions` says so.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from operator import is_
from typing import TypeVar
from uuid import UUID

import msgspec

from lowtide.data.chair import numbers
from lowtide.data.giving import Way, way
from lowtide.data.own import laid
from lowtide.pathway.course.escorts import last_said
from lowtide.pathway.course.given import Parts, parts
from lowtide.pathway.session.rules.infusion import Change, Infusion, Step
from lowtide.pathway.session.rules.readings import Omission, Readings, artefacts, omissions, readings
from lowtide.record.chart import Chart, by_order
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import (
    Acknowledged,
    ChairEvent,
    Discharged,
    DoseGiven,
    DoseStarted,
    DoseStopped,
    DosingEnded,
    NotDone,
    Note,
    PreparationChecked,
    RateChanged,
    Rating,
    SessionAbandoned,
    SessionCancelled,
    SessionScheduled,
    SessionSigned,
    TimeOut,
    Vitals,
)
from lowtide.record.entries.devices import AlarmTold, PumpTold
from lowtide.record.entries.downtime import PaperTyped
from lowtide.record.entries.events import (
    AdverseEvent,
    AdverseEventFollowed,
    EmergencyEnded,
    EmergencyOpened,
    EmergencyStep,
    FollowUpCall,
    RescueEffect,
    RescueGiven,
)
from lowtide.record.entries.longrun import ContainerChanged, ContainerPrepared, HandedOver
from lowtide.record.entries.portal import EscortNamed
from lowtide.record.entries.reminding import ArtefactMarked
from lowtide.record.entries.therapy import TherapyNote

B = TypeVar("B", bound=Body)
T = TypeVar("T")


# The kinds that a session is made of; all of them carry its id.
KINDS: tuple[type[Body], ...] = (
    SessionScheduled,
    OrderSigned,
    TimeOut,
    PreparationChecked,
    DoseStarted,
    RateChanged,
    DoseStopped,
    DoseGiven,
    DosingEnded,
    Vitals,
    Rating,
    NotDone,
    ChairEvent,
    Note,
    Acknowledged,
    ArtefactMarked,
    Discharged,
    SessionAbandoned,
    SessionCancelled,
    SessionSigned,
    AdverseEvent,
    AdverseEventFollowed,
    RescueGiven,
    RescueEffect,
    EmergencyOpened,
    EmergencyStep,
    EmergencyEnded,
    FollowUpCall,
    TherapyNote,
    PumpTold,
    AlarmTold,
    ContainerPrepared,
    ContainerChanged,
    HandedOver,
    PaperTyped,
    EscortNamed,
)


KNOWN = frozenset(KINDS)
READ = (Vitals, Rating)  # nearly all entries of a session, and of no fact but the readings


class Facts(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What the entries of one session say, each fact once; `entries` are those that stand, in fold order."""

    session: UUID
    entries: tuple[Entry, ...]
    scheduled: tuple[Entry, SessionScheduled] | None
    order: tuple[Entry, OrderSigned] | None
    time_out: tuple[Entry, TimeOut] | None
    preparation: tuple[Entry, PreparationChecked] | None
    started: tuple[Entry, DoseStarted | DoseGiven] | None
    stopped: tuple[Entry, DoseStopped | DoseGiven] | None
    discharged: tuple[Entry, Discharged] | None
    signed: tuple[Entry, SessionSigned] | None
    abandoned: tuple[Entry, SessionAbandoned] | None
    cancelled: tuple[Entry, SessionCancelled] | None
    infusion: Infusion | None
    parts: Parts | None
    readings: Readings
    artefacts: Readings
    omissions: tuple[Omission, ...]
    contradictions: tuple[str, ...]

    def once(self, name: str, given: object, work: Callable[[], T]) -> T:
        """What follows from these facts, from `given` and from the clinic's numbers alone: worked out when it is first
        asked for, since header, flowsheet, reminders and board all ask, and again when `given` is another."""
        basis = (laid(), given)
        known: tuple[object, T] | None = self.__dict__.get(name)
        if known is None or known[0] != basis:
            known = self.__dict__[name] = (basis, work())
        return known[1]

    @property
    def started_at(self) -> datetime | None:
        return self.started[0].at if self.started else None

    @property
    def stopped_at(self) -> datetime | None:
        return self.stopped[0].at if self.stopped else None

    @property
    def ends_at(self) -> datetime | None:
        """When the dose ended, or is expected to."""
        if self.stopped_at or self.infusion is None:
            return self.stopped_at or (_last_part_at(self.parts) if self.parts else None)
        return self.infusion.reaches_at(self.more_ml)

    @property
    def more_ml(self) -> Decimal:
        """What the order still has beyond the container that hangs, where it is made up in several; below 0 where that
        one holds more than it. A rest that was poured away did not go in: it is still to come, but for what always stays
        behind in a bag and its line (hazard H014)."""
        started, order = self.started[1] if self.started else None, self.order[1] if self.order else None
        in_all = order.final_volume_ml if order else None
        if self.infusion is None or in_all is None or getattr(started, "container", None) is None:
            return Decimal(0)
        open_ml = in_all - self.infusion.loaded_ml
        if self.infusion.poured_away_ml > in_all * numbers().rest_stays_pct / 100:
            return open_ml
        return min(open_ml, max(Decimal(0), in_all - self.infusion.hung_ml))

    @property
    def again_ml(self) -> Decimal:
        """How much of what is still to come was made up once and poured away."""
        return (
            min(max(Decimal(0), self.more_ml), self.infusion.poured_away_ml) if self.infusion else Decimal(0)
        )

    @property
    def over_at(self) -> datetime | None:
        """When the patient left, or the session ended without a dose."""
        ended = self.discharged[0] if self.discharged else self.undosed
        return ended.at if ended else None

    @property
    def undosed(self) -> Entry | None:
        """How it ended without any dose: broken off before one, or cancelled."""
        ended = self.cancelled or (None if self.started else self.abandoned)
        return ended[0] if ended else None

    @property
    def given_ml(self) -> Decimal | None:
        """What the pump said went in, or was injected, once that is final; None for what has no volume."""
        if self.stopped is None:
            return None
        if isinstance(self.stopped[1], DoseStopped):
            return self.stopped[1].delivered_ml
        volumes = [b.volume_ml for _, b in self.parts.parts if b.volume_ml is not None] if self.parts else []
        return sum(volumes, Decimal(0)) if volumes else None

    @property
    def given_mg(self) -> Decimal | None:
        """What went in, in mg of free base, once nothing more comes: the sum of its parts, or by the pump."""
        if self.stopped is None:
            return None
        if isinstance(self.stopped[1], DoseStopped):
            return self.infusion.mg_of(self.stopped[1].delivered_ml) if self.infusion else None
        return self.parts.given_mg if self.parts else None

    @property
    def chair(self) -> str | None:
        if self.time_out:
            return self.time_out[1].chair
        return self.scheduled[1].chair if self.scheduled else None

    @property
    def escort(self) -> str:
        """Who takes the patient home, as the clinic or the patient said it before the session."""
        return last_said(self.entries)

    @property
    def nurse(self) -> str:
        """Who is at the chair: who took over last, else who took the time-out; empty before."""
        handed = _last(self.entries, HandedOver)
        return handed[1].incoming if handed else self.time_out[1].nurse if self.time_out else ""

    @property
    def way(self) -> Way:
        """How the ordered dose is given."""
        order = self.order[1] if self.order else None
        return way(order.product, order.route) if order else way(None, None)

    @property
    def route(self) -> str | None:
        return self.order[1].route if self.order else None


def facts(session: UUID, entries: Iterable[Entry], before: Facts | None = None) -> Facts:
    """The facts of these standing entries of one session; `before`: those of most of them, to save work."""
    ordered = tuple(sorted(entries, key=by_order))
    told = tuple(e for e in ordered if not isinstance(e.body, READ))
    pumped, stopped = _first(told, DoseStarted), _last(told, DoseStopped)
    order = _last(told, OrderSigned)
    given = parts(told, order[1] if order else None)
    infusion = _infusion(told, pumped, stopped)
    started: tuple[Entry, DoseStarted | DoseGiven] | None = pumped or (given.first if given else None)
    return Facts(
        session=session,
        entries=ordered,
        scheduled=_last(told, SessionScheduled),
        order=order,
        time_out=_last(told, TimeOut),
        preparation=_last(told, PreparationChecked),
        started=started,
        stopped=stopped if pumped else given.last if given and given.over_at else None,
        discharged=_last(told, Discharged),
        signed=_last(told, SessionSigned),
        abandoned=_last(told, SessionAbandoned),
        cancelled=None if started else _last(told, SessionCancelled),
        infusion=infusion,
        parts=given,
        readings=_readings(ordered, before),
        artefacts=artefacts(ordered if _first(told, ArtefactMarked) else ()),
        omissions=omissions(told),
        contradictions=tuple(_contradictions(told, pumped, given, infusion)),
    )


def sessions(chart: Chart) -> dict[UUID, Facts]:
    """Every session of a chart by id."""
    return {session: session_facts(chart, session) for session in chart.sessions()}


def session_facts(chart: Chart, session: UUID) -> Facts:
    """The facts of one session; a chart that does not know it answers facts without any entry. Those of the session
    asked about last are remembered, and the few of those that were not begun: whoever writes to a chair asks before and
    after, and the tables ask for what is planned in between."""
    known: Facts | None = chart.kept(session, "facts") or chart.kept(session, "planned")
    if known is None:
        entries = (e for e in chart.session(session) if type(e.body) in KNOWN)
        known = facts(session, entries, chart.kept_before(session, "facts"))
        begun = known.started is not None
        chart.keep(session, "facts" if begun else "planned", known, alone=begun)
    return known


def _readings(ordered: tuple[Entry, ...], before: Facts | None) -> Readings:
    """Every row's readings; those that come after all that was known are added to it."""
    if before is None or not all(map(is_, before.entries, ordered)) or len(before.entries) > len(ordered):
        return readings(ordered)
    later = ordered[len(before.entries) :]
    if any(isinstance(e.body, ArtefactMarked) for e in later):
        return readings(ordered)
    new = readings(later)
    return {name: known + new[name] for name, known in before.readings.items()}


def _infusion(
    ordered: tuple[Entry, ...],
    started: tuple[Entry, DoseStarted] | None,
    stopped: tuple[Entry, DoseStopped] | None,
) -> Infusion | None:
    if started is None:
        return None
    entry, dose = started
    end = stopped[0].at if stopped else None
    during = [e for e in ordered if e.at >= entry.at and (end is None or e.at <= end)]
    rates = [
        Step(e.at, e.body.rate_ml_per_h) for e in during if isinstance(e.body, RateChanged | ContainerChanged)
    ]
    changes = tuple(
        Change(e.at, e.body.residual_ml, e.body.volume_ml, e.body.mg_per_ml)
        for e in during
        if isinstance(e.body, ContainerChanged)
    )
    steps = (Step(entry.at, dose.rate_ml_per_h), *rates)
    first = next((e.body for e in ordered if e.id == dose.container), None)
    holds = first.final_volume_ml if isinstance(first, ContainerPrepared) else dose.volume_ml
    return Infusion(steps, holds, dose.mg_per_ml, end, changes)


def _last_part_at(given: Parts) -> datetime:
    """When the last part goes in if each follows at the least interval."""
    apart, each = (given.order.apart_min, given.order.each_mg) if given.order else (None, None)
    more = given.open_mg / each if each else Decimal(0)
    return given.last[0].at + timedelta(minutes=float((apart or 0) * more))


def _contradictions(
    ordered: tuple[Entry, ...],
    started: tuple[Entry, DoseStarted] | None,
    given: Parts | None,
    infusion: Infusion | None,
) -> Iterator[str]:
    starts = [e for e in ordered if isinstance(e.body, DoseStarted)]
    if len(starts) > 1:
        yield f"{len(starts)} starts of the dose are recorded; the first one counts"
    if started and given:
        yield "an infusion and a dose without a pump are recorded; the infusion counts"
    if given and given.ordered_mg is not None and given.given_mg > given.ordered_mg:
        yield f"{given.given_mg} mg went in, of {given.ordered_mg} mg ordered"
    if (started or given) and any(isinstance(e.body, SessionCancelled) for e in ordered):
        yield "the session was cancelled, yet a dose was started"
    stopped = _last(ordered, DoseStopped)
    if stopped and not started:
        yield "a stop is recorded without a start"
    if infusion and stopped and stopped[1].delivered_ml > infusion.loaded_ml:
        yield f"{stopped[1].delivered_ml} mL went in, of {infusion.loaded_ml} mL made up"


def _first(ordered: tuple[Entry, ...], kind: type[B]) -> tuple[Entry, B] | None:
    return next(((e, e.body) for e in ordered if isinstance(e.body, kind)), None)


def _last(ordered: tuple[Entry, ...], kind: type[B]) -> tuple[Entry, B] | None:
    return next(((e, e.body) for e in reversed(ordered) if isinstance(e.body, kind)), None)
