"""MedicationStatement and MedicationRequest: what somebody takes, took, or does not take (pure)."""

from decimal import Decimal

from lowtide.data import observations
from lowtide.exchange.fhir.mapping.parts import (
    Context,
    Json,
    Reading,
    Said,
    believed,
    codings,
    day,
    joined,
    kept,
    moment,
    notes,
    number,
    plain,
    span,
    words,
)
from lowtide.record.entries.base import Coding
from lowtide.record.entries.history import Medicine, ProblemStatus

_STATEMENT = {
    "active": ProblemStatus.ACTIVE,
    "completed": ProblemStatus.PAST,
    "stopped": ProblemStatus.PAST,
    "not-taken": ProblemStatus.REFUTED,
    "on-hold": ProblemStatus.UNKNOWN,
    "intended": ProblemStatus.UNKNOWN,
    "unknown": ProblemStatus.UNKNOWN,
}
_REQUEST = {
    "active": ProblemStatus.ACTIVE,
    "completed": ProblemStatus.PAST,
    "stopped": ProblemStatus.PAST,
    "on-hold": ProblemStatus.UNKNOWN,
    "unknown": ProblemStatus.UNKNOWN,
}
_WISHED = ("proposal", "plan", "option")
_TIMES_A_DAY = {"QD": 1, "BID": 2, "TID": 3, "QID": 4, "AM": 1, "PM": 1, "BED": 1}
MG = {"mg": Decimal(1), "g": Decimal(1000), "ug": Decimal("0.001")}
_HOURS = {"d": Decimal(24), "h": Decimal(1)}


def statement(resource: Json, context: Context) -> Reading:
    start, end = span(resource, "effective")
    status = _STATEMENT.get(resource["status"])
    return _read(
        resource, context, status, resource.get("dosage", ()), start, end, resource.get("dateAsserted")
    )


def request(resource: Json, context: Context) -> Reading:
    """A prescription. What was only proposed or planned tells nothing of what is taken, unless the patient says so."""
    if resource.get("doNotPerform"):
        return kept("it asks not to give this medicine")
    if resource["intent"] in _WISHED and not _reported(resource):
        return kept(f"its intent is “{resource['intent']}”: it was not prescribed")
    authored = resource.get("authoredOn")
    status = _REQUEST.get(resource["status"])
    return _read(resource, context, status, resource.get("dosageInstruction", ()), authored, None, authored)


def _reported(resource: Json) -> bool:
    return bool(resource.get("reportedBoolean") or resource.get("reportedReference"))


def _read(
    resource: Json,
    context: Context,
    status: ProblemStatus | None,
    dosages: list[Json],
    start: str | None,
    end: str | None,
    told: str | None,
) -> Reading:
    if status is None:
        given = resource["status"]
        return kept(
            "entered in error at its source" if given == "entered-in-error" else f"its status is “{given}”"
        )
    name, coded = medicine(resource, context)
    if any(f"{c.system}|{c.code}" in observations.absent()["medicine"] for c in coded):
        return kept("it says that no medicines are known; whether somebody asked is not said")
    if not name:
        return kept("it names no medicine, and what it refers to is not here")
    at = moment(told, context.zone)
    in_doubt = resource["status"] if status is ProblemStatus.UNKNOWN else None
    body = Medicine(
        name=name,
        status=status,
        codings=coded,
        dose=joined(*(_dose(d) for d in dosages)),
        daily_dose_mg=_daily_mg(dosages[0]) if len(dosages) == 1 else None,
        started=day(start),
        stopped=day(end),
        note=joined(in_doubt, notes(resource)),
    )
    return believed([Said("medicine", body, at[0] if at else None)])


def medicine(resource: Json, context: Context) -> tuple[str, tuple[Coding, ...]]:
    """The name and codes of what is taken, from the concept or from the Medication that is referred to."""
    concept = resource.get("medicationCodeableConcept")
    if concept:
        return words(concept), codings(concept)
    reference = resource.get("medicationReference", {})
    found = context.find(reference) or {}
    parts = [i.get("itemCodeableConcept") for i in found.get("ingredient", ())]
    coded = (c for part in (found.get("code"), *parts) for c in codings(part))
    names = (words(found.get("code")), *(words(p) for p in parts), reference.get("display", "").strip())
    return next((n for n in names if n), ""), tuple({(c.system, c.code): c for c in coded}.values())


def _dose(dosage: Json) -> str | None:
    """The dose as it is written, or put together from its parts."""
    if dosage.get("text"):
        return str(dosage["text"])
    quantity = _quantity(dosage)
    unit = quantity.get("unit") or quantity.get("code", "")
    timing = dosage.get("timing", {})
    amount = f"{quantity['value']} {unit}".strip() if "value" in quantity else None
    repeat = timing.get("repeat", {})
    often = (
        f"{repeat['frequency']} every {repeat['period']} {repeat['periodUnit']}" if _regular(repeat) else None
    )
    as_needed = (
        "as needed" if dosage.get("asNeededBoolean") or dosage.get("asNeededCodeableConcept") else None
    )
    parts = [
        p for p in (amount, words(timing.get("code")) or often, words(dosage.get("route")), as_needed) if p
    ]
    return ", ".join(parts) or None


def _daily_mg(dosage: Json) -> Decimal | None:
    """mg a day, where the dosage says it without doubt: one fixed dose of a known mass at a known rate."""
    if dosage.get("asNeededBoolean") or dosage.get("asNeededCodeableConcept") or "doseRange" in dosage:
        return None
    quantity = _quantity(dosage)
    value, factor, times = number(quantity.get("value")), MG.get(_unit(quantity)), _times_a_day(dosage)
    if value is None or factor is None or times is None:
        return None
    return plain(round(value * factor * times, 3))


def _quantity(dosage: Json) -> Json:
    found = dosage.get("doseAndRate", ())
    quantity: Json = found[0].get("doseQuantity", {}) if len(found) == 1 else {}
    return quantity


def _unit(quantity: Json) -> str:
    return str(quantity.get("code") or quantity.get("unit") or "")


def _times_a_day(dosage: Json) -> Decimal | None:
    timing = dosage.get("timing", {})
    repeat = timing.get("repeat", {})
    if _regular(repeat):
        hours = number(repeat["period"])
        over = (hours or Decimal(0)) * _HOURS.get(repeat["periodUnit"], Decimal(0))
        return Decimal(repeat["frequency"]) * 24 / over if over and 0 < repeat["frequency"] <= 24 else None
    told = [_TIMES_A_DAY[c.code] for c in codings(timing.get("code")) if c.code in _TIMES_A_DAY]
    return Decimal(told[0]) if len(told) == 1 else None


def _regular(repeat: Json) -> bool:
    plain = {"frequency", "period", "periodUnit"} <= repeat.keys()
    return plain and not {"frequencyMax", "periodMax", "dayOfWeek", "count"} & repeat.keys()
