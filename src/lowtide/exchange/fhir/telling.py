"""What a passport tells, resource by resource: each with the words in which it stands in the document (pure).

Every resource carries the id of the entry or session behind it, by which the clinic that wrote it knows it again. Codes
of drug and route are those that somebody has looked up; where there is none, the words stand alone and say so.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from lowtide.data import given_elsewhere
from lowtide.data.codes import named_medicines, system_address
from lowtide.data.vocabulary import label
from lowtide.exchange.fhir import own
from lowtide.pathway.course.scores import Score
from lowtide.pathway.outcomes.passport import Given, Happened, Named, Passport, Told
from lowtide.record.entries.base import Answer, Coding
from lowtide.science.units import plain

Json = dict[str, Any]
Line = tuple[Json, str]
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
TERMS = "http://terminology.hl7.org/CodeSystem"
CLINICAL, ALLERGY_CLINICAL = f"{TERMS}/condition-clinical", f"{TERMS}/allergyintolerance-clinical"
ALLERGY_KNOWN = f"{TERMS}/allergyintolerance-verification"
SEVERITY, SERIOUS, OUTCOME = (f"{TERMS}/adverse-event-{n}" for n in ("severity", "seriousness", "outcome"))
ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
WHY_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
TOTALS = {"PHQ-9": ("44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]")}
SEVERITIES = {1: ("mild", "Mild"), 2: ("moderate", "Moderate")}
SEVERE = ("severe", "Severe")
IS_SERIOUS = {Answer.YES: ("Serious", "Serious"), Answer.NO: ("Non-serious", "Non-serious")}
OUTCOMES = {
    "ongoing": ("ongoing", "Ongoing"),
    "improving": ("recovering", "Recovering"),
    "recovered": ("resolved", "Resolved"),
    "sequelae": ("resolvedWithSequelae", "Resolved with Sequelae"),
    "fatal": ("fatal", "Fatal"),
}
GOES_ON = {Answer.YES: "active", Answer.NO: "completed", Answer.NOT_KNOWN: "unknown"}
UNCODED = "no code that somebody has looked up"


class Made:
    """The resources made so far; every address follows from the patient and the instant."""

    def __init__(self, patient_id: UUID, now: datetime, clinic: str) -> None:
        self.patient_id, self.now, self.clinic = patient_id, now, clinic
        self.entries: list[Json] = []
        self.of_bundle, self.of_composition, self.of_patient, self.of_clinic = (
            self.address(name) for name in (f"bundle {now.isoformat()}", "composition", "patient", "clinic")
        )

    def address(self, name: str) -> str:
        return f"urn:uuid:{uuid5(self.patient_id, name)}"

    def add(self, resource: Json, address: str) -> Json:
        self.entries.append(entry_of(address, resource))
        return {"reference": address}

    @property
    def subject(self) -> Json:
        return {"reference": self.of_patient}


def entry_of(address: str, resource: Json) -> Json:
    return {"fullUrl": address, "resource": resource}


def instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def code_of(pair: tuple[str, str], system: str = LOINC) -> Json:
    return {"coding": [{"system": system, "code": pair[0], "display": pair[1]}]}


def words_of(text: str, codings: Iterable[Coding] = ()) -> Json:
    known = [
        {"system": c.system, "code": c.code, **({"display": c.display} if c.display else {})}
        for c in codings
        if c.system.startswith(("http", "urn:"))
    ]
    return {**({"coding": known} if known else {}), "text": text}


def _known_as(system: str, name: UUID) -> Json:
    return {"system": system, "value": str(name)}


def problem(one: Named, made: Made) -> Line:
    resource = {
        "resourceType": "Condition",
        "identifier": [_known_as(own.ENTRY, one.entry)],
        "clinicalStatus": code_of(("active", "Active"), CLINICAL),
        "code": words_of(one.text, one.codings),
        "subject": made.subject,
        **({"onsetDateTime": one.since} if one.since else {}),
    }
    return made.add(resource, made.address(f"problem {one.entry}")), one.text


def allergies(found: Passport, made: Made) -> list[Line]:
    if found.no_allergies and not found.allergies:
        return [_no_allergy(made)]
    return [_allergy(one, made) for one in found.allergies]


def _no_allergy(made: Made) -> Line:
    known = ("no-known-allergies", "No known allergies")
    resource = {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": code_of(("active", "Active"), ALLERGY_CLINICAL),
        "code": code_of(known, ABSENT),
        "patient": made.subject,
    }
    return made.add(resource, made.address("no allergies")), known[1]


def _allergy(one: Named, made: Made) -> Line:
    resource = {
        "resourceType": "AllergyIntolerance",
        "identifier": [_known_as(own.ENTRY, one.entry)],
        "clinicalStatus": code_of(("active", "Active"), ALLERGY_CLINICAL),
        "verificationStatus": code_of(("unconfirmed", "Unconfirmed"), ALLERGY_KNOWN),
        "code": words_of(one.text, one.codings),
        "patient": made.subject,
        **({"onsetDateTime": one.since} if one.since else {}),
        **({"reaction": [{"manifestation": [{"text": one.more}]}]} if one.more else {}),
    }
    return made.add(resource, made.address(f"allergy {one.entry}")), " ".join(
        filter(None, (one.text, one.more))
    )


def medicine(one: Named, made: Made) -> Line:
    resource = {
        "resourceType": "MedicationStatement",
        "identifier": [_known_as(own.ENTRY, one.entry)],
        "status": "active",
        "medicationCodeableConcept": words_of(one.text, one.codings or _recognised(one.text)),
        "subject": made.subject,
        **({"effectivePeriod": {"start": one.since}} if one.since else {}),
        **({"dosage": [{"text": one.more}]} if one.more else {}),
    }
    return made.add(resource, made.address(f"medicine {one.entry}")), " ".join(
        filter(None, (one.text, one.more))
    )


def _recognised(text: str) -> tuple[Coding, ...]:
    """The code of the one medicine that a line names, where it has just one."""
    found = {known.name for _, known in named_medicines(text)}
    codes = given_elsewhere.drug_codes(found.pop()) if len(found) == 1 else ()
    return tuple(Coding(system_address(s), c) for s, c in codes) if len(codes) == 1 else ()


# -- ketamine and esketamine ------------------------------------------------------------------------------------


def drug_words(drug: str) -> str:
    return label("drug", drug) if drug else "drug not known"


def route_words(route: str) -> str:
    return label("route", route) if route else "route not known"


def _drug(drug: str) -> Json:
    codes = [
        {"system": system_address(s), "code": c}
        for s, c in (given_elsewhere.drug_codes(drug) if drug else ())
    ]
    return {**({"coding": codes} if codes else {}), "text": drug_words(drug)}


def _route(route: str) -> Json:
    found = given_elsewhere.route_code(route)
    coded = {"coding": [{"system": SNOMED, "code": found[0], "display": found[1]}]} if found else {}
    return {**coded, "text": route_words(route)}


def given(one: Given, made: Made) -> Line:
    """One dose. An amount that is not known is said to be absent: a dosage must name a dose or a rate (mad-1)."""
    end = {"end": instant(one.until)} if one.until else {}
    much = f"{plain(one.mg)} mg" if one.mg is not None else "dose not known"
    notes = [f"blood pressure {one.pressures}"] if one.pressures else []
    notes += [f"the route has {UNCODED}"] if one.route and not given_elsewhere.route_code(one.route) else []
    resource = {
        "resourceType": "MedicationAdministration",
        "identifier": [_known_as(own.SESSION, one.session)],
        "status": "completed" if one.until else "unknown",
        "medicationCodeableConcept": _drug(one.drug),
        "subject": made.subject,
        "effectivePeriod": {"start": instant(one.at), **end},
        "performer": [{"actor": {"reference": made.of_clinic, "display": made.clinic}}],
        **({"note": [{"text": text} for text in notes]} if notes else {}),
        "dosage": {
            "text": much,
            **({"route": _route(one.route)} if one.route else {}),
            "dose": _quantity(one.mg, "mg") if one.mg is not None else _absent(),
        },
    }
    parts = (f"{one.at:%Y-%m-%d}", drug_words(one.drug), route_words(one.route), much, *notes[:1])
    return made.add(resource, made.address(f"dose {one.session}")), ", ".join(parts)


def elsewhere(told: Told, made: Made) -> Line:
    """Treatment by others, as this clinic was told of it: a statement, with its figures for another Lowtide."""
    one = told.one
    figures = [
        *([{"url": own.DRUG, "valueCode": one.drug}] if one.drug else []),
        *([{"url": own.ROUTE, "valueCode": one.route}] if one.route else []),
        *([{"url": own.SESSIONS, "valuePositiveInt": one.sessions}] if one.sessions else []),
        *([{"url": own.TOTAL_MG, "valueDecimal": one.mg}] if one.mg is not None else []),
    ]
    known = {"start": told.first, "end": told.last}
    period = {end: day for end, day in known.items() if day}
    session = [_known_as(own.SESSION, one.session)] if one.session else []
    resource = {
        "resourceType": "MedicationStatement",
        "identifier": [_known_as(own.ENTRY, told.entry), *session],
        **({"extension": figures} if figures else {}),
        "status": GOES_ON[told.goes_on],
        "medicationCodeableConcept": _drug(one.drug),
        "subject": made.subject,
        **({"effectivePeriod": period} if period else {}),
        "dateAsserted": instant(one.entry.at),
        "dosage": [{"text": told.text, **({"route": _route(one.route)} if one.route else {})}],
    }
    return made.add(resource, made.address(f"elsewhere {told.entry}")), told.text


def _absent() -> Json:
    return {"extension": [{"url": WHY_ABSENT, "valueCode": "unknown"}]}


def _quantity(value: Decimal, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


# -- how it went ------------------------------------------------------------------------------------------------


def scores(found: Passport, made: Made) -> list[Line]:
    return [_score(found.measure, s, made) for s in found.scores]


def _score(measure: str, score: Score, made: Made) -> Line:
    """A total that nobody is sure of yet goes out as preliminary."""
    form, at, value = score.form, score.at, int(score.value)
    unsure = f", not confirmed: {score.unconfirmed}" if score.unconfirmed else ""
    resource = {
        "resourceType": "Observation",
        "identifier": [_known_as(own.ENTRY, form)],
        "status": "preliminary" if unsure else "final",
        "code": code_of(TOTALS[measure]) if measure in TOTALS else {"text": measure},
        "subject": made.subject,
        "effectiveDateTime": instant(at),
        "valueQuantity": _quantity(Decimal(value), "{score}"),
    }
    return made.add(resource, made.address(f"score {form}")), f"{at:%Y-%m-%d}, {measure} {value}{unsure}"


def happened(one: Happened, made: Made) -> Line:
    """An adverse event as it stands now. A severity has three steps in FHIR; the grade stands in its text."""
    serious, outcome = IS_SERIOUS.get(one.serious), OUTCOMES.get(one.outcome)
    severity = code_of(SEVERITIES.get(one.grade, SEVERE), SEVERITY)
    resource = {
        "resourceType": "AdverseEvent",
        "identifier": _known_as(own.ENTRY, one.entry),
        "actuality": "actual",
        "event": {"text": one.text},
        "subject": made.subject,
        "date": instant(one.at),
        "severity": severity | {"text": f"{one.grade_word} (grade {one.grade})"},
        **({"seriousness": code_of(serious, SERIOUS)} if serious else {}),
        "outcome": (code_of(outcome, OUTCOME) if outcome else {}) | {"text": one.outcome_word},
    }
    ended = f", ended {one.ended_at:%Y-%m-%d}" if one.ended_at else ""
    return made.add(resource, made.address(f"event {one.entry}")), f"{one.at:%Y-%m-%d}, {one.text}{ended}"
