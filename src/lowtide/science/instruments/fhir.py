"""An instrument as a FHIR R4 Questionnaire and its answers as a QuestionnaireResponse (pure).

Items carry their LOINC codes where they have some, else their number; answers their LOINC code, else their words with
the weight that the instrument gives them. Wording goes out only where the instrument has it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from lowtide.data.instruments import Detail, Instrument, Option, version

LOINC = "http://loinc.org"
WEIGHT = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
Json = dict[str, Any]


def canonical(instrument: Instrument) -> str:
    panel = instrument.loinc_panel
    return f"{LOINC}/q/{panel}" if panel else f"urn:lowtide:questionnaire:{instrument.id}"


def questionnaire(instrument: Instrument) -> Json:
    """What is asked, in FHIR's shape."""
    found = {
        "resourceType": "Questionnaire",
        "url": canonical(instrument),
        "version": version(instrument.id),
        "name": instrument.id,
        "title": instrument.name,
        "status": "active",
        "subjectType": ["Patient"],
        "code": [{"system": LOINC, "code": instrument.loinc_panel}] if instrument.loinc_panel else None,
        "copyright": instrument.notice or None,
        "item": [_asked(instrument, item_id) for item_id in instrument.ids],
    }
    return {key: value for key, value in found.items() if value is not None}


def response(
    instrument: Instrument,
    values: Mapping[str, int],
    total: Fraction | None = None,
    authored: datetime | None = None,
    *,
    complete: bool = True,
) -> Json:
    """The answers item by item, and the total where it is known and has a code."""
    items = [_answered(instrument, i, values[i]) for i in instrument.ids if i in values]
    if total is not None and instrument.totals:
        items.append({"linkId": f"/{instrument.totals[0]}", "answer": [{"valueDecimal": float(total)}]})
    found: Json = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{canonical(instrument)}|{version(instrument.id)}",
        "status": "completed" if complete else "in-progress",
        "item": items,
    }
    return found | ({"authored": authored.isoformat()} if authored else {})


def link(instrument: Instrument, item_id: str) -> str:
    loinc = instrument.item(item_id).loinc
    return f"/{loinc}" if loinc else item_id


def _asked(instrument: Instrument, item_id: str) -> Json:
    detail = instrument.item(item_id)
    low, high = detail.range or (0, 0)
    found = {
        "linkId": link(instrument, item_id),
        "prefix": item_id,
        "text": detail.text or None,
        "code": [{"system": LOINC, "code": detail.loinc}] if detail.loinc else None,
        "type": "choice" if detail.options else "integer",
        "answerOption": [_option(option) for option in detail.options] or None,
        "extension": None if detail.options else list(_bounds(low, high)),
        "enableWhen": _when(instrument, detail),
    }
    return {key: value for key, value in found.items() if value is not None}


def _option(option: Option) -> Json:
    return {
        "extension": [{"url": WEIGHT, "valueDecimal": option.value}],
        "valueCoding": _coding(option),
    }


def _bounds(low: int, high: int) -> Iterator[Json]:
    yield {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": low}
    yield {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": high}


def _when(instrument: Instrument, detail: Detail) -> list[Json] | None:
    gate = detail.asked_if
    if gate is None:
        return None
    yes = next(option for option in instrument.item(gate).options if option.value)
    return [{"question": link(instrument, gate), "operator": "=", "answerCoding": _coding(yes)}]


def _coding(option: Option) -> Json:
    return (
        {"system": LOINC, "code": option.code, "display": option.text}
        if option.code
        else {"display": option.text}
    )


def _answered(instrument: Instrument, item_id: str, value: int) -> Json:
    detail = instrument.item(item_id)
    option = next((o for o in detail.options if o.value == value), None)
    found: Json = {"valueInteger": value}
    if option is not None:
        weight = {"extension": [{"url": WEIGHT, "valueDecimal": value}]}
        found = {"valueCoding": _coding(option) | ({} if option.code else weight)}
    text = {"text": detail.text} if detail.text else {}
    return {"linkId": link(instrument, item_id), **text, "answer": [found]}
