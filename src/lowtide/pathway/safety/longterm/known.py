"""What the chart knows of each long-term check: every time it was done, the latest last (pure).

What was left half-way, retracted or not known was not done. A date that is known in part counts as its first day: the
end that asks again sooner.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from itertools import chain

import msgspec

from lowtide.data import instruments, intake, longterm
from lowtide.data.longterm import NOT_KNOWN, Check
from lowtide.data.vocabulary import plain
from lowtide.pathway.course.given import first_doses
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.dates import PartialDate, earliest, is_partial_date
from lowtide.record.entries.base import Answer, Entry, Source
from lowtide.record.entries.care import Answers, Total
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.history import HistoryItem, Measurement, Result
from lowtide.record.entries.longterm import SafetyAsked
from lowtide.record.entries.words import summary


class Done(msgspec.Struct, frozen=True):
    """One time a check was done: since when it counts, by which entry, in words."""

    at: datetime
    entry: Entry
    text: str


def done(chart: Chart, check: Check) -> tuple[Done, ...]:
    """Every time the check was done, in order of time."""
    found = chain.from_iterable(look(chart, check) for look in LOOKS)
    return tuple(sorted(found, key=lambda one: (one.at, one.entry.order)))


def last(chart: Chart, check: Check) -> Done | None:
    if check.vital:
        return next(_newest_at_rest(chart, check), None)
    found = done(chart, check)
    return found[-1] if found else None


def counts_from(entry: Entry, dated: PartialDate | None) -> datetime:
    """The first instant that the date can mean, else when it happened."""
    if dated and is_partial_date(dated):
        return min(datetime.combine(earliest(dated), time(), UTC), entry.at)
    return entry.at


def _asked(chart: Chart, check: Check) -> Iterator[Done]:
    """Our own questions, where each that the sheet requires has an answer."""
    for entry, body in chart.said(SafetyAsked) if check.asks else ():
        if is_asked(check, body):
            yield Done(counts_from(entry, body.dated), entry, _in_short(body))


def is_asked(check: Check, body: SafetyAsked) -> bool:
    """Each question that the sheet of the check requires has an answer."""
    required = longterm.sheets()[check.asks].required if body.check == check.key else ()
    return bool(required) and all(body.answers.get(name, NOT_KNOWN) != NOT_KNOWN for name in required)


def _in_short(body: SafetyAsked) -> str:
    """“pain no, urgency worse, night 1”."""
    said = (f"{name} {given}" for name, given in body.answers.items())
    return ", ".join(said).replace("_", " ")


def _filled_in(chart: Chart, check: Check) -> Iterator[Done]:
    """Complete questionnaires and totals from elsewhere."""
    for entry, body in chart.said(Answers):
        if body.complete and instrument_id(body.instrument) in check.instruments:
            yield Done(counts_from(entry, body.dated), entry, f"{body.instrument}, {body.mode}")
    for entry, total in chart.said(Total):
        if instrument_id(total.instrument) in check.instruments:
            yield Done(counts_from(entry, total.dated), entry, summary(entry))


def instrument_id(name: str) -> str:
    try:
        return instruments.instrument(name).id
    except BadInput:
        return plain(name).upper()


def _tested(chart: Chart, check: Check) -> Iterator[Done]:
    """Results: of a panel the day of its oldest part. It was done again once each part has come again since."""
    for panel in check.tests:
        latest: dict[str, Done] = {}
        fresh: set[str] = set()
        for entry, body in chart.said(Result):
            if body.test in panel and _says(body):
                latest[body.test] = Done(counts_from(entry, body.dated), entry, summary(entry))
                fresh.add(body.test)
                if len(fresh) == len(panel):
                    fresh.clear()
                    oldest = min(latest.values(), key=lambda one: one.at)
                    yield Done(oldest.at, entry, ", ".join(one.text for one in latest.values()))


def _says(body: Result) -> bool:
    """A result that says something: a value, words, or how it was read."""
    return body.value is not None or bool((body.text or "").strip()) or body.abnormal is not Answer.NOT_KNOWN


def _told(chart: Chart, check: Check) -> Iterator[Done]:
    """Answers of the history by staff: what a patient said before they came waits for a clinician's word."""
    for entry, body in chart.said(HistoryItem):
        if body.item in check.history and entry.source is not Source.PATIENT and is_answer(body):
            yield Done(counts_from(entry, body.date), entry, _of_history(body))


def is_answer(body: HistoryItem) -> bool:
    """Yes; and no, where the item asks for a finding rather than whether it was done."""
    item = intake.items().get(body.item)
    finding = item is not None and not body.item.startswith("workup.") and body.item != "pdmp_checked"
    return body.answer is Answer.YES or (finding and body.answer is Answer.NO)


def _of_history(body: HistoryItem) -> str:
    item = intake.items().get(body.item)
    if item is None or body.item.startswith("workup.") or body.item == "pdmp_checked":
        return "done, by the history"
    answer = body.value or body.answer.value.replace("_", " ")
    return f"{item.label} {answer}"


def _measured(chart: Chart, check: Check) -> Iterator[Done]:
    for entry, body in chart.said(Measurement) if check.measured else ():
        if body.quantity == check.measured:
            yield Done(counts_from(entry, body.dated), entry, summary(entry))


def _at_rest(chart: Chart, check: Check) -> Iterator[Done]:
    for entry, body in at_rest(chart) if check.vital else ():
        if getattr(body, check.vital) is not None:
            yield Done(counts_from(entry, body.dated), entry, summary(entry))


def _newest_at_rest(chart: Chart, check: Check) -> Iterator[Done]:
    """The same backwards, as far as the caller goes: a long chart holds thousands."""
    started = {session: entry.at for session, entry in first_doses(chart).items()}
    for entry, body in chart.newest(Vitals):
        begun = started.get(entry.session) if entry.session else None
        if (begun is None or entry.at < begun) and getattr(body, check.vital) is not None:
            yield Done(counts_from(entry, body.dated), entry, summary(entry))


def at_rest(chart: Chart) -> Iterator[tuple[Entry, Vitals]]:
    """Vital signs outside sessions and before the dose: a dose raises the pressure for hours."""
    started = {session: entry.at for session, entry in first_doses(chart).items()}
    for entry, body in chart.said(Vitals):
        if entry.session is None or entry.session not in started or entry.at < started[entry.session]:
            yield entry, body


LOOKS: tuple[Callable[[Chart, Check], Iterator[Done]], ...] = (
    _asked,
    _filled_in,
    _tested,
    _told,
    _measured,
    _at_rest,
)
