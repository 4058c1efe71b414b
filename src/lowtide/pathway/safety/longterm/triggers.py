"""What in the record stops: values, results, events, problems, totals and observations since the first dose (pure).

Whatever answers a long-term check can stop by it. A trigger is one entry: a later word that is worse is a new one.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from lowtide.data import longterm, monitoring
from lowtide.data.events import is_over, word
from lowtide.data.longterm import Number, Scale, Stop
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.safety.longterm import signals
from lowtide.pathway.safety.longterm.problems import new_problems, problems_in
from lowtide.pathway.safety.longterm.reading import Reading, is_measured, of_history, of_result
from lowtide.pathway.safety.longterm.values import Said, met, totals, values
from lowtide.pathway.safety.rules import Event, events
from lowtide.record.chart import Chart
from lowtide.record.dates import is_partial_date, latest
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.event_words import called
from lowtide.record.entries.history import HistoryItem, Result
from lowtide.record.entries.words import summary
from lowtide.science.units import plain

GOING_ON = "ongoing"


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in the record that stops: by which entry, in words, and whether a source backs the number behind it."""

    stop: Stop
    entry: Entry
    text: str
    verified: bool

    @property
    def at(self) -> datetime:
        return self.entry.at


def triggers(chart: Chart) -> tuple[Trigger, ...]:
    """Everything that stops and that was said since the first dose, the oldest first."""
    began = min((e.at for e in first_doses(chart).values()), default=None)
    if began is None:
        return ()
    found = (t for source in SOURCES for t in source(chart, began))
    return tuple(sorted(found, key=lambda t: (t.at, t.entry.order, t.stop.key)))


def _since(entry: Entry, began: datetime) -> bool:
    """Said since the first dose. A result that came later, of a day known only in part, counts if it can be of then."""
    if entry.at >= began:
        return True
    dated = str(getattr(entry.body, "dated", None) or "")
    late = entry.recorded_at >= began and is_partial_date(dated)
    return late and latest(dated) >= began.date()


def _by_values(chart: Chart, began: datetime) -> Iterator[Trigger]:
    """Values that cross the trigger of the stop's monitoring item, or a number of its own."""
    said = [one for one in values(chart) if _since(one.entry, began)]
    for stop in longterm.stops().values():
        item = monitoring.items().get(stop.item)
        sure = item is not None and item.verified and "trigger" not in item.unverified
        for one in said:
            if item is not None and item.trigger is not None and met(item.trigger, one.name, one.value):
                yield _of_value(stop, one, sure)
            elif one.name in stop.says and one.value is True:
                yield _of_value(stop, one, stop.verified)
            elif one.name in stop.above and _is_above(one, limit := longterm.numbers()[stop.above[one.name]]):
                yield _of_value(stop, one, limit.verified)


def _of_value(stop: Stop, one: Said, sure: bool) -> Trigger:
    return Trigger(stop=stop, entry=one.entry, text=one.text, verified=sure and not one.assumed)


def _is_above(one: Said, limit: Number) -> bool:
    return isinstance(one.value, Decimal) and one.value > limit.value


def _by_results(chart: Chart, began: datetime) -> Iterator[Trigger]:
    """Results and answers of a check that are out of range or read as bad; a multiple of a limit has its own number."""
    bad = [
        (entry, body)
        for entry, body in chart.said(Result)
        if _since(entry, began) and of_result(body) is Reading.BAD and not is_measured(body)
    ]
    told = [
        (entry, body)
        for entry, body in chart.said(HistoryItem)
        if entry.at >= began and of_history(chart, entry, body) is Reading.BAD
    ]
    for stop in longterm.stops().values():
        tests = {test for check in stop.checks for test in check.spoken_to_by}
        items = {item for check in stop.checks for item in check.history}
        found = [e for e, b in bad if b.test in tests] + [e for e, b in told if b.item in items]
        for entry in found:
            yield Trigger(stop=stop, entry=entry, text=summary(entry), verified=stop.verified)


def _by_events(chart: Chart, began: datetime) -> Iterator[Trigger]:
    """Events since the first dose, and each later word that makes one graver, serious or come back."""
    for event in events(chart):
        for entry, text, worse in _told(event):
            named = problems_in(getattr(entry.body, "words", None) or "")
            for stop in longterm.stops().values():
                by_term = worse and event.body.term in stop.terms
                if entry.at >= began and (by_term or named & set(stop.conditions)):
                    yield Trigger(stop=stop, entry=entry, text=text, verified=stop.verified)


def _told(event: Event) -> Iterator[tuple[Entry, str, bool]]:
    """The event and what was said of it later while it went on: in words, and whether that is worse than all before."""
    name, gravest, serious = called(event.body), event.body.grade, event.body.serious is Answer.YES
    over = is_over(event.body.outcome)
    yield event.entry, f"{name}, {word(gravest).lower()}", True
    for entry, body in event.followed:
        graver = body.grade is not None and body.grade > gravest
        turned = body.serious is Answer.YES and not serious
        back = over and body.outcome == GOING_ON
        gravest, serious = max(gravest, body.grade or 0), serious or turned
        over = is_over(body.outcome)
        said = ", ".join(filter(None, (word(gravest).lower(), "serious" if turned else "", body.words)))
        if graver or turned or back or body.outcome == GOING_ON:
            yield entry, f"{name}, now {said}", graver or turned or back


def _by_problems(chart: Chart, began: datetime) -> Iterator[Trigger]:
    for one in new_problems(chart, began):
        for stop in longterm.stops().values():
            if one.keys & set(stop.conditions):
                yield Trigger(stop=stop, entry=one.entry, text=f"New: {one.label}", verified=stop.verified)


def _by_scales(chart: Chart, began: datetime) -> Iterator[Trigger]:
    for stop in longterm.stops().values():
        for name, scale in stop.scales.items():
            limit = longterm.numbers()[scale.limit]
            said = sorted(totals(chart, name, scale.part), key=lambda pair: pair[0].order)
            for entry, value in _worse(said, scale, began):
                yield Trigger(stop=stop, entry=entry, text=f"{name} {plain(value)}", verified=limit.verified)


def _worse(
    said: list[tuple[Entry, Decimal]], scale: Scale, began: datetime
) -> Iterator[tuple[Entry, Decimal]]:
    """The totals since the first dose on the wrong side of the limit, new or clearly worse: against the last one
    before the first dose, or the best one since."""
    limit, rise = (longterm.number(name) for name in (scale.limit, scale.rise))
    sign = -1 if scale.falls else 1
    best: Decimal | None = None
    for entry, value in said:
        if entry.at < began:
            best = value
            continue
        over = scale.reached(value, limit)
        if over and (best is None or not scale.reached(best, limit) or (value - best) * sign >= rise):
            yield entry, value
        best = value if best is None else min(best, value, key=lambda one: one * sign)


def _by_signals(chart: Chart, began: datetime) -> Iterator[Trigger]:
    found = signals.asking(chart)
    for stop in (one for one in longterm.stops().values() if one.signals):
        for signal in found:
            if signal.at >= began:
                yield Trigger(stop=stop, entry=signal.entry, text=signal.text, verified=False)


SOURCES: tuple[Callable[[Chart, datetime], Iterator[Trigger]], ...] = (
    _by_values,
    _by_results,
    _by_events,
    _by_problems,
    _by_scales,
    _by_signals,
)
