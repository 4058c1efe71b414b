"""People counted, as shares: one rule for comparisons, answers by name, pages and the printed tables.

A share is the people who had it of the people counted, where a source prints how many; else it is the percentage that it
prints. An analysis that needs people takes the nearest whole number to a printed percentage, and what it tells of 100
people stays the percentage. No half person is in a share.
"""

from decimal import ROUND_HALF_UP, Decimal
from math import sqrt

Z = 1.959963984540054


def counted(n: int | None, events: int | None, percent: float | None) -> int | None:
    """How many of `n` had it: as counted, else the nearest whole number of people to a printed percentage."""
    if events is not None:
        return events
    return round(percent * n / 100) if n and percent is not None else None


def share(n: int | None, events: int | None, percent: float | None) -> float | None:
    """People of 100: from the printed count, where there is one; else as printed."""
    return 100 * events / n if n and events is not None else percent


def whole(percent: float | None) -> int | None:
    """So many of a hundred people; a half is rounded up."""
    return None if percent is None else int(Decimal(str(percent)).quantize(Decimal(1), ROUND_HALF_UP))


def of_100(percent: float) -> str:
    """The same in writing: a tenth where fewer than one would read as nobody."""
    if 0 < percent < 1:
        return f"{percent:.1f}" if percent >= 0.05 else "under 0.1"
    return f"{whole(percent)}"


def limits(events: int, n: int) -> tuple[float, float]:
    """Wilson's limits of a share, in people of 100 (Wilson, J Am Stat Assoc 1927;22:209); they hold where nobody had it."""
    p, z2 = events / n, Z**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    low = 0.0 if events == 0 else 100 * (middle - half)
    high = 100.0 if events == n else 100 * (middle + half)
    return low, high
