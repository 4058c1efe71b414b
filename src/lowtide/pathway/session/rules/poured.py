"""How much pumps say that they delivered since the dose began: by their counters, or by the rates that they told (pure).

A pump counts mL since its counter was cleared; what it counted before this dose is not this patient's (hazard H018), and a
counter that falls was cleared in between. Of a pump that tells no counter the rates are added up, each until the next word.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from lowtide.data.monitors import halting
from lowtide.record.entries.base import Entry
from lowtide.record.entries.devices import PumpTold

ZERO = Decimal(0)
AT_THE_START = timedelta(minutes=1)  # a start that was typed says no seconds
THOUSANDTH, HOUR = Decimal("0.001"), Decimal(3_600_000_000)
Told = tuple[Entry, PumpTold]


def by_device(told: Sequence[Told]) -> dict[str, list[Told]]:
    """What was told, pump by pump."""
    found: dict[str, list[Told]] = {}
    for entry, body in told:
        found.setdefault(body.device, []).append((entry, body))
    return found


def counts(told: Sequence[Told]) -> list[Told]:
    """Of one pump, what tells how much went in: its counter, else its rates."""
    counted = [one for one in told if one[1].delivered_ml is not None]
    return counted or [one for one in told if _rate(one[1]) is not None]


def poured_ml(told: Sequence[Told], start: datetime, end: datetime | None) -> Decimal | None:
    """What one pump delivered since the start, until `end` if that is known; None where it told nothing of it."""
    spoken = counts(told)
    if not spoken:
        return None
    return _counted(spoken, start) if spoken[0][1].delivered_ml is not None else _by_rates(spoken, start, end)


def _counted(told: Sequence[Told], start: datetime) -> Decimal:
    before, total = ZERO, ZERO
    for place, (entry, body) in enumerate(told):
        delivered = body.delivered_ml or ZERO
        if entry.at > start + AT_THE_START or (place and entry.at > start):
            total += delivered - before if delivered >= before else delivered
        before = delivered
    return total


def _by_rates(told: Sequence[Told], start: datetime, end: datetime | None) -> Decimal:
    steps = [(max(entry.at, start), _rate(body) or ZERO) for entry, body in told]
    last = max(steps[-1][0], end) if end else steps[-1][0]
    total = sum((rate * _hours(at, until) for (at, rate), until in _spans(steps, last)), ZERO)
    return total.quantize(THOUSANDTH)


def _spans(
    steps: Sequence[tuple[datetime, Decimal]], last: datetime
) -> Iterator[tuple[tuple[datetime, Decimal], datetime]]:
    yield from ((one, min(after[0], last)) for one, after in pairwise(steps))
    yield steps[-1], last


def _hours(at: datetime, until: datetime) -> Decimal:
    return Decimal((until - at) // timedelta(microseconds=1)) / HOUR


def _rate(body: PumpTold) -> Decimal | None:
    return ZERO if body.event in halting() else body.rate_ml_per_h
