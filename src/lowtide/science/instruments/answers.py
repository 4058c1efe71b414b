"""Answers as they arrive (item numbers, link ids or LOINC codes; numbers, words, answer codes; a FHIR
QuestionnaireResponse) read into item -> whole number, or refused naming the item."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from lowtide.data.instruments import Detail, Instrument
from lowtide.problems import BadInput, bad

NOT_APPLICABLE = ("na", "notapplicable")
TOTAL = "total"  # a stated total: never taken over
ASKED_NOT_SCORED = ""


class Answers(msgspec.Struct, frozen=True):
    """`values` holds raw answers by item id; an item that is not there was not answered."""

    values: dict[str, int]
    not_applicable: tuple[str, ...] = ()
    stated_totals: tuple[float, ...] = ()


class ResponseItem(msgspec.Struct, frozen=True):
    """An item of a FHIR QuestionnaireResponse, with FHIR's own names."""

    linkId: str  # noqa: N815
    answer: tuple[dict[str, Any], ...] = ()
    item: tuple["ResponseItem", ...] = ()


class Response(msgspec.Struct, frozen=True):
    status: str
    item: tuple[ResponseItem, ...] = ()


def read(instrument: Instrument, given: Mapping[str, Any]) -> Answers:
    """Every answer, checked.

    Raises BadInput for an item the instrument does not have, an answer it does not allow, or two answers to one item.
    """
    pairs = list(_pairs(given))
    known = _known(instrument, [key for key, _ in pairs])
    named = [(_item_id(instrument, known, key), answer) for key, answer in pairs]
    skipped = tuple(item_id for item_id, answer in named if _does_not_apply(instrument, item_id, answer))
    answered = [
        (i, answer) for i, answer in named if answer is not None and i in instrument.ids and i not in skipped
    ]
    totals = tuple(
        float(answer) for item_id, answer in named if item_id == TOTAL and isinstance(answer, int | float)
    )
    return Answers(_values(instrument, answered), skipped, totals)


def readable(instrument: Instrument, given: Mapping[str, Any]) -> Answers:
    """The answers that can be read, the others left out: a faulty form must still raise what its good answers say."""
    values: dict[str, int] = {}
    try:
        pairs = list(_pairs(given))
    except BadInput:
        pairs = []
    for key, answer in pairs:
        with suppress(BadInput):
            values |= read(instrument, {key: answer}).values
    return Answers(values)


def _item_id(instrument: Instrument, known: Mapping[str, str], key: str) -> str:
    found = known.get(_bare(key))
    if found is None:
        raise bad(
            f"{instrument.name} has no item “{key}”", f"item {key}", f"Items: {', '.join(instrument.ids)}."
        )
    return found


def _does_not_apply(instrument: Instrument, item_id: str, answer: Any) -> bool:
    return instrument.item(item_id).may_not_apply and _plain(answer) in NOT_APPLICABLE


def _values(instrument: Instrument, answered: list[tuple[str, Any]]) -> dict[str, int]:
    values: dict[str, int] = {}
    for item_id, answer in answered:
        value = value_of(instrument.item(item_id), answer, f"item {item_id}")
        if values.setdefault(item_id, value) != value:
            raise bad("answered twice, differently", f"item {item_id}", "Keep one answer.")
    return values


def value_of(detail: Detail, answer: Any, where: str) -> int:
    """One answer as a whole number inside the item's range. Raises BadInput saying what the item takes."""
    value = _number(detail, answer)
    low, high = detail.range or (0, 0)
    allowed = detail.steps or range(low, high + 1)
    if value is None or value not in allowed:
        takes = ", ".join(str(step) for step in detail.steps) or f"{low} to {high}"
        words = "".join(f"; {option.value} = {option.text}" for option in detail.options)
        raise bad(f"{_shown(answer)} is not an answer of this item", where, f"It takes {takes}{words}.")
    return value


def _number(detail: Detail, answer: Any) -> int | None:
    if isinstance(answer, bool):
        return int(answer) if detail.range == (0, 1) else None
    if isinstance(answer, int):
        return answer
    if isinstance(answer, float):
        return int(answer) if answer.is_integer() else None
    if isinstance(answer, Mapping):
        return _coded(detail, answer)
    text = str(answer).strip()
    if re.fullmatch(r"-?[0-9]+", text, re.ASCII):
        return int(text)
    return _option(detail, text)


def _coded(detail: Detail, coding: Mapping[str, Any]) -> int | None:
    """A FHIR Coding by its LOINC answer code, else by its words. A bare number as the code of another scale is not
    taken for ours (hazard H021)."""
    for text in (coding.get("code"), coding.get("display")):
        found = _option(detail, str(text)) if text is not None else None
        if found is not None:
            return found
    return None


def _option(detail: Detail, text: str) -> int | None:
    wanted = _plain(text)
    return next(
        (o.value for o in detail.options if wanted in (_plain(o.text), _plain(o.code)) and wanted), None
    )


def _pairs(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if given.get("resourceType") == "QuestionnaireResponse":
        yield from _response_pairs(_response(given).item)
    elif "resourceType" in given:
        raise bad(
            f"this is a {given['resourceType']}", "resourceType", "Give answers or a QuestionnaireResponse."
        )
    else:
        yield from ((str(key), answer) for key, answer in given.items())


def _response(given: Mapping[str, Any]) -> Response:
    try:
        response = msgspec.convert(given, Response)
    except msgspec.ValidationError as error:
        raise bad(f"malformed ({error})", "QuestionnaireResponse", "Send the response again.") from error
    if response.status == "entered-in-error":
        raise bad("this response was entered in error", "status", "Use the response that replaced it.")
    return response


def _response_pairs(items: tuple[ResponseItem, ...]) -> Iterator[tuple[str, Any]]:
    for item in items:
        for answer in item.answer:
            yield item.linkId, _fhir_value(answer)
        yield from _response_pairs(item.item)


def _fhir_value(answer: Mapping[str, Any]) -> Any:
    value = next((v for k, v in answer.items() if k.startswith("value")), None)
    if isinstance(value, Mapping) and "value" in value:
        return value["value"]
    return value


def _known(instrument: Instrument, keys: list[str]) -> dict[str, str]:
    """Every spelling of an item, bare -> item id, TOTAL or ASKED_NOT_SCORED.

    A form may number its items otherwise (CADSS-6 by the long form, ISI 1a to 1c): that numbering is used when all
    keys belong to it and not all to ours.
    """
    others = dict.fromkeys(map(_bare, instrument.totals), "total") | dict.fromkeys(
        map(_bare, instrument.unscored), ""
    )
    ours: dict[str, str] = {}
    for item_id in instrument.ids:
        detail = instrument.item(item_id)
        ours |= {_bare(s): item_id for s in (item_id, detail.loinc, *detail.aliases) if s}
    theirs = dict(zip(map(_bare, instrument.numbering), instrument.ids, strict=False))
    given = {_bare(key) for key in keys} - others.keys()
    use_theirs = bool(theirs) and not given <= ours.keys() and given <= theirs.keys()
    return others | (theirs if use_theirs else ours)


def _bare(key: str) -> str:
    """“/44250-9”, “Q1”, “item 1” and “1” name items; a prefix or a slash does not matter."""
    return re.sub(r"^(?:/|item|q)[\s_.\-]*(?=[0-9])", "", key.strip().lower())


def _plain(text: Any) -> str:
    return re.sub(r"[^a-z0-9]", "", str(text).lower())


def _shown(answer: Any) -> str:
    if isinstance(answer, Mapping):
        answer = answer.get("display") or answer.get("code") or "this coding"
    return f"“{answer}”"
