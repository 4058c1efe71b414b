"""The pairs (name, answer) of a plain set of answers or of a FHIR QuestionnaireResponse (pure)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lowtide.data.instruments import Instrument, instruments
from lowtide.problems import bad
from lowtide.science.instruments.naming import named, plain

Pairs = list[tuple[str, Any]]
DEEPEST = 30
_LETTERS = 12  # as many letters of an item's wording as are enough to know it by


class ResponseItem(msgspec.Struct, frozen=True):
    """An item of a FHIR QuestionnaireResponse, with FHIR's own names."""

    linkId: str  # noqa: N815
    text: str | None = None
    answer: tuple[dict[str, Any], ...] = ()
    item: tuple["ResponseItem", ...] = ()


class Response(msgspec.Struct, frozen=True):
    status: str = "completed"
    questionnaire: str | None = None
    item: tuple[ResponseItem, ...] = ()


def given_pairs(instrument: Instrument, given: Mapping[str, Any]) -> tuple[Pairs, bool]:
    """What was answered under which name, and whether it came as a FHIR form."""
    if given.get("resourceType") == "QuestionnaireResponse":
        response = _response(given)
        _is_ours(instrument, response.questionnaire)
        return list(_pairs(instrument, response.item)), True
    if "resourceType" in given:
        what = f"this is a {given['resourceType']}"
        raise bad(what, "resourceType", "Give answers or a QuestionnaireResponse.")
    return [(str(key), answer) for key, answer in given.items()], False


def _response(given: Mapping[str, Any]) -> Response:
    try:
        response = msgspec.convert(given, Response)
    except (msgspec.ValidationError, RecursionError) as error:
        raise bad(f"malformed ({error})", "QuestionnaireResponse", "Send the response again.") from error
    if response.status == "entered-in-error":
        raise bad("this response was entered in error", "status", "Use the response that replaced it.")
    return response


def _is_ours(instrument: Instrument, canonical: str | None) -> None:
    """Items are numbered alike in many questionnaires: one that says it answers another is not read as ours."""
    end = re.split(r"[/:]", (canonical or "").partition("|")[0].rstrip("/"))[-1]
    for other in instruments().values():
        names = {other.id, other.name, *other.aliases, *([other.loinc_panel] if other.loinc_panel else [])}
        if end and other.id != instrument.id and plain(end) in {plain(name) for name in names}:
            raise bad(f"these are answers to {other.name}", "questionnaire", f"Score them as {other.id}.")


def _pairs(instrument: Instrument, items: tuple[ResponseItem, ...]) -> Iterator[tuple[str, Any]]:
    """Every answer, those of groups and those asked below an answer too."""
    waiting = [(item, 0) for item in reversed(items)]
    while waiting:
        item, depth = waiting.pop()
        if depth > DEEPEST:
            raise bad("groups lie too deep in each other", item.linkId, "Send a flatter response.")
        for answer in item.answer:
            yield _name(instrument, item), _value(answer)
        below = [*item.item, *(inner for answer in item.answer for inner in _inner(answer))]
        waiting.extend((inner, depth + 1) for inner in reversed(below))


def _inner(answer: Mapping[str, Any]) -> tuple[ResponseItem, ...]:
    try:
        return msgspec.convert(answer.get("item", ()), tuple[ResponseItem, ...])
    except msgspec.ValidationError as error:
        raise bad(f"malformed ({error})", "QuestionnaireResponse", "Send the response again.") from error


def _name(instrument: Instrument, item: ResponseItem) -> str:
    """The link id; where it means nothing here, the item whose wording its text begins with."""
    said = plain(item.text or "")
    if named(instrument, [item.linkId])[item.linkId] is not None or len(said) < _LETTERS:
        return item.linkId
    for item_id in instrument.ids:
        ours = plain(instrument.item(item_id).text)
        if ours and (re.sub(r"^[0-9]+", "", said).startswith(ours) or ours.startswith(said)):
            return item_id
    return item.linkId


def _value(answer: Mapping[str, Any]) -> Any:
    value = next((v for k, v in answer.items() if k.startswith("value")), None)
    if isinstance(value, Mapping) and "value" in value:
        return value["value"]
    if isinstance(value, Mapping) and isinstance(value.get("coding"), list) and value["coding"]:
        return value["coding"][0]
    return value
