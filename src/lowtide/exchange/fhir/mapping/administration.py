"""MedicationAdministration: ketamine or esketamine that somebody else gave is treatment elsewhere (pure).

A dose counts as treatment unless its resource says that it was for an operation or the like; that is an assumption, and
its entry says so. Other medicines that were given once are kept as they are.
"""

from decimal import Decimal

from lowtide.data import given_elsewhere
from lowtide.data.vocabulary import label
from lowtide.exchange.fhir import own
from lowtide.exchange.fhir.mapping.medication import MG, medicine
from lowtide.exchange.fhir.mapping.parts import (
    Context,
    Json,
    Reading,
    Said,
    believed,
    day,
    joined,
    kept,
    moment,
    notes,
    number,
    pairs,
    plain,
    span,
    words,
)
from lowtide.record.entries.base import Answer
from lowtide.record.entries.longterm import TreatedElsewhere

RECORD, SLOT = "record", "treated_elsewhere"
NOT_GIVEN = {
    "not-done": "it was not given",
    "entered-in-error": "entered in error at its source",
}
OVER = ("completed", "stopped")


def read(resource: Json, context: Context) -> Reading:
    status = resource["status"]
    if status in NOT_GIVEN:
        return kept(NOT_GIVEN[status])
    name, coded = medicine(resource, context)
    drug = given_elsewhere.counted_drug(name, [(c.system, c.code) for c in coded])
    if drug is None:
        return kept(f"a dose of {name or 'a medicine that it does not name'}: Lowtide counts ketamine only")
    if given_elsewhere.is_no_treatment(reason := _reasons(resource, context)):
        return kept(f"a dose of {label('drug', drug)} that was no treatment: {reason}")
    start, _ = span(resource, "effective")
    if day(start) is None:
        return kept(f"a dose of {label('drug', drug)} without a date")
    told = moment(start, context.zone)
    return believed([Said(SLOT, _said(resource, drug, reason), told[0] if told else None)])


def _said(resource: Json, drug: str, reason: str) -> TreatedElsewhere:
    start, end = span(resource, "effective")
    dosage = resource.get("dosage", {})
    session = next(own.numbers(resource, own.SESSION), None)
    over = resource["status"] in OVER
    return TreatedElsewhere(
        drug=drug,
        told_by=RECORD,
        route=given_elsewhere.route_of(words(dosage.get("route")), pairs(dosage.get("route"))),
        first=day(start),
        last=day(end) or day(start),
        sessions=1,
        mg=_mg(dosage.get("dose", {})) if over else None,
        still=Answer.NO,
        where=_where(resource),
        note=joined(
            None if over else f"its status is “{resource['status']}”",
            None if session or reason else given_elsewhere.assumed(),
        ),
        their_session=session,
    )


def _reasons(resource: Json, context: Context) -> str:
    """All that says what a dose was for: reasons, category, notes, and what it was a part of."""
    concepts = [*resource.get("reasonCode", ()), resource.get("category")]
    references = [*resource.get("reasonReference", ()), *resource.get("partOf", ())]
    found = [context.find(reference) or {} for reference in references]
    told = [words(c) for c in (*concepts, *(f.get("code") for f in found))]
    displays = [reference.get("display") for reference in references]
    return joined(*told, *displays, notes(resource)) or ""


def _mg(dose: Json) -> Decimal | None:
    value, factor = number(dose.get("value")), MG.get(str(dose.get("code") or dose.get("unit") or ""))
    if value is None or factor is None or value <= 0:
        return None
    return plain(value * factor)


def _where(resource: Json) -> str | None:
    actors = (one.get("actor", {}).get("display", "").strip() for one in resource.get("performer", ()))
    return next((name for name in actors if name), None)


def told(resource: Json, context: Context) -> Reading | None:
    """What a passport tells of treatment elsewhere again, as one statement; None for any other statement."""
    drug = own.extension(resource, own.DRUG)
    if drug is None or resource["status"] == "entered-in-error":
        return None
    start, end = span(resource, "effective")
    over = resource["status"] != "active"
    body = TreatedElsewhere(
        drug=str(drug),
        told_by=RECORD,
        route=own.extension(resource, own.ROUTE),
        first=day(start),
        last=day(end),
        sessions=own.extension(resource, own.SESSIONS),
        mg=number(own.extension(resource, own.TOTAL_MG)),
        still={"active": Answer.YES, "completed": Answer.NO}.get(resource["status"], Answer.NOT_KNOWN),
        note=joined("told by a passport", notes(resource)),
        their_session=next(own.numbers(resource, own.SESSION), None),
    )
    told = moment((end or start) if over else None, context.zone)
    asserted = moment(resource.get("dateAsserted"), context.zone)
    at = asserted or told
    return believed([Said(SLOT, body, at[0] if at else None)])
