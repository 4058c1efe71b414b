"""How long a response lasts: survival at a steady hazard, and how far the hazard was from steady.

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


def days_until_half(rate: Interval) -> Interval:
    """When half of the responders have lost their response."""
    return Interval(_half(rate.value), _half(rate.upper), _half(rate.lower))


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
