"""From a stream of samples to one charted value a minute: the median that was really measured, with its extremes.

A monitor repeats its last cuff pressure in every message; the same measurement (same code, same instant, same value) counts once.
A pressure is charted as one: systolic, diastolic and mean of the same instant.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median_low

import msgspec

from lowtide.exchange.hl7v2.reading import Value

PRESSURE = ("sbp_mmhg", "dbp_mmhg", "map_mmhg")
GRACE = {"pressure": timedelta(seconds=5), "minute": timedelta(seconds=30)}
"""How long what is over waits for a device that has fallen silent: a line that broke comes back, and says again what it
was not answered. A device that has gone on to the next minute is not waited for."""
BELIEVED = timedelta(hours=2)
Key = tuple[datetime, str]


class Minute(msgspec.Struct, frozen=True):
    """What is charted of one minute: per quantity the median, least and greatest, over `samples` of them."""

    at: datetime
    values: dict[str, Decimal]
    least: dict[str, Decimal]
    greatest: dict[str, Decimal]
    samples: int

    @property
    def kind(self) -> str:
        """What of a moment this is: a cuff's pressure, or the minute's other values."""
        return "pressure" if set(self.values) & set(PRESSURE) else "minute"


class _Bucket(msgspec.Struct):
    """The samples of one minute, or of one cuff pressure, while it is open. `since`: when the first of them was received."""

    since: datetime
    values: dict[str, list[Decimal]] = {}
    seen: set[tuple[str, str, datetime, Decimal]] = set()


class Minutes:
    """Collects the samples of one device. Not safe for two threads at once.

    What was given is not collected again: a sample that comes after its minute is for the live view only.
    """

    def __init__(self) -> None:
        self._open: dict[Key, _Bucket] = {}
        self._given: set[Key] = set()
        self._latest: datetime | None = None

    def add(self, values: Iterable[Value], now: datetime) -> None:
        """Take the values that may be charted; the others, and those of a clock hours off, are for the live view only."""
        for value in values:
            near = value.at is not None and abs(value.at - now) <= BELIEVED
            if near and value.chartable and value.lowtide and isinstance(value.value, Decimal) and value.at:
                self._take((value.lowtide, value.sub_id, value.at, value.value), now)

    def closed(self, now: datetime) -> list[Minute]:
        """The minutes that are over by the device's own clock or by ours, oldest first; each is given once."""
        found = [key for key in sorted(self._open) if key[0] + _LENGTH[key[1]] <= self._over(key[1], now)]
        self._given = {key for key in self._given if abs(key[0] - now) <= 2 * BELIEVED} | set(found)
        return [_MADE[key[1]](key[0], self._open.pop(key).values) for key in found]

    def _over(self, kind: str, now: datetime) -> datetime:
        of_device = [self._latest.replace(second=0, microsecond=0)] if self._latest else []
        return max(now - GRACE[kind], *of_device)

    @property
    def since(self) -> datetime | None:
        """When the oldest sample that still waits was received."""
        return min((bucket.since for bucket in self._open.values()), default=None)

    def _take(self, sample: tuple[str, str, datetime, Decimal], now: datetime) -> None:
        quantity, _, at, value = sample
        self._latest = max(self._latest or at, at)
        key = (at, "pressure") if quantity in PRESSURE else (at.replace(second=0, microsecond=0), "minute")
        if key in self._given:
            return
        bucket = self._open.setdefault(key, _Bucket(now))
        if sample not in bucket.seen:
            bucket.seen.add(sample)
            bucket.values.setdefault(quantity, []).append(value)


def _minute(at: datetime, samples: dict[str, list[Decimal]]) -> Minute:
    return Minute(
        at,
        {name: median_low(values) for name, values in samples.items()},
        {name: min(values) for name, values in samples.items()},
        {name: max(values) for name, values in samples.items()},
        max(map(len, samples.values())),
    )


def _pressure(at: datetime, samples: dict[str, list[Decimal]]) -> Minute:
    values = {name: told[-1] for name, told in samples.items()}
    return Minute(at, values, values, values, 1)


_LENGTH = {"minute": timedelta(minutes=1), "pressure": timedelta()}
_MADE = {"minute": _minute, "pressure": _pressure}
