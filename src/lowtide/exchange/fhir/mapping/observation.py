"""Observation: vital signs, weight and height, test results, scores (pure).

A value whose unit is missing or unknown is never guessed; a date that is missing is never made up.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from lowtide.data import observations
from lowtide.data.observations import Quantity
from lowtide.exchange.fhir.mapping import scores
from lowtide.exchange.fhir.mapping.parts import (
    Context,
    Json,
    Reading,
    Said,
    believed,
    codes,
    codings,
    day,
    kept,
    loinc,
    number,
    pairs,
    plain,
    words,
)
from lowtide.record.dates import PartialDate
from lowtide.record.entries.base import Answer, Body
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.history import Measurement, Result

_OF_A_TEST = {"laboratory", "exam", "imaging", "procedure", "vital-signs"}
_WHOLE = {"sbp_mmhg", "dbp_mmhg", "map_mmhg", "heart_rate_bpm", "spo2_pct", "resp_rate_per_min"}


class Value(msgspec.Struct, frozen=True):
    """What was found: a number with its UCUM unit, or words; `why_not` when neither can be used."""

    number: Decimal | None = None
    unit: str | None = None
    shown_unit: str | None = None
    text: str | None = None
    why_not: str | None = None


class Part(msgspec.Struct, frozen=True):
    """One value of an observation, its own or a component's, and what it is called."""

    holder: Json
    label: str
    codes: tuple[str, ...]
    value: Value


def read(resource: Json, context: Context) -> Reading:
    if resource["status"] == "entered-in-error":
        return kept("entered in error at its source")
    if resource["status"] not in scores.FINAL:
        return kept(f"its status is “{resource['status']}”: not a final result")
    of_questionnaire = scores.read(resource, context)
    if of_questionnaire is not None:
        return of_questionnaire
    parts = [_part(holder, resource) for holder in _holders(resource)]
    if not parts:
        why = "a panel: its parts come in by themselves" if resource.get("hasMember") else "it holds no value"
        return kept(why)
    when = scores.when(resource, context)
    if when is None:
        return kept("when it was measured is not said")
    return _said(resource, parts, *when)


def _said(resource: Json, parts: list[Part], at: datetime, dated: PartialDate | None) -> Reading:
    """One entry for all vital signs of the observation, one for each other value."""
    vitals: dict[str, Any] = {}
    bodies: dict[str, Body] = {}
    reasons = []
    for part in parts:
        why = _vital(part, vitals) or _other(part, resource, dated, bodies)
        reasons += [f"{part.label}: {why}"] if why else []
    if vitals.keys() - {"on_oxygen"}:
        bodies["vitals"] = Vitals(**vitals, dated=dated)
    return believed((Said(slot, body, at) for slot, body in bodies.items()), "; ".join(reasons) or None)


def _vital(part: Part, vitals: dict[str, Any]) -> str | None:
    """Puts a vital sign where it belongs; answers why not, or nothing when it is none."""
    if observations.is_oxygen_flow(part.codes):
        vitals["on_oxygen"] = (part.value.number or 0) > 0
        return None
    found = observations.known("vital", part.codes)
    if found is None:
        return None
    name, quantity = found
    value, why = _measured(part, quantity)
    if value is None:
        return why
    vitals[name] = int(value.quantize(Decimal(1), ROUND_HALF_UP)) if name in _WHOLE else value
    return None


def _other(part: Part, resource: Json, dated: PartialDate | None, bodies: dict[str, Body]) -> str | None:
    """Weight, height or a result; answers why it was only kept."""
    if observations.is_oxygen_flow(part.codes) or observations.known("vital", part.codes):
        return None
    found = observations.known("measurement", part.codes)
    if found is None:
        return _result(part, resource, dated, bodies)
    name, quantity = found
    value, why = _measured(part, quantity)
    if value is not None:
        read_unit = part.value.shown_unit
        bodies[f"measurement:{name}"] = Measurement(
            quantity=name, value=value, read_value=part.value.number, read_unit=read_unit, dated=dated
        )
    return why


def _measured(part: Part, quantity: Quantity) -> tuple[Decimal | None, str | None]:
    """The value in our unit, or why there is none."""
    value = part.value
    if value.number is None:
        return None, value.why_not or "it is no number"
    if value.text is not None:
        return None, f"only a limit is told ({value.text})"
    converted = quantity.converted(value.number, value.unit)
    if converted is not None:
        return plain(converted), None
    return (
        None,
        f"its unit “{value.shown_unit}” is not one known for it" if value.unit else "its unit is missing",
    )


def _result(part: Part, resource: Json, dated: PartialDate | None, bodies: dict[str, Body]) -> str | None:
    found = observations.known("result", part.codes)
    value = part.value
    if value.why_not:
        return value.why_not
    if found is None and not _is_test(resource):
        return "Lowtide has no place for it"
    body = Result(
        label=part.label,
        value=plain(value.number) if value.number is not None and not value.text else None,
        text=value.text,
        unit=value.shown_unit,
        codings=codings(part.holder.get("code")),
        abnormal=_abnormal(part.holder),
        dated=dated,
    )
    low, high = _limits(part.holder)
    why = None
    if found is None:
        body = msgspec.structs.replace(body, reference_low=low.number, reference_high=high.number)
    else:
        body, why = _of_test(body, *found, part, (low, high))
    slot = f"result:{part.codes[0] if part.codes else part.label}"
    bodies[slot if slot not in bodies else f"{slot}:{len(bodies)}"] = body
    return why


def _of_test(
    body: Result, name: str, quantity: Quantity, part: Part, limits: tuple[Value, Value]
) -> tuple[Result, str | None]:
    """The result under the clinic's name for the test; in another unit it stays a result that no rule reads."""
    change = msgspec.structs.replace
    if not quantity.units:
        word = _answer_word(part)
        return (change(body, test=name, label=quantity.label, text=word), None) if word else (body, None)
    if part.value.number is None:
        return body, None
    converted = quantity.converted(part.value.number, part.value.unit)
    if converted is None:
        return (
            body,
            f"its unit “{part.value.shown_unit}” is not one known for {quantity.label}"
            if part.value.unit
            else (f"its unit is missing, so it is not read as {quantity.label}"),
        )
    low, high = (_converted(quantity, v) for v in limits)
    value = None if part.value.text else plain(converted)
    return change(
        body,
        test=name,
        label=quantity.label,
        value=value,
        unit=quantity.unit,
        reference_low=low,
        reference_high=high,
    ), None


def _converted(quantity: Quantity, value: Value) -> Decimal | None:
    found = None if value.number is None else quantity.converted(value.number, value.unit)
    return None if found is None else plain(found)


def _answer_word(part: Part) -> str | None:
    """The answer of a test without numbers in the words rules know; else as it was written."""
    coded = observations.answer(pairs(part.holder.get("valueCodeableConcept")))
    text = part.value.text or ""
    return coded or observations.answer_word(text) or text or None


def _is_test(resource: Json) -> bool:
    categories = [c for category in resource.get("category", ()) for c in codes(category)]
    return not categories or not _OF_A_TEST.isdisjoint(categories)


def _holders(resource: Json) -> Iterator[Json]:
    """Whatever carries a value, or says why it does not."""
    for holder in (resource, *resource.get("component", ())):
        if "dataAbsentReason" in holder or any(name.startswith("value") for name in holder):
            yield holder


def _part(holder: Json, resource: Json) -> Part:
    label = words(holder["code"]) or words(resource["code"]) or "an observation without a name"
    return Part(holder, label, tuple(loinc(holder["code"])), _value(holder))


def _value(holder: Json) -> Value:
    if "valueQuantity" in holder:
        return _quantity(holder["valueQuantity"])
    if "valueCodeableConcept" in holder:
        text = words(holder["valueCodeableConcept"])
        return Value(text=text) if text else Value(why_not="its value is an empty concept")
    for name in ("valueString", "valueDateTime", "valueTime"):
        if holder.get(name):
            return Value(text=day(holder[name]) or holder[name] if name == "valueDateTime" else holder[name])
    if "valueInteger" in holder:
        return Value(number=number(holder["valueInteger"]))
    if "valueBoolean" in holder:
        return Value(text="yes" if holder["valueBoolean"] else "no")
    absent = words(holder.get("dataAbsentReason"))
    return Value(why_not=f"no value: {absent}" if absent else "its kind of value is only kept")


def _quantity(quantity: Json) -> Value:
    value = number(quantity.get("value"))
    if value is None:
        return Value(why_not="its number cannot be used" if "value" in quantity else "no value")
    written, coded = observations.unit(quantity.get("unit")), observations.unit(quantity.get("code"))
    if (
        written
        and coded
        and written != coded
        and observations.is_unit(written)
        and observations.is_unit(coded)
    ):
        return Value(why_not=f"it says both {quantity['unit']} and {quantity['code']}")
    unit = coded if coded and observations.is_unit(coded) else written or coded
    text = f"{quantity['comparator']} {value}" if "comparator" in quantity else None
    return Value(value, unit, quantity.get("unit") or quantity.get("code"), text)


def _limits(holder: Json) -> tuple[Value, Value]:
    """Low and high of the one reference range; several ranges depend on age or sex and are left to the reader."""
    ranges = holder.get("referenceRange", ())
    only: Json = ranges[0] if len(ranges) == 1 else {}
    low, high = (_quantity(only[side]) if side in only else Value() for side in ("low", "high"))
    return low, high


def _abnormal(holder: Json) -> Answer:
    given = (code for concept in holder.get("interpretation", ()) for code in codes(concept))
    judged = observations.interpretation(given)
    return Answer.NOT_KNOWN if judged is None else Answer.YES if judged else Answer.NO
