"""Stop and review: what the record says that holds the next session, and what a prescriber decided on it (pure).

A trigger holds by itself, from the entry that says it until a prescriber releases that very entry with a reason. One
that is corrected asks again if it still says so; one that no longer says so holds nothing.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.data import codes, longterm, monitoring
from lowtide.data.events import word
from lowtide.data.longterm import Stop
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.safety.longterm import signals
from lowtide.pathway.safety.longterm.values import met, totals, values
from lowtide.pathway.safety.rules import events
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.event_words import called
from lowtide.record.entries.history import Diagnosis, ProblemStatus
from lowtide.record.entries.longterm import HOLD, StopReviewed
from lowtide.science.units import plain

PARTS = {"ICSI": "icsi"}


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in the record that stops: by which entry, in words, and whether a source backs the number behind it."""

    stop: Stop
    entry: Entry
    text: str
    verified: bool

    @property
    def at(self) -> datetime:
        return self.entry.at


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """One stop as it stands: the triggers that nobody released, and the word of whoever holds it.

    `held` is the latest decision to hold, if nothing released it since.
    """

    stop: Stop
    triggers: tuple[Trigger, ...]
    held: Entry | None = None

    @property
    def key(self) -> str:
        return self.stop.key

    @property
    def since(self) -> datetime:
        found = [t.entry.recorded_at for t in self.triggers]
        return min([*found, *([self.held.at] if self.held else [])])

    @property
    def text(self) -> str:
        """What stops, in words; of a private one only that there is something to talk through."""
        if self.stop.private:
            return "A talk and a prescriber's decision come before the next session."
        said = "; ".join(dict.fromkeys(t.text for t in self.triggers))
        held = f"held: {self.held.reason}" if self.held and self.held.reason else ""
        return f"{'; '.join(filter(None, (said, held)))}."

    @property
    def title(self) -> str:
        return "Review" if self.stop.private else self.stop.label

    @property
    def sources(self) -> tuple[UUID, ...]:
        return tuple(dict.fromkeys(t.entry.id for t in self.triggers))

    @property
    def verified(self) -> bool:
        return all(t.verified for t in self.triggers)


def triggers(chart: Chart) -> tuple[Trigger, ...]:
    """Everything that stops and that was said since the first dose, the oldest first."""
    began = min((e.at for e in first_doses(chart).values()), default=None)
    if began is None:
        return ()
    found = (t for source in SOURCES for t in source(chart, began))
    return tuple(sorted(found, key=lambda t: (t.at, t.entry.order, t.stop.key)))


def open_stops(chart: Chart, state: CourseState | None = None) -> tuple[Open, ...]:
    """What holds the next session now, in the order of the table."""
    released: dict[str, set[UUID]] = {}
    held: dict[str, Entry] = {}
    for entry, body in chart.said(StopReviewed):
        if body.choice == HOLD:
            held[body.stop] = entry
        else:
            held.pop(body.stop, None)
            released.setdefault(body.stop, set()).update(body.sources)
    waiting: dict[str, list[Trigger]] = {}
    for one in triggers(chart):
        if one.entry.id not in released.get(one.stop.key, set()):
            waiting.setdefault(one.stop.key, []).append(one)
    return tuple(
        Open(stop=stop, triggers=tuple(waiting.get(key, ())), held=held.get(key))
        for key, stop in longterm.stops().items()
        if key in waiting or key in held
    )


def reviews(chart: Chart) -> list[tuple[Entry, StopReviewed]]:
    """Every decision, the latest first."""
    return list(reversed(chart.said(StopReviewed)))


# -- where triggers come from ----------------------------------------------------------------------------------------


def _by_values(chart: Chart, began: datetime) -> Iterator[Trigger]:
    """Values that cross the trigger of the stop's monitoring item."""
    said = [one for one in values(chart) if one.at >= began]
    for stop in longterm.stops().values():
        item = monitoring.items().get(stop.item)
        if item is None or item.trigger is None:
            continue
        sure = item.verified and "trigger" not in item.unverified
        for one in said:
            if met(item.trigger, one.name, one.value):
                yield Trigger(stop=stop, entry=one.entry, text=one.text, verified=sure and not one.assumed)


def _by_events(chart: Chart, began: datetime) -> Iterator[Trigger]:
    for event in events(chart):
        for stop in longterm.stops().values():
            if event.body.term in stop.terms and event.onset_at >= began:
                text = f"{called(event.body)}, {word(event.grade).lower()}"
                yield Trigger(stop=stop, entry=event.entry, text=text, verified=stop.verified)


def _by_problems(chart: Chart, began: datetime) -> Iterator[Trigger]:
    """Problems that are there now and that nobody had told of before the first dose."""
    before = {key for _, e, keys in _problems(chart) if e.recorded_at < began for key in keys}
    for body, entry, keys in _problems(chart):
        if entry.recorded_at < began or body.status is not ProblemStatus.ACTIVE:
            continue
        for stop in longterm.stops().values():
            if set(stop.conditions) & (keys - before):
                yield Trigger(stop=stop, entry=entry, text=f"New: {body.label}", verified=stop.verified)


def _problems(chart: Chart) -> Iterator[tuple[Diagnosis, Entry, frozenset[str]]]:
    for entry, body in chart.said(Diagnosis):
        if body.status in (ProblemStatus.ACTIVE, ProblemStatus.PAST):
            found = codes.recognise_problem(body.keys, [(c.system, c.code) for c in body.codings]).keys
            yield body, entry, found or frozenset(codes.conditions_named(body.label))


def _by_scales(chart: Chart, began: datetime) -> Iterator[Trigger]:
    """A total on the wrong side of its number, unless it lay there already before the first dose."""
    for stop in longterm.stops().values():
        for name, number in stop.scales.items():
            limit = longterm.numbers()[number]
            strict = number.endswith("_above")
            said = sorted(totals(chart, name, PARTS.get(name, "")), key=lambda pair: pair[0].order)
            over = [(e, v) for e, v in said if v > limit.value or (v == limit.value and not strict)]
            first = {e.id for e, _ in over if e.at < began}
            for entry, value in over:
                if entry.at >= began and not first:
                    text = f"{name} {plain(value)}"
                    yield Trigger(stop=stop, entry=entry, text=text, verified=limit.verified)


def _by_signals(chart: Chart, began: datetime) -> Iterator[Trigger]:
    found = signals.asking(chart)
    for stop in (one for one in longterm.stops().values() if one.signals):
        for signal in found:
            if signal.at >= began:
                yield Trigger(stop=stop, entry=signal.entry, text=signal.text, verified=False)


SOURCES: tuple[Callable[[Chart, datetime], Iterator[Trigger]], ...] = (
    _by_values,
    _by_events,
    _by_problems,
    _by_scales,
    _by_signals,
)
