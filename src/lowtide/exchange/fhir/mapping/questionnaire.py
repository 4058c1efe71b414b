"""QuestionnaireResponse: the answers to an instrument Lowtide knows, item by item (pure).

Items are recognised by LOINC code (in the link id, or in the Questionnaire when it is here) or by how their text
begins; answers by code, by the weight the form gives them, or by their words.
"""

import re
from collections.abc import Iterator

import msgspec

from lowtide.data.observations import LOINC, Instrument, instruments
from lowtide.exchange.fhir.mapping import by_name
from lowtide.exchange.fhir.mapping.parts import (
    Context,
    Json,
    Moment,
    Reading,
    Said,
    believed,
    joined,
    kept,
    moment,
    number,
)
from lowtide.record.entries.care import Answers

WEIGHTS = (
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
)
IMPORTED = "import"
_CODE = re.compile(r"(?<!\d)(\d{1,7}-\d)(?!\d)")


class Form(msgspec.Struct, frozen=True):
    """What a Questionnaire says of its items: link id -> LOINC codes, and code of an answer -> weight."""

    codes: dict[str, set[str]] = {}
    weights: dict[str, int] = {}


class Answered(msgspec.Struct, frozen=True):
    """The items of an instrument with their points, and those that were answered in words nobody could read."""

    items: dict[str, int]
    unread: tuple[str, ...]

    def complete(self, instrument: Instrument) -> bool:
        return bool(self.items) and self.items.keys() == instrument.items.keys()

    def worth_keeping(self, instrument: Instrument) -> bool:
        """All items, or one that must be seen whatever is missing."""
        return self.complete(instrument) or any(item in self.items for item in instrument.alone)


def read(resource: Json, context: Context) -> Reading:
    status = resource["status"]
    if status == "entered-in-error":
        return kept("entered in error at its source")
    form = _form(resource, context)
    for name, instrument in instruments().items():
        found = _answered(resource, instrument, form)
        if found.worth_keeping(instrument):
            when = moment(resource.get("authored"), context.zone)
            done = status in ("completed", "amended")
            return answers(name, instrument, found, when, done=done)
        if set(found.unread) & set(instrument.alone):
            when = moment(resource.get("authored"), context.zone)
            return answers(name, instrument, found, when, done=False)
        if found.unread and len(found.items) + len(found.unread) == len(instrument.items):
            return kept(f"answers of {name} that could not be read: item {', '.join(found.unread)}")
    return by_name.read(resource, context) or kept("no questionnaire Lowtide can score")


def answers(
    name: str,
    instrument: Instrument,
    found: Answered,
    when: Moment | None,
    *,
    done: bool = True,
) -> Reading:
    """The answers as an entry; without a date they count from their arrival, for they must be seen."""
    body = Answers(
        instrument=name,
        version=IMPORTED,
        items=found.items,
        mode=IMPORTED,
        complete=done and (found.complete(instrument) or by_name.is_whole(name, found.items)),
        dated=when[1] if when else None,
        unread=found.unread,
    )
    unread = f"item {', '.join(found.unread)} could not be read" if found.unread else None
    undated = None if when else "when it was answered is not said"
    return believed([Said(f"answers:{name}", body, when[0] if when else None)], joined(unread, undated))


def points(answer: Json, instrument: Instrument, weights: dict[str, int]) -> int | None:
    """What an answer (any `value[x]`) is worth, or None."""
    coding: Json = answer.get("valueCoding") or next(
        iter(answer.get("valueCodeableConcept", {}).get("coding", ())), {}
    )
    texts = (
        coding.get("display"),
        coding.get("code"),
        answer.get("valueString"),
        answer.get("valueCodeableConcept", {}).get("text"),
    )
    found = [
        instrument.answers.get(coding.get("code", "")),
        _weight(coding),
        weights.get(coding.get("code", "")),
        *(instrument.words.get(_spoken(t)) for t in texts if t),
        _whole(
            answer.get(
                "valueInteger", answer.get("valueDecimal", answer.get("valueQuantity", {}).get("value"))
            )
        ),
        int(answer["valueBoolean"]) if instrument.highest_item == 1 and "valueBoolean" in answer else None,
    ]
    value = next((v for v in found if v is not None), None)
    return value if value is not None and 0 <= value <= instrument.highest_item else None


def _answered(resource: Json, instrument: Instrument, form: Form) -> Answered:
    items: dict[str, int] = {}
    unread: list[str] = []
    for item in _flat(resource):
        name = _item(item, instrument, form)
        given = item.get("answer", ())
        if name is None or len(given) != 1 or name in items:
            continue
        value = points(given[0], instrument, form.weights)
        if value is None:
            unread.append(name)
        else:
            items[name] = value
    return Answered(items, tuple(unread))


def _item(item: Json, instrument: Instrument, form: Form) -> str | None:
    """Which item of the instrument this is."""
    link = item.get("linkId", "")
    codes = form.codes.get(link, set()) | set(_CODE.findall(link))
    for name, code in instrument.items.items():
        if code in codes:
            return name
    text = _spoken(item.get("text", ""))
    return next((name for name, begins in instrument.begins.items() if text.startswith(begins)), None)


def _form(resource: Json, context: Context) -> Form:
    canonical = resource.get("questionnaire", "")
    found = context.find({"reference": canonical.partition("|")[0]}) if canonical else None
    codes: dict[str, set[str]] = {}
    weights: dict[str, int] = {}
    for item in _flat(found or {}):
        codes[item["linkId"]] = {
            c["code"] for c in item.get("code", ()) if c.get("system") in LOINC and c.get("code")
        }
        for option in item.get("answerOption", ()):
            coding = option.get("valueCoding", {})
            weight = _weight(option) if _weight(option) is not None else _weight(coding)
            if weight is not None and coding.get("code"):
                weights[coding["code"]] = weight
    return Form(codes, weights)


def _flat(holder: Json) -> Iterator[Json]:
    """Every item, however deep, those below an answer too."""
    for item in holder.get("item", ()):
        yield item
        yield from _flat(item)
        for answer in item.get("answer", ()):
            yield from _flat(answer)


def _weight(coding: Json) -> int | None:
    given = (
        e.get("valueDecimal", e.get("valueInteger"))
        for e in coding.get("extension", ())
        if e.get("url") in WEIGHTS
    )
    return next((w for w in map(_whole, given) if w is not None), None)


def _whole(value: object) -> int | None:
    found = number(value)
    return int(found) if found is not None and found == found.to_integral_value() else None


def _spoken(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]|_", " ", text.lower()).split())
