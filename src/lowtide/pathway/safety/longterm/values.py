"""What the chart says to the triggers of long-term safety: values with the entries that say them (pure).

Liver values are multiples of the laboratory's own upper limit. Where a result came without one, the clinic's number
stands in and the value says so; it may hold a session back, it never clears one.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from lowtide.data import longterm
from lowtide.data.charted import charted
from lowtide.data.instruments import instrument
from lowtide.data.monitoring import Condition, Trigger
from lowtide.pathway.safety.longterm.known import instrument_id
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.care import Answers, Total
from lowtide.record.entries.history import HistoryItem, Result
from lowtide.record.entries.longterm import SafetyAsked
from lowtide.science.instruments.score import score
from lowtide.science.units import plain

MULTIPLES = {
    "alt_u_l": "alt_x_uln",
    "ast_u_l": "ast_x_uln",
    "alp_u_l": "alp_x_uln",
    "ggt_u_l": "ggt_x_uln",
    "bilirubin_mg_dl": "bilirubin_x_uln",
}
NAMES = {
    "alt_u_l": "ALT",
    "ast_u_l": "AST",
    "alp_u_l": "alkaline phosphatase",
    "ggt_u_l": "gamma-GT",
    "bilirubin_mg_dl": "bilirubin",
}
ITEMS = {"alt_x_uln": "ALT", "ast_x_uln": "AST"}
PREGNANT = "positive"


class Said(msgspec.Struct, frozen=True):
    """One value for a trigger: its name there, what it is, which entry says it, in words. `assumed`: it rests on a
    number of ours in place of one that nobody gave."""

    name: str
    value: Decimal | bool
    entry: Entry
    text: str
    assumed: bool = False

    @property
    def at(self) -> datetime:
        return self.entry.at


def met(trigger: Trigger, name: str, value: Decimal | bool) -> bool:
    """Whether one value alone crosses the trigger: an alternative that asks for nothing else."""
    return any(len(one) == 1 and one[0].value == name and _holds(value, one[0]) for one in trigger.when)


def _holds(value: Decimal | bool, bound: Condition) -> bool:
    if isinstance(value, bool):
        return bound.holds is value
    return (
        bound.holds is None
        and (bound.above is None or value > bound.above)
        and (bound.at_least is None or value >= bound.at_least)
        and (bound.below is None or value < bound.below)
        and (bound.at_most is None or value <= bound.at_most)
    )


def values(chart: Chart) -> Iterator[Said]:
    """Everything that stands, the oldest first within each kind."""
    for source in SOURCES:
        yield from source(chart)


def _own_questions(chart: Chart) -> Iterator[Said]:
    for entry, body in chart.said(SafetyAsked):
        known = longterm.checks().get(body.check)
        if known is None or not known.asks:
            continue
        for name, given in body.answers.items():
            question = longterm.sheets()[known.asks].questions.get(name)
            if question is not None and given != longterm.NOT_KNOWN:
                yield from _answer(question, given, entry)


def _answer(question: longterm.Question, given: str, entry: Entry) -> Iterator[Said]:
    told = f"{question.text} {question.choices.get(given, given)}"
    if question.worse:
        yield Said(question.worse, given == "worse", entry, told)
    elif question.value and question.choices:
        yield Said(question.value, given == "yes", entry, told)
    elif question.value and given.isdigit():
        yield Said(question.value, Decimal(given), entry, told)


def _liver_values(chart: Chart) -> Iterator[Said]:
    for entry, body in chart.said(Result):
        if body.test in MULTIPLES and body.value is not None:
            times, assumed = times_upper_limit(body)
            if times is not None:
                name = MULTIPLES[body.test]
                limit = "an assumed upper limit, for none came with it" if assumed else "the upper limit"
                text = f"{NAMES[body.test]} {plain(round(times, 1))} times {limit}"
                yield Said(name, times, entry, text, assumed)
                if name == "alp_x_uln":
                    rise = times >= longterm.number("cholestatic_alp_x_uln")
                    yield Said("cholestatic_rise", rise, entry, text, assumed)


def times_upper_limit(body: Result) -> tuple[Decimal | None, bool]:
    """(multiple of the upper limit, whether that limit is an assumed one)."""
    if body.value is None:
        return None, False
    if body.reference_high:
        return body.value / body.reference_high, False
    assumed = longterm.numbers().get(f"upper_limit_{body.test}")
    if assumed is None or not assumed.value or (body.unit and body.unit != assumed.unit):
        return None, True
    return body.value / assumed.value, True


def _results_in_words(chart: Chart) -> Iterator[Said]:
    """What a word of a result says: blood in the urine, a pregnancy."""
    for entry, body in chart.said(Result):
        words = charted().word.get(body.test or "")
        said = words.says.get((body.text or "").strip().lower()) if words else None
        if words and said and words.item == "haematuria":
            yield Said("haematuria", said == "yes", entry, f"{body.label}: {body.text}")
        if words and said and words.item == "hcg_result":
            yield Said("pregnancy_test_positive", said == PREGNANT, entry, f"{body.label}: {body.text}")


def _history(chart: Chart) -> Iterator[Said]:
    for entry, body in chart.said(HistoryItem):
        if body.item in ITEMS and body.answer is Answer.YES and (times := _decimal(body.value)) is not None:
            text = f"{ITEMS[body.item]} {plain(times)} times the upper limit"
            yield Said(body.item, times, entry, text)
        if body.item == "haematuria" and body.answer is not Answer.NOT_KNOWN:
            yield Said("haematuria", body.answer is Answer.YES, entry, "blood in the urine, by the history")
        if body.item == "hcg_result" and body.answer is Answer.YES and body.value:
            positive = body.value == PREGNANT
            yield Said("pregnancy_test_positive", positive, entry, f"pregnancy test {body.value}")


def _cognition(chart: Chart) -> Iterator[Said]:
    """How much each later MoCA lies below the first one."""
    found = sorted(totals(chart, "MOCA"), key=lambda pair: pair[0].order)
    for entry, value in found[1:]:
        fall = found[0][1] - value
        yield Said("moca_fall", fall, entry, f"MoCA {plain(found[0][1])} at first, {plain(value)} now")


def totals(chart: Chart, name: str, part: str = "") -> Iterator[tuple[Entry, Decimal]]:
    """Totals of an instrument (or of a part of it): worked out from whole forms, as they came from elsewhere, or as the
    history tells them."""
    for entry, body in chart.said(Answers):
        if instrument_id(body.instrument) == name and body.complete:
            value = _scored(name, body, part)
            if value is not None:
                yield entry, value
    for entry, total in chart.said(Total):
        if instrument_id(total.instrument) == name:
            yield entry, total.value
    for entry, asked in chart.said(SafetyAsked):
        if (given := asked.answers.get(charted().total.get(name, ""), "")).isdigit():
            yield entry, Decimal(given)
    for entry, item in chart.said(HistoryItem):
        if item.item == charted().total.get(name) and (value := _decimal(item.value)) is not None:
            yield entry, value


def _scored(name: str, body: Answers, part: str) -> Decimal | None:
    try:
        found = score(instrument(name), body.items)
    except BadInput:
        return None
    value = found.subscales.get(part) if part else found.total
    return None if value is None else Decimal(str(float(value)))


def _decimal(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except ArithmeticError:
        return None


SOURCES: tuple[Callable[[Chart], Iterator[Said]], ...] = (
    _own_questions,
    _liver_values,
    _results_in_words,
    _history,
    _cognition,
)
