"""The treatment passport as a FHIR R4 document: a Bundle after the International Patient Summary's plan (pure).

What is not known is said to be not known: a section without content gives the reason, and an allergy that nobody asked
about is no absence of allergies.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import msgspec

from lowtide.data.vocabulary import label
from lowtide.exchange.fhir import bindings, structure
from lowtide.exchange.fhir.structure import Fault
from lowtide.pathway.outcomes.passport import Given, Happened, Named, Passport
from lowtide.record.entries.base import Coding
from lowtide.record.entries.clinic import Clinic
from lowtide.record.entries.identity import Sex

Json = dict[str, Any]
_encode = msgspec.json.Encoder(decimal_format="number").encode
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
ALLERGY_KNOWN = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
GENDER = {Sex.FEMALE: "female", Sex.MALE: "male", Sex.OTHER: "other", Sex.UNKNOWN: "unknown"}
DOCUMENT = ("60591-5", "Patient summary Document")
PROBLEMS, ALLERGIES = (
    ("11450-4", "Problem list - Reported"),
    ("48765-2", "Allergies and adverse reactions Document"),
)
MEDICINES = ("10160-0", "History of Medication use Narrative")
RESULTS = ("30954-2", "Relevant diagnostic tests/laboratory data Narrative")
TREATMENT = ("47519-4", "History of Procedures Document")
TOTALS = {"PHQ-9": ("44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]")}


def document(found: Passport, patient_id: UUID, clinic: Clinic | None, now: datetime) -> Json:
    """The whole document. Two made from the same chart at the same instant are the same."""
    made = _Made(patient_id, now)
    made.add(_patient(found, made), made.of_patient)
    made.add({"resourceType": "Organization", "name": clinic.name if clinic else "Clinic"}, made.of_clinic)
    sections = [
        _section(made, "Problems", PROBLEMS, [_problem(p, made) for p in found.problems]),
        _section(made, "Allergies", ALLERGIES, _allergies(found, made)),
        _section(made, "Medicines", MEDICINES, [_medicine(m, made) for m in found.medicines]),
        _section(made, "Ketamine treatment", TREATMENT, [_given(g, made) for g in found.given]),
        _section(made, "Questionnaires", RESULTS, _scores(found, made)),
        _section(made, "What happened", None, [_happened(h, made) for h in found.events]),
    ]
    composition = _composition(found, made, sections)
    entries = [_entry(made.of_composition, composition), *made.entries]
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": made.of_bundle},
        "type": "document",
        "timestamp": _instant(now),
        "entry": entries,
    }


def encoded(made: Json) -> bytes:
    """The bytes that leave the house; decimals exact."""
    return msgspec.json.format(_encode(made), indent=1)


def faults(made: Json) -> list[Fault]:
    """What the project's own reader would say of it, structure first."""
    return structure.faults(encoded(made)) or bindings.faults(made)


class _Made:
    """The resources made so far; every address follows from the patient and the instant."""

    def __init__(self, patient_id: UUID, now: datetime) -> None:
        self.patient_id, self.now = patient_id, now
        self.entries: list[Json] = []
        self.of_bundle, self.of_composition, self.of_patient, self.of_clinic = (
            self.address(name) for name in (f"bundle {now.isoformat()}", "composition", "patient", "clinic")
        )

    def address(self, name: str) -> str:
        return f"urn:uuid:{uuid5(self.patient_id, name)}"

    def add(self, resource: Json, address: str) -> Json:
        self.entries.append(_entry(address, resource))
        return {"reference": address}

    @property
    def subject(self) -> Json:
        return {"reference": self.of_patient}


def _entry(address: str, resource: Json) -> Json:
    return {"fullUrl": address, "resource": resource}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _code(pair: tuple[str, str], system: str = LOINC) -> Json:
    return {"coding": [{"system": system, "code": pair[0], "display": pair[1]}]}


def _words(text: str, codings: Iterable[Coding] = ()) -> Json:
    known = [
        {"system": c.system, "code": c.code, **({"display": c.display} if c.display else {})}
        for c in codings
        if c.system.startswith(("http", "urn:"))
    ]
    return {**({"coding": known} if known else {}), "text": text}


# -- who --------------------------------------------------------------------------------------------------------


def _patient(found: Passport, made: _Made) -> Json:
    who = found.patient
    name = {"use": "official", "family": who.family, **({"given": who.given.split()} if who.given else {})}
    numbers = [{"system": _system(i.system), "value": i.value} for i in who.identifiers]
    ways = [("phone", who.contact.phone), ("email", who.contact.email)]
    telecom = [{"system": kind, "value": value} for kind, value in ways if value]
    return {
        "resourceType": "Patient",
        **({"identifier": numbers} if numbers else {}),
        "name": [{key: value for key, value in name.items() if value}],
        **({"telecom": telecom} if telecom else {}),
        "gender": GENDER[who.sex],
        **({"birthDate": who.birth_date} if who.birth_date else {}),
    }


def _system(name: str) -> str:
    return name if name.startswith(("http", "urn:")) else f"urn:lowtide:{name}"


def _composition(found: Passport, made: _Made, sections: Sequence[Json]) -> Json:
    return {
        "resourceType": "Composition",
        "status": "final",
        "type": _code(DOCUMENT),
        "subject": made.subject,
        "date": _instant(made.now),
        "author": [{"reference": made.of_clinic}],
        "title": f"Treatment passport of {found.patient.given} {found.patient.family}".strip(),
        "custodian": {"reference": made.of_clinic},
        "section": list(sections),
    }


def _section(
    made: _Made, title: str, code: tuple[str, str] | None, references: Sequence[tuple[Json, str]]
) -> Json:
    lines = [words for _, words in references]
    text = "".join(f"<li>{_escaped(line)}</li>" for line in lines)
    inside = f"<ul>{text}</ul>" if lines else "<p>Nothing is recorded. That is not a no.</p>"
    return {
        "title": title,
        **({"code": _code(code)} if code else {}),
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inside}</div>'},
        **(
            {"entry": [reference for reference, _ in references]}
            if references
            else {"emptyReason": _code(("unavailable", "Unavailable"), EMPTY)}
        ),
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# -- what -------------------------------------------------------------------------------------------------------


def _problem(one: Named, made: _Made) -> tuple[Json, str]:
    resource = {
        "resourceType": "Condition",
        "clinicalStatus": _code(("active", "Active"), CLINICAL),
        "code": _words(one.text, one.codings),
        "subject": made.subject,
        **({"onsetDateTime": one.since} if one.since else {}),
    }
    return made.add(resource, made.address(f"problem {one.entry}")), one.text


def _allergies(found: Passport, made: _Made) -> list[tuple[Json, str]]:
    if found.no_allergies and not found.allergies:
        return [_no_allergy(made)]
    return [_allergy(one, made) for one in found.allergies]


def _no_allergy(made: _Made) -> tuple[Json, str]:
    known = ("no-known-allergies", "No known allergies")
    resource = {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": _code(("active", "Active"), ALLERGY_CLINICAL),
        "code": _code(known, ABSENT),
        "patient": made.subject,
    }
    return made.add(resource, made.address("no allergies")), known[1]


def _allergy(one: Named, made: _Made) -> tuple[Json, str]:
    resource = {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": _code(("active", "Active"), ALLERGY_CLINICAL),
        "verificationStatus": _code(("unconfirmed", "Unconfirmed"), ALLERGY_KNOWN),
        "code": _words(one.text, one.codings),
        "patient": made.subject,
        **({"onsetDateTime": one.since} if one.since else {}),
        **({"reaction": [{"manifestation": [{"text": one.more}]}]} if one.more else {}),
    }
    return made.add(resource, made.address(f"allergy {one.entry}")), " ".join(
        filter(None, (one.text, one.more))
    )


def _medicine(one: Named, made: _Made) -> tuple[Json, str]:
    resource = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": _words(one.text, one.codings),
        "subject": made.subject,
        **({"effectivePeriod": {"start": one.since}} if one.since else {}),
        **({"dosage": [{"text": one.more}]} if one.more else {}),
    }
    return made.add(resource, made.address(f"medicine {one.entry}")), " ".join(
        filter(None, (one.text, one.more))
    )


def _given(one: Given, made: _Made) -> tuple[Json, str]:
    drug, route = (
        label("drug", one.drug) if one.drug else "not known",
        one.route and label("route", one.route),
    )
    end = {"end": _instant(one.until)} if one.until else {}
    dose = {"dose": _quantity(one.mg, "mg")} if one.mg is not None else {"text": "dose not known"}
    resource = {
        "resourceType": "MedicationAdministration",
        "status": "completed" if one.until else "unknown",
        "medicationCodeableConcept": {"text": drug},
        "subject": made.subject,
        "effectivePeriod": {"start": _instant(one.at), **end},
        "dosage": {**({"route": {"text": route}} if route else {}), **dose},
    }
    much = f"{one.mg} mg" if one.mg is not None else "dose not known"
    words = ", ".join(filter(None, (f"{one.at:%Y-%m-%d}", drug, route, much)))
    return made.add(resource, made.address(f"dose {one.session}")), words


def _quantity(value: Decimal, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _scores(found: Passport, made: _Made) -> list[tuple[Json, str]]:
    told = {s.entry: s for s in (found.first, found.last) if s}
    return [_score(found.measure, s.entry, s.at, int(s.value), made) for s in told.values()]


def _score(measure: str, entry: UUID, at: datetime, value: int, made: _Made) -> tuple[Json, str]:
    resource = {
        "resourceType": "Observation",
        "status": "final",
        "code": _code(TOTALS[measure]) if measure in TOTALS else {"text": measure},
        "subject": made.subject,
        "effectiveDateTime": _instant(at),
        "valueQuantity": _quantity(Decimal(value), "{score}"),
    }
    return made.add(resource, made.address(f"score {entry}")), f"{at:%Y-%m-%d}, {measure} {value}"


def _happened(one: Happened, made: _Made) -> tuple[Json, str]:
    resource = {
        "resourceType": "Condition",
        "code": {"text": one.term},
        "subject": made.subject,
        "onsetDateTime": _instant(one.at),
        "note": [{"text": f"grade {one.grade}"}],
    }
    words = f"{one.at:%Y-%m-%d}, {one.term}, grade {one.grade}"
    return made.add(resource, made.address(f"event {one.entry}")), words
