"""How a session was borne: its worst readings, what happened, whether it was stopped early (pure)."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.chair import parameters
from lowtide.data.monitoring import Condition, items
from lowtide.data.titration import bearing
from lowtide.pathway.course.given import parts
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import (
    ChairEvent,
    DoseGiven,
    DoseStopped,
    DosingEnded,
    Rating,
    SessionAbandoned,
    Vitals,
)
from lowtide.science.units import plain


class Excess(msgspec.Struct, frozen=True):
    """A reading beyond a limit, in words, with the rule behind it."""

    text: str
    rule: str
    source: tuple[str, ...]
    verified: bool


class Tolerated(msgspec.Struct, frozen=True, kw_only=True):
    """The worst readings since the dose began, by name; `unknown` names what must be known and was not charted.

    `early` is why the dose was stopped before its end, None while its end is not recorded.
    """

    worst: dict[str, Decimal]
    excesses: tuple[Excess, ...]
    events: tuple[str, ...]
    stopped_early: bool | None
    early_because: str
    unknown: tuple[str, ...]

    @property
    def well(self) -> bool | None:
        """False as soon as one limit was passed; None while too little is known."""
        if self.excesses or self.stopped_early:
            return False
        return None if self.unknown or self.stopped_early is None else True


def tolerated(chart: Chart, session: UUID, since: datetime) -> Tolerated:
    """What was charted in one session from the start of its dose on."""
    worst = _worst(chart, session, since)
    broken = [e for e, _ in chart.said(SessionAbandoned) if e.session == session]
    cut, ended = _cut_short(chart, session)
    early = True if broken or cut else False if ended else None
    reasons = [e.reason for e in (*broken, *cut) if e.reason]
    events = [b.what for e, b in chart.said(ChairEvent) if e.session == session and e.at >= since]
    return Tolerated(
        worst=worst,
        excesses=tuple(_excesses(worst)),
        events=tuple(dict.fromkeys(events)),
        stopped_early=early,
        early_because="; ".join(reasons),
        unknown=tuple(label(name) for name in bearing().needed if name not in worst),
    )


def _cut_short(chart: Chart, session: UUID) -> tuple[list[Entry], bool]:
    """(the entry that ended the dose before all of it was in, whether it has ended)"""
    stops = [(e, b) for e, b in chart.said(DoseStopped) if e.session == session]
    if stops:
        entry, body = stops[-1]
        return ([] if body.complete else [entry]), True
    given = [e for kind in (DoseGiven, DosingEnded) for e, _ in chart.said(kind) if e.session == session]
    orders = [b for e, b in chart.said(OrderSigned) if e.session == session]
    found = parts(given, orders[-1] if orders else None)
    if found is None or found.over_at is None:
        return [], False
    return ([found.ended] if found.ended and not found.whole else []), True


def label(name: str) -> str:
    return bearing().labels[name][0]


def told(name: str, value: Decimal) -> str:
    """A reading in words: Systolic pressure 184 mmHg."""
    words, unit = bearing().labels[name]
    return f"{words} {plain(value)} {unit}".strip()


def _worst(chart: Chart, session: UUID, since: datetime) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for name, value in _readings(chart, session, since):
        if name in bearing().labels:
            pick = min if name in bearing().lowest else max
            found[name] = pick(found.get(name, value), value)
    return found


def _readings(chart: Chart, session: UUID, since: datetime) -> Iterator[tuple[str, Decimal]]:
    names = {p.scale: p.value for p in parameters().values() if p.scale and p.value}
    for entry, vitals in chart.said(Vitals):
        if entry.session == session and entry.at >= since:
            for name in bearing().labels:
                value = getattr(vitals, name, None)
                if value is not None:
                    yield name, Decimal(value)
    for entry, rating in chart.said(Rating):
        if entry.session == session and entry.at >= since:
            yield names.get(rating.scale) or rating.scale, rating.value


def _excesses(worst: dict[str, Decimal]) -> Iterator[Excess]:
    for name in bearing().rules:
        item = items()[name]
        for alternative in item.trigger.when if item.trigger else ():
            if all(c.value in worst and _meets(c, worst[c.value]) for c in alternative):
                text = " and ".join(told(c.value, worst[c.value]) for c in alternative)
                yield Excess(f"{text} ({name}: {item.trigger_text})", name, item.source, item.verified)
    for limit in bearing().limits:
        if limit.value in worst and worst[limit.value] >= limit.at_least:
            text = f"{told(limit.value, worst[limit.value])} (limit {plain(limit.at_least)}). {limit.why}"
            yield Excess(text, "tolerability", (), verified=False)


def _meets(bound: Condition, value: Decimal) -> bool:
    return (
        (bound.above is None or value > bound.above)
        and (bound.at_least is None or value >= bound.at_least)
        and (bound.below is None or value < bound.below)
        and (bound.at_most is None or value <= bound.at_most)
    )
