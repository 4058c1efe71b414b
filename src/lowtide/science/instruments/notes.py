"""What has to be said beside a score: what does not fit, does not apply, was not read or would be needed (pure)."""

import re
from collections.abc import Iterator
from fractions import Fraction

import msgspec

from lowtide.data.instruments import Instrument
from lowtide.science.instruments.answers import Answers


class Flag(msgspec.Struct, frozen=True):
    id: str
    level: str
    text: str


def notes(instrument: Instrument, answers: Answers, total: Fraction | None) -> Iterator[Flag]:
    """Everything that whoever reads the score must know beside it."""
    for item_id in answers.not_applicable:
        yield Flag("not_applicable", "note", f"Item {item_id} does not apply: the total is not comparable.")
    for stated in answers.stated_totals:
        yield from _stated(stated, total)
    for code in answers.miscoded:
        yield Flag("miscoded", "review", instrument.miscoded[code])
    if answers.unread:
        text = f"Not part of {instrument.name}, not read: {', '.join(answers.unread)}."
        yield Flag("not_read", "review", text)
    yield from _contradicted(instrument, answers)
    yield from _needed(instrument, answers, total)


def _stated(stated: str, total: Fraction | None) -> Iterator[Flag]:
    if total is None:
        text = f"The form states a total of {stated}, which cannot be checked: it is not taken over."
        yield Flag("stated_total_unchecked", "review", text)
    elif not _is(stated, total):
        text = f"The form states a total of {stated}; its answers make {float(total):g}, which counts."
        yield Flag("stated_total_differs", "review", text)


def _is(stated: str, total: Fraction) -> bool:
    """A mean may be stated rounded to two places."""
    if not re.fullmatch(r"-?[0-9]{1,6}(?:\.[0-9]{1,6})?", stated, re.ASCII):
        return False
    given = Fraction(stated)
    return given == total or (total.denominator > 1 and abs(given - total) <= Fraction(1, 200))


def _contradicted(instrument: Instrument, answers: Answers) -> Iterator[Flag]:
    for item_id, value in answers.values.items():
        gate = instrument.item(item_id).asked_if
        if gate and value and answers.values.get(gate) == 0:
            text = f"Item {item_id} is yes although item {gate} is no: ask both again. The yes counts."
            yield Flag("contradiction", "review", text)


def _needed(instrument: Instrument, answers: Answers, total: Fraction | None) -> Iterator[Flag]:
    """What is not known of the person and would change the score or its band."""
    if total is None:
        return
    if instrument.by_sex and answers.about.sex is None:
        labels = {
            next((b.label for b in reversed(bands) if total >= b.at_least), None)
            for bands in instrument.by_sex.values()
        }
        if len(labels) > 1:
            yield Flag("sex_needed", "note", f"The cut differs by sex: {instrument.positive}.")
    if (rule := instrument.school) is not None:
        years = answers.about.school_years
        if years is None:
            text = f"Years at school are not known: with {rule.at_most_years} or fewer, {rule.add} point is added."
            yield Flag("education_needed", "note", text)
        elif years <= rule.at_most_years:
            text = f"{rule.add} point is added for {rule.at_most_years} years at school or fewer."
            yield Flag("education_point", "note", text)
