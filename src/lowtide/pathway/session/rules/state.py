"""The session as a state machine: in which phase it is, and what may be done in it, with the reason why not."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

import msgspec

from lowtide.data.monitoring import Item
from lowtide.pathway.session.rules.drawn import drawn
from lowtide.pathway.session.rules.due import DueItem, due_items
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.leaving import ready
from lowtide.record.chart import Chart
from lowtide.record.entries.chair import ChairEvent, Rating, Vitals


class Phase(StrEnum):
    UNKNOWN = "unknown"
    SCHEDULED = "scheduled"
    PREPARING = "preparing"
    DOSING = "dosing"
    PAUSED = "paused"
    MONITORING = "monitoring"
    READY = "ready"
    DISCHARGED = "discharged"
    SIGNED = "signed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"


class Verb(StrEnum):
    SCHEDULE = "schedule"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    TIME_OUT = "time_out"
    MAKE_UP = "make_up"
    CHECK_PREPARATION = "check_preparation"
    START = "start"
    CHANGE_RATE = "change_rate"
    PAUSE = "pause"
    RESUME = "resume"
    CHANGE_CONTAINER = "change_container"
    HAND_OVER = "hand_over"
    STOP = "stop"
    GIVE = "give"
    END_DOSING = "end_dosing"
    CHART = "chart"
    NOTE = "note"
    DISCHARGE = "discharge"
    ABANDON = "abandon"
    SIGN = "sign"


P = Phase
ALLOWED: dict[Verb, frozenset[Phase]] = {
    Verb.SCHEDULE: frozenset({P.UNKNOWN}),
    Verb.RESCHEDULE: frozenset({P.SCHEDULED}),
    Verb.CANCEL: frozenset({P.SCHEDULED, P.PREPARING}),
    Verb.TIME_OUT: frozenset({P.SCHEDULED, P.PREPARING}),
    Verb.MAKE_UP: frozenset({P.SCHEDULED, P.PREPARING, P.DOSING, P.PAUSED}),
    Verb.CHECK_PREPARATION: frozenset({P.SCHEDULED, P.PREPARING, P.DOSING, P.PAUSED}),
    Verb.START: frozenset({P.PREPARING}),
    Verb.CHANGE_RATE: frozenset({P.DOSING}),
    Verb.PAUSE: frozenset({P.DOSING}),
    Verb.RESUME: frozenset({P.PAUSED}),
    Verb.CHANGE_CONTAINER: frozenset({P.DOSING, P.PAUSED}),
    Verb.HAND_OVER: frozenset({P.PREPARING, P.DOSING, P.PAUSED, P.MONITORING, P.READY}),
    Verb.STOP: frozenset({P.DOSING, P.PAUSED}),
    Verb.GIVE: frozenset({P.PREPARING, P.DOSING}),
    Verb.END_DOSING: frozenset({P.DOSING}),
    Verb.CHART: frozenset(Phase) - {P.UNKNOWN, P.CANCELLED},
    Verb.NOTE: frozenset(Phase) - {P.UNKNOWN},
    Verb.DISCHARGE: frozenset({P.MONITORING, P.READY}),
    Verb.ABANDON: frozenset({P.PREPARING, P.DOSING, P.PAUSED}),
    Verb.SIGN: frozenset({P.DISCHARGED}),
}
BY_PUMP = frozenset({Verb.START, Verb.CHANGE_RATE, Verb.PAUSE, Verb.RESUME, Verb.STOP, Verb.CHANGE_CONTAINER})
BY_PART = frozenset({Verb.GIVE, Verb.END_DOSING})
WORDS: dict[Phase, str] = {
    P.UNKNOWN: "it is not booked",
    P.SCHEDULED: "the time-out was not taken",
    P.PREPARING: "the dose was not started",
    P.DOSING: "the dose is running",
    P.PAUSED: "the dose is paused",
    P.MONITORING: "the dose has ended and the patient is being watched",
    P.READY: "the dose has ended and the patient may be ready to leave",
    P.DISCHARGED: "the patient has left",
    P.SIGNED: "it is signed; what comes now is an addendum",
    P.CANCELLED: "it was cancelled",
    P.ABANDONED: "it was broken off",
}


class SessionState(msgspec.Struct, frozen=True, dict=True):
    """One session as it stands at `now`; without `now` nothing is said that a clock would change."""

    facts: Facts
    phase: Phase
    now: datetime | None
    monitoring: Mapping[str, Item]

    @cached_property
    def due(self) -> tuple[DueItem, ...]:
        """Every due item; worked out when somebody asks, because guards under the lock seldom do."""
        return tuple(due_items(self.facts, self.monitoring, self.now))

    @property
    def by_pump(self) -> bool:
        """What happened says it, else the order; before both an infusion is expected."""
        if self.facts.infusion or self.facts.parts:
            return self.facts.infusion is not None
        return self.facts.way.form == "infusion"

    @property
    def is_drawn_up(self) -> bool:
        """Whether it is made up into something that bears a label; before an order an infusion is expected."""
        return self.by_pump or (self.facts.order is not None and drawn(self.facts.order[1]) is not None)

    @property
    def abandoned_after_dose(self) -> bool:
        return self.facts.abandoned is not None and self.facts.started is not None

    def refusal(self, verb: Verb) -> str | None:
        """Why the verb is not allowed now; None when it is."""
        if verb in BY_PUMP and not self.by_pump:
            return "this dose has no pump"
        if verb in BY_PART and self.by_pump:
            return "this dose runs by a pump"
        if verb is Verb.MAKE_UP and not self.is_drawn_up:
            return "this dose is counted out, not drawn up"
        if self.phase in ALLOWED[verb] or self._broken_off_allows(verb):
            return None
        return WORDS[self.phase]

    def _broken_off_allows(self, verb: Verb) -> bool:
        """A session broken off after the dose goes on to the leaving, also into the next shift; one without a dose ends with
        the signature."""
        then = {Verb.DISCHARGE, Verb.HAND_OVER} if self.facts.started else {Verb.SIGN}
        return self.phase is Phase.ABANDONED and verb in then

    @property
    def allowed(self) -> frozenset[Verb]:
        return frozenset(verb for verb in Verb if self.refusal(verb) is None)


def session_state(
    chart: Chart, session: UUID, monitoring: Mapping[str, Item], now: datetime | None = None
) -> SessionState:
    """The state of one session of a chart. A session that nobody booked is in phase `unknown`."""
    return state_of(session_facts(chart, session), monitoring, now)


def state_of(facts: Facts, monitoring: Mapping[str, Item], now: datetime | None = None) -> SessionState:
    return SessionState(facts, _phase(facts, monitoring, now), now, monitoring)


def _phase(facts: Facts, monitoring: Mapping[str, Item], now: datetime | None) -> Phase:
    """The furthest point that the entries reach; `ready` alone asks the time."""
    ended = (
        (facts.signed, Phase.SIGNED),
        (facts.discharged, Phase.DISCHARGED),
        (facts.cancelled, Phase.CANCELLED),
        (facts.abandoned, Phase.ABANDONED),
    )
    for fact, phase in ended:
        if fact:
            return phase
    if facts.stopped:
        return Phase.READY if now and ready(facts, monitoring, now) else Phase.MONITORING
    if facts.infusion:
        return Phase.PAUSED if facts.infusion.paused else Phase.DOSING
    return P.DOSING if facts.parts else _before_the_dose(facts)


def _before_the_dose(facts: Facts) -> Phase:
    if facts.time_out or any(isinstance(e.body, Vitals | Rating | ChairEvent) for e in facts.entries):
        return Phase.PREPARING
    return Phase.SCHEDULED if facts.scheduled else Phase.UNKNOWN
