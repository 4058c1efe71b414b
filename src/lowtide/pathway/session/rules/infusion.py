"""How much has gone in: the pump's rates, piecewise constant, integrated exactly.

Rates are mL/h, volumes mL. Time is counted in whole microseconds and the division comes last, so that any way of
cutting an interval gives the same sum.
"""

from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

import msgspec

MICROSECOND = timedelta(microseconds=1)
MICROSECONDS_PER_HOUR = 3_600_000_000


class Step(msgspec.Struct, frozen=True):
    """From `at` on the pump runs at this rate; 0 is a pause."""

    at: datetime
    rate_ml_per_h: Decimal


class Infusion(msgspec.Struct, frozen=True):
    """One infusion: its steps in order of time, the volume made up, its strength, and when it was stopped."""

    steps: tuple[Step, ...]
    volume_ml: Decimal
    mg_per_ml: Decimal
    stopped_at: datetime | None = None

    def delivered_ml(self, at: datetime) -> Decimal:
        """What the rates say had gone in by `at`: never falls, never above the volume made up."""
        return min(self.volume_ml, _poured(self._steps_by(at)) / MICROSECONDS_PER_HOUR)

    def delivered_mg(self, at: datetime) -> Decimal:
        return self.delivered_ml(at) * self.mg_per_ml

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
    def runs_empty_at(self) -> datetime:
        """When the volume is in: at the rate in force, or while paused as if it were resumed at once."""
        last = self.steps[-1]
        rate = next(s.rate_ml_per_h for s in reversed(self.steps) if s.rate_ml_per_h)
        left = self.volume_ml * MICROSECONDS_PER_HOUR - _poured(self.steps)
        if left > 0:
            return last.at + int((left / rate).to_integral_value(ROUND_CEILING)) * MICROSECOND
        return self._emptied_at()

    def _emptied_at(self) -> datetime:
        """The instant at which the volume was reached, before the last step."""
        for place, step in enumerate(self.steps):
            left = self.volume_ml * MICROSECONDS_PER_HOUR - _poured(self.steps[: place + 1])
            following = self.steps[place + 1].at
            reached = left / step.rate_ml_per_h if step.rate_ml_per_h else None
            if reached is not None and reached <= (following - step.at) // MICROSECOND:
                return step.at + int(reached.to_integral_value(ROUND_CEILING)) * MICROSECOND
        return self.steps[-1].at

    def _steps_by(self, at: datetime) -> tuple[Step, ...]:
        """The steps until `at`, closed by one that pours nothing."""
        until = min(at, self.stopped_at) if self.stopped_at else at
        return (*(s for s in self.steps if s.at < until), Step(until, Decimal(0)))


def _poured(steps: tuple[Step, ...]) -> Decimal:
    """The sum of rate times microseconds between the first and the last step, exact."""
    poured = (a.rate_ml_per_h * ((b.at - a.at) // MICROSECOND) for a, b in pairwise(steps))
    return sum(poured, Decimal(0))
