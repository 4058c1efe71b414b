"""Answers as they arrive (item numbers, link ids or LOINC codes; numbers, words, answer codes; a FHIR
QuestionnaireResponse) read into item -> whole number, or refused naming the item."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from lowtide.data.instruments import Detail, Instrument
from lowtide.problems import BadInput, bad
from lowtide.science.instruments.forms import given_pairs
from lowtide.science.instruments.naming import MISCODED, SCHOOL, SEX, TOTAL, named, plain

NOT_APPLICABLE = ("na", "notapplicable")
YES, NO = ("yes", "y", "true"), ("no", "n", "false")
SEXES = {"f": "female", "female": "female", "woman": "female", "m": "male", "male": "male", "man": "male"}
_WEIGHTS = (
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
)
_MOST_YEARS = 40


class About(msgspec.Struct, frozen=True):
    """What a score may need to know of the person; None is not known."""

    sex: str | None = None
    school_years: int | None = None


class Answers(msgspec.Struct, frozen=True):
    """`values` holds raw answers by item id; an item that is not there was not answered. `stated_totals` are totals
    that came along, as given; `miscoded` codes of another scale; `unread` answered parts of a form that are not ours.
    """

    values: dict[str, int]
    not_applicable: tuple[str, ...] = ()
    stated_totals: tuple[str, ...] = ()
    miscoded: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    about: About = About()


def read(instrument: Instrument, given: Mapping[str, Any]) -> Answers:
    """Every answer, checked.

    Raises BadInput for an item the instrument does not have, an answer it does not allow, or two answers to one item.
    Of a FHIR form, which may ask more than this instrument, what is not ours is named instead of refused.
    """
    pairs, is_form = given_pairs(instrument, given)
    names = named(instrument, [key for key, _ in pairs])
    unknown = [key for key, answer in pairs if names[key] is None and answer is not None]
    if unknown and not is_form:
        items = ", ".join(instrument.ids)
        raise bad(f"{instrument.name} has no item “{unknown[0]}”", f"item {unknown[0]}", f"Items: {items}.")
    said = [
        (name, answer) for key, answer in pairs if (name := names[key]) is not None and answer is not None
    ]
    skipped = tuple(name for name, answer in said if _does_not_apply(instrument, name, answer))
    answered = [(i, answer) for i, answer in said if i in instrument.ids and i not in skipped]
    return Answers(
        values=_values(instrument, answered),
        not_applicable=skipped,
        stated_totals=tuple(_shown_total(answer) for name, answer in said if name == TOTAL),
        miscoded=tuple(name.removeprefix(MISCODED) for name, _ in said if name.startswith(MISCODED)),
        unread=tuple(dict.fromkeys(unknown)),
        about=_about(said),
    )


def readable(instrument: Instrument, given: Mapping[str, Any]) -> Answers:
    """The answers that can be read, the others left out: a faulty form must still raise what its good answers say."""
    values: dict[str, int] = {}
    try:
        pairs, _ = given_pairs(instrument, given)
    except BadInput:
        pairs = []
    names = named(instrument, [key for key, _ in pairs])
    for key, answer in pairs:
        name = names[key]
        if name in instrument.ids and answer is not None:
            with suppress(BadInput):
                found = value_of(instrument.item(name), answer, f"item {name}")
                values[name] = max(found, values.get(name, found))
    return Answers(values)


def _does_not_apply(instrument: Instrument, name: str, answer: Any) -> bool:
    return instrument.item(name).may_not_apply and plain(answer) in NOT_APPLICABLE


def _about(said: list[tuple[str, Any]]) -> About:
    found = dict(said)
    sex, years = found.get(SEX), found.get(SCHOOL)
    return about(None if sex is None else str(sex), None if years is None else str(years))


def about(sex: str | None, school_years: str | None) -> About:
    """What is said of the person. Raises BadInput for a word or number that cannot be meant."""
    if sex is not None and plain(sex) not in {*SEXES, "unknown", "other"}:
        raise bad(f"“{sex}” is no sex that the scale has a cut for", SEX, "Use female, male or unknown.")
    years = None
    if school_years is not None:
        years = int(school_years) if re.fullmatch(r"[0-9]{1,2}", school_years.strip(), re.ASCII) else None
        if years is None or years > _MOST_YEARS:
            raise bad(f"“{school_years}” is no number of years", SCHOOL, "Write whole years, like 12.")
    return About(SEXES.get(plain(sex)) if sex is not None else None, years)


def _values(instrument: Instrument, answered: list[tuple[str, Any]]) -> dict[str, int]:
    values: dict[str, int] = {}
    for item_id, answer in answered:
        value = value_of(instrument.item(item_id), answer, f"item {item_id}")
        if values.setdefault(item_id, value) != value:
            raise bad("answered twice, differently", f"item {item_id}", "Keep one answer.")
    return values


def value_of(detail: Detail, answer: Any, where: str) -> int:
    """One answer as a whole number inside the item's range. Raises BadInput saying what the item takes."""
    value = _number(detail, answer, where)
    low, high = detail.range or (0, 0)
    allowed = detail.steps or range(low, high + 1)
    if value is None or value not in allowed:
        takes = ", ".join(str(step) for step in detail.steps) or f"{low} to {high}"
        words = "".join(f"; {option.value} = {option.text}" for option in detail.options)
        raise bad(f"{_shown(answer)} is not an answer of this item", where, f"It takes {takes}{words}.")
    return value


def _number(detail: Detail, answer: Any, where: str) -> int | None:
    if isinstance(answer, bool):
        return int(answer) if detail.range == (0, 1) else None
    if isinstance(answer, int):
        return answer
    if isinstance(answer, float):
        return int(answer) if answer.is_integer() else None
    if isinstance(answer, Mapping):
        return _coded(detail, answer, where)
    text = str(answer).strip()
    if found := re.fullmatch(r"(-?[0-9]{1,6})(?:\.0+)?", text, re.ASCII):
        return int(found[1])
    return _option(detail, text)


def _coded(detail: Detail, coding: Mapping[str, Any], where: str) -> int | None:
    """A FHIR Coding by its LOINC answer code, its words or the weight its form gives it; they must not contradict each
    other. A bare number as the code of another scale is not taken for ours (hazard H021)."""
    found = {
        value
        for text in (coding.get("code"), coding.get("display"))
        if text is not None and (value := _option(detail, str(text))) is not None
    }
    weight = None if detail.only_words else _weight(coding)
    found |= {weight} if weight is not None else set()
    if len(found) > 1:
        raise bad(f"{_shown(coding)} says two different answers", where, "Send one that agrees with itself.")
    return next(iter(found), None)


def _weight(coding: Mapping[str, Any]) -> int | None:
    """What the form itself says the answer is worth."""
    extensions = coding.get("extension")
    for extension in extensions if isinstance(extensions, list) else ():
        if isinstance(extension, Mapping) and extension.get("url") in _WEIGHTS:
            value = extension.get("valueDecimal", extension.get("valueInteger"))
            if isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0:
                return int(value)
    return None


def _option(detail: Detail, text: str) -> int | None:
    wanted = plain(text)
    if detail.range == (0, 1) and wanted in (*YES, *NO):
        return int(wanted in YES)
    return next(
        (o.value for o in detail.options if wanted in (plain(o.text), plain(o.code)) and wanted), None
    )


def _shown(answer: Any) -> str:
    if isinstance(answer, Mapping):
        answer = answer.get("display") or answer.get("code") or "this coding"
    return f"“{answer}”"


def _shown_total(answer: Any) -> str:
    text = str(answer).strip()
    return text.removesuffix(".0") if isinstance(answer, float) else text
