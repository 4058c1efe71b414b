"""Answers as they arrive (item numbers, link ids or LOINC codes; numbers, words, answer codes; a FHIR
QuestionnaireResponse) read into item -> whole number, or refused naming the item."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lowtide.data.instruments import Detail, Instrument
from lowtide.problems import BadInput, bad

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
NOT_APPLICABLE = ("na", "notapplicable")


class Answers(msgspec.Struct, frozen=True):
    """`values` holds raw answers by item id; an item that is not there was not answered."""

    values: dict[str, int]
    not_applicable: tuple[str, ...] = ()
    stated_totals: tuple[float, ...] = ()


def read(instrument: Instrument, given: Mapping[str, Any]) -> Answers:
    """Every answer, checked.

    Raises BadInput for an item the instrument does not have, an answer it does not allow, or two answers to one item.
    """
    pairs = list(_pairs(given))
    known = _known(instrument, [key for key, _ in pairs])
    values: dict[str, int] = {}
    skipped, totals = [], []
    for key, answer in pairs:
        item_id = known.get(_bare(key))
        if item_id == "total":
            totals.append(_stated(answer))
        elif item_id is None:
            raise bad(
                f"{instrument.name} has no item “{key}”",
                f"item {key}",
                f"Items: {', '.join(instrument.ids)}.",
            )
        elif item_id and answer is not None:
            detail = instrument.item(item_id)
            if detail.may_not_apply and _plain(answer) in NOT_APPLICABLE:
                skipped.append(item_id)
                continue
            value = value_of(detail, answer, f"item {item_id}")
            if values.setdefault(item_id, value) != value:
                raise bad("answered twice, differently", f"item {item_id}", "Keep one answer.")
    return Answers(values, tuple(skipped), tuple(total for total in totals if total is not None))


def readable(instrument: Instrument, given: Mapping[str, Any]) -> Answers:
    """The answers that can be read, the others left out: a faulty form must still raise what its good answers say."""
    values: dict[str, int] = {}
    for key, answer in _pairs(given):
        try:
            values |= read(instrument, {key: answer}).values
        except BadInput:
            continue
    return Answers(values)


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
    if isinstance(answer, int | float):
        return int(answer) if answer == int(answer) else None
    if isinstance(answer, Mapping):
        return _coded(detail, answer)
    text = str(answer).strip()
    if re.fullmatch(r"-?[0-9]+", text, re.ASCII):
        return int(text)
    return _option(detail, text)


def _coded(detail: Detail, coding: Mapping[str, Any]) -> int | None:
    """A FHIR Coding: by its LOINC answer code, else by its words, else by its ordinal value. A bare number as the
    code of a foreign scale is not taken for ours (hazard H021)."""
    for text in (coding.get("code"), coding.get("display")):
        found = _option(detail, str(text)) if text is not None else None
        if found is not None:
            return found
    ordinals = [e.get("valueDecimal") for e in coding.get("extension", ()) if e.get("url") == ORDINAL]
    return _number(detail, ordinals[0]) if ordinals and not detail.options else None


def _option(detail: Detail, text: str) -> int | None:
    wanted = _plain(text)
    return next(
        (o.value for o in detail.options if wanted in (_plain(o.text), _plain(o.code)) and wanted), None
    )


def _pairs(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if given.get("resourceType") == "QuestionnaireResponse":
        _refuse_withdrawn(given)
        yield from _response_pairs(given)
    elif "resourceType" in given:
        raise bad(
            f"this is a {given['resourceType']}", "resourceType", "Give answers or a QuestionnaireResponse."
        )
    else:
        yield from ((str(key), answer) for key, answer in given.items())


def _refuse_withdrawn(response: Mapping[str, Any]) -> None:
    if response.get("status") == "entered-in-error":
        raise bad("this response was entered in error", "status", "Use the response that replaced it.")


def _response_pairs(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for item in node.get("item", ()):
        answers = item.get("answer", ())
        if len(answers) > 1:
            raise bad("more than one answer", f"item {item.get('linkId')}", "Keep one answer.")
        for answer in answers:
            yield str(item.get("linkId", "")), _fhir_value(answer)
            yield from _response_pairs(answer)
        yield from _response_pairs(item)


def _fhir_value(answer: Mapping[str, Any]) -> Any:
    value = next((v for k, v in answer.items() if k.startswith("value")), None)
    if isinstance(value, Mapping) and "value" in value:
        return value["value"]
    return value


def _known(instrument: Instrument, keys: list[str]) -> dict[str, str]:
    """Every spelling of an item, bare -> item id; "total" for a stated total, "" for what is asked but not scored.

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


def _stated(answer: Any) -> float | None:
    return float(answer) if isinstance(answer, int | float) else None


def _shown(answer: Any) -> str:
    if isinstance(answer, Mapping):
        answer = answer.get("display") or answer.get("code") or "this coding"
    return f"“{answer}”"
