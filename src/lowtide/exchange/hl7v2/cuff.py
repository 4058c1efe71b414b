"""Which of the pressures that a monitor tells were measured anew (hazard H015).

Many monitors repeat the last cuff pressure in every message, and some stamp it with the message's time: told again is not
measured again. A pressure is new when it changed, or when the device gives it another time of its own. One that keeps
changing faster than a cuff can is a continuous signal, whatever its code says, and is charted by the minute.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

import msgspec

from lowtide.data.monitors import monitors
from lowtide.exchange.hl7v2.values import OF_MESSAGE, OWN, Value

PRESSURE = ("sbp_mmhg", "dbp_mmhg", "map_mmhg")
CONTINUOUS = frozenset(("arterial", "continuous"))


class Cuff:
    """Remembers what one device told last, on whomever it was. `last` is what is known of it from before."""

    def __init__(
        self, last: Mapping[str, Decimal] | None = None, measured_at: datetime | None = None
    ) -> None:
        self._last = dict(last or {})
        self._measured_at = measured_at
        self._told_at = measured_at
        self._kind = ""

    def new(self, values: Iterable[Value]) -> list[Value]:
        """The values without the pressures that are only told again; a continuous pressure is flagged as one."""
        told = list(values)
        cuffs = [v for v in told if _is_cuff(v)]
        rest = [v for v in told if not _is_cuff(v)]
        return [*rest, *(v for at, each in _by_instant(cuffs) for v in self._measured(at, each))]

    def _measured(self, at: datetime, told: list[Value]) -> Iterator[Value]:
        kind = self._judged(at, told)
        if kind == "cuff":
            yield from told
        elif kind == "continuous":
            yield from (msgspec.structs.replace(value, flags=(*value.flags, kind)) for value in told)

    def _judged(self, at: datetime, told: list[Value]) -> str:
        if at == self._measured_at and self._kind:  # another part of the same measurement, or told once more
            self._last |= _numbers(told)
            return self._kind
        changed = any(self._last.get(name) != number for name, number in _numbers(told).items())
        timed = max(told, key=lambda value: value.timed == OWN).timed
        if self._told_at and at < self._told_at:
            return "cuff" if timed == OWN else "continuous" if changed else ""
        kind = self._when_changed(at, timed) if changed else self._when_the_same(at, timed)
        self._told_at = at
        if kind:
            self._last, self._measured_at, self._kind = _numbers(told), at, kind
        return kind

    def _when_changed(self, at: datetime, timed: str) -> str:
        least_s = monitors().cuff.fastest_s if timed == OWN else monitors().cuff.apart_s
        return "cuff" if _apart(self._measured_at, at, least_s) else "continuous"

    def _when_the_same(self, at: datetime, timed: str) -> str:
        again = timed != OF_MESSAGE and _apart(self._told_at, at, monitors().cuff.apart_s)
        return "cuff" if again else ""


def _is_cuff(value: Value) -> bool:
    return value.lowtide in PRESSURE and value.chartable and "arterial" not in value.flags


def _by_instant(values: list[Value]) -> Iterator[tuple[datetime, list[Value]]]:
    timed = sorted(((v.at, v) for v in values if v.at), key=lambda pair: pair[0])
    for at, each in groupby(timed, key=lambda pair: pair[0]):
        yield at, [value for _, value in each]


def _numbers(values: Iterable[Value]) -> dict[str, Decimal]:
    return {v.lowtide: v.value for v in values if v.lowtide and isinstance(v.value, Decimal)}


def _apart(before: datetime | None, at: datetime, least_s: int) -> bool:
    return before is None or at - before >= timedelta(seconds=least_s)
