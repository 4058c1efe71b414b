"""What is kept in mind about use: written down in neutral words, or found in the record (pure).

None of it accuses. One strong observation, or several kinds within the window, ask for a talk before the next session.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from lowtide.data import longterm
from lowtide.pathway.course.exposure import elsewhere
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.care import NextSessionDecided, OrderSigned
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.history import HistoryItem
from lowtide.record.entries.longterm import TOLD_AT, SafetyAsked, UseSignal
from lowtide.science.units import plain


class Signal(msgspec.Struct, frozen=True):
    """One observation: of which kind, since when, by which entry, in words."""

    kind: str
    at: datetime
    entry: Entry
    text: str

    @property
    def known(self) -> longterm.Signal:
        return longterm.signals()[self.kind]


def signals(chart: Chart) -> tuple[Signal, ...]:
    """Every observation, the oldest first."""
    found = (one for source in SOURCES for one in source(chart))
    return tuple(sorted(found, key=lambda one: (one.at, one.entry.order)))


def asking(chart: Chart) -> tuple[Signal, ...]:
    """The observations that ask for a talk: strong ones, and several kinds within the window up to the latest."""
    found = signals(chart)
    strong = {one.entry.id for one in found if one.known.strong}
    window = timedelta(days=float(longterm.number("signals_window_days")))
    together: set[object] = set()
    for last in found:
        near = [one for one in found if last.at - window <= one.at <= last.at]
        if len({one.kind for one in near}) >= longterm.number("signals_for_review"):
            together |= {one.entry.id for one in near}
    return tuple(one for one in found if one.entry.id in strong | together)


def _written(chart: Chart) -> Iterator[Signal]:
    for entry, body in chart.said(UseSignal):
        early = f"{body.days_early} days early" if body.days_early is not None else ""
        told = TOLD_AT.get(body.told_at, "")
        text = ", ".join(filter(None, (longterm.signals()[body.signal].label, early, told, body.said)))
        yield Signal(body.signal, entry.at, entry, text)


def _sooner(chart: Chart) -> Iterator[Signal]:
    """Booked below the protocol's interval, or planned well before the window that was proposed."""
    for entry, body in chart.said(SessionScheduled):
        if body.sooner_because:
            yield Signal("sooner", entry.at, entry, f"Session {body.number} sooner: {body.sooner_because}")
    early = timedelta(days=float(longterm.number("early_request_days")))
    for entry, chosen in chart.said(NextSessionDecided):
        first = chosen.proposed_from
        if chosen.planned_at and first and first - chosen.planned_at >= early:
            days = (first - chosen.planned_at).days
            yield Signal("sooner", entry.at, entry, f"Planned {days} days before the proposed window")


def _dose_rise(chart: Chart) -> Iterator[Signal]:
    """The first order of a product and route whose dose lies so much above the first one."""
    first: dict[tuple[str, str], OrderSigned] = {}
    told: set[tuple[str, str]] = set()
    for entry, body in chart.said(OrderSigned):
        way = (body.drug, body.route)
        before, now = _dose(first.setdefault(way, body)), _dose(body)
        least = before * (1 + longterm.number("dose_rise_pct") / 100)
        if way not in told and now >= least and _dose_unit(first[way]) == _dose_unit(body):
            told.add(way)
            unit = _dose_unit(body)
            text = f"Dose from {plain(round(before, 2))} to {plain(round(now, 2))} {unit}"
            yield Signal("dose_rise", entry.at, entry, text)


def _dose(body: OrderSigned) -> Decimal:
    return body.dose_mg_per_kg if body.dose_mg_per_kg is not None else body.dose_mg


def _dose_unit(body: OrderSigned) -> str:
    return "mg/kg" if body.dose_mg_per_kg is not None else "mg"


def _liking(chart: Chart) -> Iterator[Signal]:
    least = longterm.number("liking_from")
    for entry, body in chart.said(SafetyAsked):
        given = body.answers.get("liking", "") if body.check == "dependence" else ""
        if given.isdigit() and int(given) >= least:
            yield Signal("liking", entry.at, entry, f"Liking of the feeling {given} of 10")


def _screen(chart: Chart) -> Iterator[Signal]:
    """Something positive in the drug screen, and somebody said that no prescription explains it."""
    said = {body.item: (entry, body) for entry, body in chart.said(HistoryItem)}
    found, explained = said.get("uds_positive"), said.get("uds_explained")
    positive = found is not None and found[1].answer is Answer.YES and (found[1].value or "").strip()
    if found and positive and explained and explained[1].answer is Answer.NO:
        entry = max(found[0], explained[0], key=lambda e: e.order)
        yield Signal("screen", entry.at, entry, f"Positive in the drug screen: {found[1].value}")


def _at_the_same_time(chart: Chart) -> Iterator[Signal]:
    for one in elsewhere(chart):
        if one.goes_on:
            yield Signal("elsewhere", one.entry.at, one.entry, "Treatment elsewhere goes on")


SOURCES: tuple[Callable[[Chart], Iterator[Signal]], ...] = (
    _written,
    _sooner,
    _dose_rise,
    _liking,
    _screen,
    _at_the_same_time,
)
