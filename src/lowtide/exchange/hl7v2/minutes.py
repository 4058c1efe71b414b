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
GRACE = timedelta(seconds=5)
BELIEVED = timedelta(hours=2)


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


class Minutes:
    """Collects the samples of one device. Not safe for two threads at once."""

    def __init__(self) -> None:
        self._open: dict[datetime, dict[str, list[Decimal]]] = {}
        self._pressures: dict[datetime, dict[str, Decimal]] = {}
        self._seen: set[tuple[str, str, datetime, Decimal]] = set()
        self._latest: datetime | None = None

    def add(self, values: Iterable[Value], now: datetime) -> None:
        """Take the values that may be charted; the others, and those of a clock hours off, are for the live view only."""
        for value in values:
            near = value.at is not None and abs(value.at - now) <= BELIEVED
            if near and value.chartable and value.lowtide and isinstance(value.value, Decimal) and value.at:
                self._take(value.lowtide, value.sub_id, value.at, value.value)

    def closed(self, now: datetime) -> list[Minute]:
        """The minutes that are over by the device's own clock or by ours, oldest first; each is given once."""
        of_device = self._latest.replace(second=0, microsecond=0) if self._latest else now - GRACE
        over = max(now - GRACE, of_device)
        found = [
            _minute(at, self._open.pop(at)) for at in sorted(self._open) if at + timedelta(minutes=1) <= over
        ]
        found += [_pressure(at, self._pressures.pop(at)) for at in sorted(self._pressures) if at <= over]
        self._seen = {each for each in self._seen if abs(each[2] - now) <= BELIEVED}
        return sorted(found, key=lambda minute: minute.at)

    def _take(self, quantity: str, sub_id: str, at: datetime, value: Decimal) -> None:
        sample = (quantity, sub_id, at, value)
        if sample in self._seen:
            return
        self._seen.add(sample)
        self._latest = max(self._latest or at, at)
        if quantity in PRESSURE:
            self._pressures.setdefault(at, {})[quantity] = value
        else:
            minute = self._open.setdefault(at.replace(second=0, microsecond=0), {})
            minute.setdefault(quantity, []).append(value)


def _minute(at: datetime, samples: dict[str, list[Decimal]]) -> Minute:
    return Minute(
        at,
        {name: median_low(values) for name, values in samples.items()},
        {name: min(values) for name, values in samples.items()},
        {name: max(values) for name, values in samples.items()},
        max(map(len, samples.values())),
    )


def _pressure(at: datetime, values: dict[str, Decimal]) -> Minute:
    return Minute(at, values, values, values, 1)
