"""How much pumps say that they delivered since the dose began: by their counters, or by the rates that they told (pure).

A pump counts mL since its counter was cleared; what it counted before this dose is not this patient's (hazard H018), and a
counter that falls was cleared in between. Of a pump that tells no counter the rates are added up, each until the next word.
A rate in mg/h is a flow by the strength that the pump itself says it reckons with; where it says none, by what was made up.
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
    return counted or [one for one in told if _tells_rate(one[1])]


def poured_ml(
    told: Sequence[Told], start: datetime, end: datetime | None, made_up: Decimal
) -> Decimal | None:
    """What one pump delivered since the start, until `end` if that is known; None where it told nothing of it. `made_up`:
    the strength in mg/mL."""
    spoken = counts(told)
    if not spoken:
        return None
    if spoken[0][1].delivered_ml is not None:
        return _counted(spoken, start)
    return _by_rates(flows(told, made_up), start, end)


def flows(told: Sequence[Told], made_up: Decimal) -> list[tuple[Entry, Decimal]]:
    """The flow in mL/h from each word of a pump that tells one."""
    found, strength = [], made_up
    for entry, body in told:
        strength = body.mg_per_ml or strength
        if _tells_rate(body):
            found.append((entry, _flow(body, strength)))
    return found


def _tells_rate(body: PumpTold) -> bool:
    return body.event in halting() or body.rate_ml_per_h is not None or body.rate_mg_per_h is not None


def _flow(body: PumpTold, strength: Decimal) -> Decimal:
    if body.event in halting():
        return ZERO
    if body.rate_ml_per_h is None and body.rate_mg_per_h is not None:
        return body.rate_mg_per_h / strength
    return body.rate_ml_per_h or ZERO


def _counted(told: Sequence[Told], start: datetime) -> Decimal:
    before, total = ZERO, ZERO
    for place, (entry, body) in enumerate(told):
        delivered = body.delivered_ml or ZERO
        if entry.at > start + AT_THE_START or (place and entry.at > start):
            total += delivered - before if delivered >= before else delivered
        before = delivered
    return total


def _by_rates(told: Sequence[tuple[Entry, Decimal]], start: datetime, end: datetime | None) -> Decimal:
    steps = [(max(entry.at, start), flow) for entry, flow in told]
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
