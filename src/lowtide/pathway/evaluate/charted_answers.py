"""What a chart says about each item of the intake catalogue, and which entry says it (pure).

Answers of the history, measured values, results and questionnaires speak of the same items. The one that tells of the
later day stands; “not known” takes back what was said before it.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import intake
from lowtide.data.charted import charted
from lowtide.data.instruments import Instrument, instrument
from lowtide.data.vocabulary import plain
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.evaluate.answers import checked
from lowtide.pathway.evaluate.facts import Answer
from lowtide.pathway.evaluate.facts import problem as problem_fact
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.dates import is_partial_date, latest
from lowtide.record.entries import base
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import Answers, Total
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.consent import Consent, ConsentWithdrawn
from lowtide.record.entries.history import Diagnosis, HistoryItem, Measurement, ProblemStatus, Result
from lowtide.science.instruments.answers import readable
from lowtide.science.instruments.score import score

TRUTH = {base.Answer.YES: True, base.Answer.NO: False, base.Answer.NOT_KNOWN: None}
WEIGHT, WEIGHT_CHANGE, SATURATION = "weight_kg", "weight_change_pct", "spo2_pct"


class Told(msgspec.Struct, frozen=True):
    """One entry's word on one item. A value of None says that it is not known."""

    item: str
    entry: Entry
    answer: Answer
    day: date

    @property
    def order(self) -> tuple[date, datetime, int, str]:
        """By the day it tells of, then by when it was said."""
        return (self.day, self.entry.at, self.entry.counter, str(self.entry.id))


def told(chart: Chart, zone: ZoneInfo) -> dict[str, Told]:
    """Item -> the word that stands; days are counted in the clinic's zone."""
    found: dict[str, Told] = {}
    for one in (
        *_refuted(chart, zone),
        *_measured(chart, zone),
        *_resulted(chart, zone),
        *_totals(chart, zone),
        *_items_of_forms(chart, zone),
        *_history(chart, zone),
        *_consents(chart, zone),
    ):
        if one.item in intake.items() and (one.item not in found or one.order >= found[one.item].order):
            found[one.item] = one
    return {key: _believed(one) for key, one in found.items()}


def answered(chart: Chart) -> set[str]:
    """Every item the history ever had an answer to, retracted ones included."""
    return {e.body.item for e in chart.entries.values() if isinstance(e.body, HistoryItem)}


def _believed(one: Told) -> Told:
    """A value that its item cannot have says nothing: it is not known."""
    item = intake.items()[one.item]
    if item.kind in ("condition", "medicine", "allergy", "trials") or one.answer.value is None:
        return one
    try:
        checked(item, one.answer.value, one.item)
    except BadInput:
        return msgspec.structs.replace(one, answer=Answer(None))
    return one


def _told(item: str, entry: Entry, value: Any, zone: ZoneInfo, dated: str | None = None) -> Told:
    on = local_day(entry, zone)
    return Told(item, entry, Answer(value, dated or on.isoformat()), on)


def local_day(entry: Entry, zone: ZoneInfo) -> date:
    """The clinic's day on which it happened."""
    return entry.at.astimezone(zone).date()


def _refuted(chart: Chart, zone: ZoneInfo) -> Iterator[Told]:
    for entry, body in chart.said(Diagnosis):
        if body.status is ProblemStatus.REFUTED:
            codings = [(c.system, c.code) for c in body.codings]
            for key in problem_fact(body.keys, codings, label=body.label).keys:
                yield _told(f"dx.{key}", entry, "never", zone)


# -- measured -------------------------------------------------------------------------------------------------


def _measured(chart: Chart, zone: ZoneInfo) -> Iterator[Told]:
    """The latest of each vital sign at rest and of each measurement."""
    wanted = dict(charted().vital)
    for entry, vitals in _at_rest(chart):
        for name in [n for n in wanted if _says(vitals, n)]:
            yield _told(wanted.pop(name), entry, getattr(vitals, name), zone, vitals.dated)
        if not wanted:
            break
    measured = chart.said(Measurement)
    newest = {body.quantity: (entry, body) for entry, body in measured}
    for quantity, item in charted().measurement.items():
        if quantity in newest:
            entry, body = newest[quantity]
            yield _told(item, entry, float(body.value), zone, body.dated)
    yield from _weight_change([(e, m) for e, m in measured if m.quantity == WEIGHT][-2:], zone)


def _at_rest(chart: Chart) -> Iterator[tuple[Entry, Vitals]]:
    """Latest first: vital signs outside sessions, and before the dose. A dose raises the pressure for hours."""
    started: dict[UUID | None, datetime] = {s: entry.at for s, entry in first_doses(chart).items()}
    for entry, vitals in chart.newest(Vitals):
        if entry.session not in started or entry.at < started[entry.session]:
            yield entry, vitals


def _says(vitals: Vitals, name: str) -> bool:
    """Whether the value was taken; a saturation on oxygen is not one on room air."""
    return getattr(vitals, name) is not None and not (name == SATURATION and vitals.on_oxygen)


def _weight_change(weights: list[tuple[Entry, Measurement]], zone: ZoneInfo) -> Iterator[Told]:
    """By how many percent the last two measured weights differ."""
    if len(weights) == 2 and weights[0][1].value:
        (_, before), (entry, now) = weights
        change = abs(now.value - before.value) * 100 / before.value
        yield _told(WEIGHT_CHANGE, entry, float(change), zone, now.dated)


# -- results --------------------------------------------------------------------------------------------------


def _resulted(chart: Chart, zone: ZoneInfo) -> Iterator[Told]:
    """The latest of each test. One that cannot be read as an answer leaves the item unknown, whatever was before."""
    newest = {body.test: (entry, body) for entry, body in chart.said(Result) if body.test}
    for test, (entry, body) in newest.items():
        for item, value in _result_answer(test, body):
            yield _told(item, entry, value, zone, body.dated)
    for item, choices in charted().workup.items():
        for tests in choices:
            if all(test in newest for test in tests):
                entry, body = min((newest[test] for test in tests), key=lambda pair: pair[0].order)
                yield _told(f"workup.{item}", entry, True, zone, body.dated)


def _result_answer(test: str, result: Result) -> Iterator[tuple[str, Any]]:
    table = charted()
    if test in table.result:
        yield table.result[test], None if result.value is None else float(result.value)
    if test in table.multiple:
        limit = result.reference_high
        yield (
            table.multiple[test],
            float(result.value / limit) if result.value is not None and limit else None,
        )
    if test in table.word:
        words = table.word[test]
        said = words.says.get((result.text or "").strip().lower())
        yield words.item, said and typed(intake.items()[words.item], said)


# -- questionnaires -------------------------------------------------------------------------------------------


def _totals(chart: Chart, zone: ZoneInfo) -> Iterator[Told]:
    """The latest total of each scale, worked out from the answers, or as it came from another record."""
    table = charted()
    for name, forms in _forms(chart).items():
        done = next((form for form in forms if form[1].complete), None)
        for item, names in table.workup_answered.items():
            if done and name in names:
                yield _told(f"workup.{item}", done[0], True, zone, done[1].dated)
        if name in table.total:
            scored = ((e, b, points) for e, b in forms if (points := _total(b)) is not None)
            for entry, body, points in scored:
                yield _told(table.total[name], entry, points, zone, body.dated)
                break
    for entry, total in chart.said(Total):
        if name := table.total.get(_instrument_id(total.instrument), ""):
            yield _told(name, entry, float(total.value), zone, total.dated)


def _items_of_forms(chart: Chart, zone: ZoneInfo) -> Iterator[Told]:
    """Answers to single items that rules ask about, newest form first as far as a complete one."""
    forms = _forms(chart)
    for name, mapping in charted().answered.items():
        for entry, body in forms.get(name, ()):
            known = instrument(name)
            values = readable(known, body.items).values
            for theirs, item in mapping.items():
                value = _item_answer(known, values, theirs)
                if value is not None or body.complete:
                    yield _told(item, entry, value, zone, body.dated)
            if body.complete:
                break


def _item_answer(known: Instrument, values: dict[str, int], item: str) -> bool | None:
    """Yes or no; no where the item is only asked after another's yes, and that was no."""
    if item in values:
        return bool(values[item])
    first = known.item(item).asked_if
    return False if first and values.get(first) == 0 else None


def _forms(chart: Chart) -> dict[str, list[tuple[Entry, Answers]]]:
    """Instrument id -> its forms, latest first."""
    found: dict[str, list[tuple[Entry, Answers]]] = {}
    for entry, body in chart.newest(Answers):
        found.setdefault(_instrument_id(body.instrument), []).append((entry, body))
    return found


def _instrument_id(name: str) -> str:
    try:
        return instrument(name).id
    except BadInput:
        return plain(name).upper()


def _total(body: Answers) -> float | None:
    try:
        found = score(instrument(body.instrument), body.items).total
    except BadInput:
        return None
    return None if found is None else float(found)


# -- consent --------------------------------------------------------------------------------------------------


def _consents(chart: Chart, zone: ZoneInfo) -> Iterator[Told]:
    """What was signed or taken back is the word on it, whatever the history says before."""
    withdrawn = {body.consent for _, body in chart.said(ConsentWithdrawn)}
    for entry, body in chart.said(Consent):
        yield _told("capacity", entry, TRUTH[body.capacity], zone)
        yield _told("consent_signed", entry, entry.id not in withdrawn, zone)


# -- the structured history -----------------------------------------------------------------------------------


def _history(chart: Chart, zone: ZoneInfo) -> Iterator[Told]:
    """What patients said of themselves before they came waits for a clinician’s word."""
    for entry, said in chart.said(HistoryItem):
        if (item := intake.items().get(said.item)) and entry.source is not base.Source.PATIENT:
            one = _told(item.id, entry, _history_value(item, said), zone, said.date)
            yield msgspec.structs.replace(one, day=_tells_of(item, said, one.day))


def _tells_of(item: intake.Item, said: HistoryItem, asked: date) -> date:
    """A dated value tells of its own day; the date of a condition is when it happened, not when it was asked."""
    own = said.date if item.dated and item.kind != "condition" else None
    return min(latest(own), asked) if own and is_partial_date(own) else asked


def _history_value(item: intake.Item, said: HistoryItem) -> Any:
    if said.answer is base.Answer.YES:
        return typed(item, said.value)
    if said.answer is base.Answer.NOT_KNOWN:
        return None
    no: dict[str, Any] = {"several": [], "condition": "never", "yes_no": False, "medicine": False}
    return no.get(item.kind, False if item.kind == "allergy" else None)


def typed(item: intake.Item, value: str | None) -> Any:
    """A written value in the type of its item; a plain yes where the item asks for no value."""
    written = (value or "").strip()
    match item.kind:
        case "number":
            return _number(written)
        case "several":
            return _words(written.split(",")) or None
        case "condition":
            return "past" if written == "past" else "active"
        case "yes_no" | "medicine" | "allergy":
            return written != "no"
    return written or None


def _number(written: str) -> float | None:
    try:
        return float(Decimal(written)) if written else None
    except InvalidOperation:
        return None


def _words(parts: Iterable[str]) -> list[str]:
    return [word.strip() for word in parts if word.strip()]
