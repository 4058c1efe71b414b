"""How long a response lasts, and when it comes: survival at a steady hazard, and effects along the logarithm of time.

A steady hazard is the plainest reading of "so many were still well after so many days"; where a study prints more than
one time, `steadiness` says how far the hazard was from steady.
"""

from collections.abc import Sequence
from math import exp, inf, log, sqrt

import msgspec
import numpy as np

from lowtide.problems import bad
from lowtide.science.evidence.absolute import Interval


class Kept(msgspec.Struct, frozen=True):
    """`kept` of `n` people were still responders after `days`."""

    days: float
    kept: float
    n: int


def hazard(row: Kept, z: float = 1.959963984540054) -> Interval:
    """Losses a day at a steady hazard, with limits by the complementary log-log of the share kept.

    Where nobody or everybody was lost half a person is taken off or added; the limits' width says so.
    """
    if row.days <= 0 or row.n <= 0 or not 0 <= row.kept <= row.n:
        raise bad("people and days do not fit", "durability", "Give days above 0 and kept from 0 to n.")
    kept = min(max(row.kept, 0.5), row.n - 0.5) if row.n > 1 else 0.5
    share = kept / row.n
    gone = -log(share)
    spread = sqrt((1 - share) / (share * row.n)) / gone
    rate = gone / row.days
    return Interval(rate, rate * exp(-z * spread), rate * exp(z * spread))


def kept_after(days: float, rate: Interval, ratio: float = 1.0) -> Interval:
    """The share still responding after `days`; `ratio` is a hazard ratio, such as that of going on with treatment."""
    return Interval(
        exp(-rate.value * ratio * days), exp(-rate.upper * ratio * days), exp(-rate.lower * ratio * days)
    )


def days_until_half(rate: Interval, ratio: float = 1.0) -> Interval:
    """When half of the responders have lost their response."""
    return Interval(_half(rate.value * ratio), _half(rate.upper * ratio), _half(rate.lower * ratio))


def _half(rate: float) -> float:
    return log(2) / rate if rate else inf


def steadiness(rows: Sequence[Kept]) -> float | None:
    """Weibull's shape from the printed times: 1 is a steady hazard, below 1 most is lost early; None from one time.

    The slope of log(-log(share kept)) on log(days), each point alike.
    """
    used = [(log(r.days), log(-log(r.kept / r.n))) for r in rows if r.days > 0 and 0 < r.kept < r.n]
    if len({x for x, _ in used}) < 2:
        return None
    x, y = np.array(used).T
    x = x - x.mean()
    return float(x @ y / (x @ x))


class At(msgspec.Struct, frozen=True):
    """An effect at a time, with its standard error."""

    days: float
    estimate: float
    se: float


def along_time(rows: Sequence[At], days: float, z: float = 1.959963984540054) -> Interval:
    """The effect at `days`, on a straight line in log(1 + days) through the printed times, weighed by precision.

    Only within the printed times: beyond them nothing is known. Points of one study are not independent, so the limits
    are those of its nearest time, never narrower.
    """
    if not rows or not min(r.days for r in rows) <= days <= max(r.days for r in rows):
        raise bad(f"nothing was measured around day {days:g}", "days", "Ask within the times of the rows.")
    x = np.array([log(1 + r.days) for r in rows])
    y, w = np.array([r.estimate for r in rows]), np.array([r.se**-2 for r in rows])
    at, centre = log(1 + days), float(w @ x / w.sum())
    spread = float(w @ (x - centre) ** 2)
    slope = float(w @ ((x - centre) * y)) / spread if spread else 0.0
    value = float(w @ y / w.sum()) + slope * (at - centre)
    nearest = min(rows, key=lambda r: abs(log(1 + r.days) - at)).se
    return Interval(value, value - z * nearest, value + z * nearest)
