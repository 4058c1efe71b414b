"""How much has gone in: the pump's rates, piecewise constant, integrated exactly, container by container.

Rates are mL/h, volumes mL. Time is counted in whole microseconds and the division comes last, so that any way of
cutting an interval gives the same sum. Of a bag or syringe that ended what was measured counts: its volume less its rest.
"""

from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

import msgspec

MICROSECOND = timedelta(microseconds=1)
MICROSECONDS_PER_HOUR = 3_600_000_000
ZERO = Decimal(0)


class Step(msgspec.Struct, frozen=True):
    """From `at` on the pump runs at this rate; 0 is a pause."""

    at: datetime
    rate_ml_per_h: Decimal


class Change(msgspec.Struct, frozen=True):
    """At `at` one container ended with `residual_ml` in it, and one of another volume and strength began."""

    at: datetime
    residual_ml: Decimal
    volume_ml: Decimal
    mg_per_ml: Decimal


class Held(msgspec.Struct, frozen=True):
    """One container while it ran; `gave_ml` is what was measured once it ended."""

    began_at: datetime
    volume_ml: Decimal
    mg_per_ml: Decimal
    ended_at: datetime | None = None
    gave_ml: Decimal | None = None

    @property
    def most_ml(self) -> Decimal:
        return self.volume_ml if self.gave_ml is None else self.gave_ml


class Infusion(msgspec.Struct, frozen=True):
    """One infusion: its steps in order of time, the first container's volume and strength, when it was stopped, and the
    changes of container in between."""

    steps: tuple[Step, ...]
    volume_ml: Decimal
    mg_per_ml: Decimal
    stopped_at: datetime | None = None
    changes: tuple[Change, ...] = ()

    @property
    def held(self) -> tuple[Held, ...]:
        """The containers in the order in which they ran."""
        found = [Held(self.steps[0].at, self.volume_ml, self.mg_per_ml)]
        for change in self.changes:
            last = found[-1]
            gave = max(ZERO, last.volume_ml - change.residual_ml)
            found[-1] = msgspec.structs.replace(last, ended_at=change.at, gave_ml=gave)
            found.append(Held(change.at, change.volume_ml, change.mg_per_ml))
        return tuple(found)

    @property
    def loaded_ml(self) -> Decimal:
        """What can have gone in: what ended containers gave, and all that the present one holds."""
        return sum((held.most_ml for held in self.held), ZERO)

    @property
    def hung_ml(self) -> Decimal:
        """What all containers held."""
        return self.volume_ml + sum((change.volume_ml for change in self.changes), ZERO)

    @property
    def poured_away_ml(self) -> Decimal:
        """What was left in those that ended."""
        return self.hung_ml - self.loaded_ml

    def delivered_ml(self, at: datetime) -> Decimal:
        """What had gone in by `at`: never falls, never above what was made up."""
        return sum((self._of(held, at) for held in self.held), ZERO)

    def delivered_mg(self, at: datetime) -> Decimal:
        return sum((self._of(held, at) * held.mg_per_ml for held in self.held), ZERO)

    def mg_of(self, volume_ml: Decimal) -> Decimal:
        """The mg in so much of the infusion, counted from its first drop."""
        mg, left = ZERO, volume_ml
        for held in self.held[:-1]:
            part = min(left, held.most_ml)
            mg, left = mg + part * held.mg_per_ml, left - part
        return mg + left * self.held[-1].mg_per_ml

    def left_ml(self, at: datetime) -> Decimal:
        """What the present container still holds, by the rates."""
        held = self.held[-1]
        return held.volume_ml - self._of(held, at)

    def rate_at(self, at: datetime) -> Decimal:
        """The rate in force at `at`; 0 before the start, after the stop and while paused."""
        if self.stopped_at and at >= self.stopped_at:
            return Decimal(0)
        past = [step.rate_ml_per_h for step in self.steps if step.at <= at]
        return past[-1] if past else Decimal(0)

    @property
    def paused(self) -> bool:
        return self.stopped_at is None and self.steps[-1].rate_ml_per_h == 0

    @property
    def pauses(self) -> tuple[tuple[datetime, datetime | None], ...]:
        """(from, until) of each time at which the pump stood still; until None while it does."""
        found: list[tuple[datetime, datetime | None]] = []
        for step in (*self.steps, *([Step(self.stopped_at, ZERO)] if self.stopped_at else [])):
            if found and found[-1][1] is None and (step.rate_ml_per_h or step.at == self.stopped_at):
                found[-1] = found[-1][0], step.at
            elif step.rate_ml_per_h == 0 and step.at != self.stopped_at and (not found or found[-1][1]):
                found.append((step.at, None))
        return tuple(found)

    @property
    def runs_empty_at(self) -> datetime:
        """When the present container is in: at the rate in force, or while paused as if it were resumed at once."""
        return self.reaches_at(ZERO)

    def reaches_at(self, more_ml: Decimal) -> datetime:
        """When the present container and `more_ml` after it (below 0: before it is empty) are in."""
        held = self.held[-1]
        steps, volume = self._steps_from(held.began_at), held.volume_ml + more_ml
        last = steps[-1]
        rates = [s.rate_ml_per_h for s in (*self.steps, *steps) if s.rate_ml_per_h]
        left = volume * MICROSECONDS_PER_HOUR - _poured(steps)
        if left > 0 and rates:
            return last.at + int((left / rates[-1]).to_integral_value(ROUND_CEILING)) * MICROSECOND
        return _emptied_at(steps, volume)

    def _of(self, held: Held, at: datetime) -> Decimal:
        """What of one container had gone in by `at`."""
        if held.ended_at and at >= held.ended_at:
            return held.most_ml
        if at <= held.began_at:
            return ZERO
        until = min(at, self.stopped_at) if self.stopped_at else at
        steps = (*(s for s in self._steps_from(held.began_at) if s.at < until), Step(until, ZERO))
        return min(held.most_ml, _poured(steps) / MICROSECONDS_PER_HOUR)

    def _steps_from(self, at: datetime) -> tuple[Step, ...]:
        """The steps from an instant on, the first with the rate in force then."""
        later = tuple(s for s in self.steps if s.at > at)
        return (Step(at, self.rate_at(at)), *later)


def _emptied_at(steps: tuple[Step, ...], volume_ml: Decimal) -> datetime:
    """The instant at which the volume was reached, before the last step."""
    for place, step in enumerate(steps[:-1]):
        left = volume_ml * MICROSECONDS_PER_HOUR - _poured(steps[: place + 1])
        following = steps[place + 1].at
        reached = left / step.rate_ml_per_h if step.rate_ml_per_h else None
        if reached is not None and reached <= (following - step.at) // MICROSECOND:
            return step.at + int(reached.to_integral_value(ROUND_CEILING)) * MICROSECOND
    return steps[-1].at


def _poured(steps: tuple[Step, ...]) -> Decimal:
    """The sum of rate times microseconds between the first and the last step, exact."""
    poured = (a.rate_ml_per_h * ((b.at - a.at) // MICROSECOND) for a, b in pairwise(steps))
    return sum(poured, Decimal(0))
