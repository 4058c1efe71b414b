"""From a stream of samples to one charted value a minute: the median that was really measured, with its extremes.

A cuff's pressure is charted as one: systolic, diastolic and mean of the same instant, and the same measurement (same code,
same instant, same value) counts once; a pressure that never stops, as an arterial line's, is charted by the minute.
What a pump reports is charted as it stood at the end of the minute: a counter has no median. Each stands at the instant of its
last sample, so that a minute in which a dose began is never taken for one before it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median_low

import msgspec

from lowtide.exchange.hl7v2.cuff import CONTINUOUS, PRESSURE
from lowtide.exchange.hl7v2.values import Value

PUMP = ("rate_ml_per_h", "rate_mg_per_h", "delivered_ml", "vtbi_ml")
GRACE = {
    "pressure": timedelta(seconds=5),
    "minute": timedelta(seconds=30),
    "continuous": timedelta(seconds=30),
    "report": timedelta(seconds=30),
}
"""How long what is over waits for a device that has fallen silent: a line that broke comes back, and says again what it
was not answered. A device that has gone on to the next minute is not waited for."""
BELIEVED = timedelta(hours=2)
Key = tuple[datetime, str]


class Minute(msgspec.Struct, frozen=True):
    """What is charted of one minute: per quantity the median, least and greatest, over `samples` of them; `at` is the last of them. `kind`: a cuff's
    pressure, a continuous pressure, a pump's report, or the minute's other values. `begins` tells it from the others."""

    at: datetime
    values: dict[str, Decimal]
    least: dict[str, Decimal]
    greatest: dict[str, Decimal]
    samples: int
    kind: str = "minute"
    begins: datetime | None = None


class _Bucket(msgspec.Struct):
    """The samples of one minute, or of one cuff pressure, while it is open. `since`: when the first of them was received;
    `last`: the instant of the last."""

    since: datetime
    last: datetime
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
                self._take((value.lowtide, value.sub_id, value.at, value.value), _kind(value), now)

    def closed(self, now: datetime) -> list[Minute]:
        """The minutes that are over by the device's own clock or by ours, oldest first; each is given once."""
        found = [key for key in sorted(self._open) if key[0] + _LENGTH[key[1]] <= self._over(key[1], now)]
        self._given = {key for key in self._given if abs(key[0] - now) <= 2 * BELIEVED} | set(found)
        return [_MADE[key[1]](key, self._open.pop(key)) for key in found]

    def _over(self, kind: str, now: datetime) -> datetime:
        of_device = [self._latest.replace(second=0, microsecond=0)] if self._latest else []
        return max(now - GRACE[kind], *of_device)

    @property
    def since(self) -> datetime | None:
        """When the oldest sample that still waits was received."""
        return min((bucket.since for bucket in self._open.values()), default=None)

    def _take(self, sample: tuple[str, str, datetime, Decimal], kind: str, now: datetime) -> None:
        quantity, _, at, value = sample
        self._latest = max(self._latest or at, at)
        key = (at if kind == "pressure" else at.replace(second=0, microsecond=0), kind)
        if key in self._given:
            return
        bucket = self._open.setdefault(key, _Bucket(now, at))
        if sample not in bucket.seen:
            bucket.seen.add(sample)
            bucket.values.setdefault(quantity, []).append(value)
            bucket.last = max(bucket.last, at)


def _kind(value: Value) -> str:
    if value.lowtide in PUMP:
        return "report"
    if value.lowtide in PRESSURE:
        return "continuous" if CONTINUOUS & set(value.flags) else "pressure"
    return "minute"


def _minute(key: Key, bucket: _Bucket) -> Minute:
    samples = bucket.values
    return Minute(
        bucket.last,
        {name: median_low(values) for name, values in samples.items()},
        {name: min(values) for name, values in samples.items()},
        {name: max(values) for name, values in samples.items()},
        max(map(len, samples.values())),
        key[1],
        key[0],
    )


def _last(key: Key, bucket: _Bucket) -> Minute:
    """What was told last, at its own instant."""
    values = {name: told[-1] for name, told in bucket.values.items()}
    return Minute(bucket.last, values, values, values, 1, key[1], key[0])


_LENGTH = {name: timedelta(minutes=name != "pressure") for name in GRACE}
_MADE = {"minute": _minute, "continuous": _minute, "pressure": _last, "report": _last}
