"""The treatment passport as a FHIR R4 document: a Bundle after the International Patient Summary's plan (pure).

What is not known is said to be not known: a section without content gives the reason, and an allergy that nobody asked
about is no absence of allergies.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.exchange.fhir import bindings, invariants, own, structure, telling
from lowtide.exchange.fhir.mapping.patient import OWN_SYSTEM
from lowtide.exchange.fhir.structure import Fault
from lowtide.exchange.fhir.telling import Json, Line, Made, code_of, entry_of, instant
from lowtide.pathway.outcomes.passport import Passport
from lowtide.record.entries.clinic import Clinic
from lowtide.record.entries.identity import Identifier, Sex

_encode = msgspec.json.Encoder(decimal_format="number").encode
EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
GENDER = {Sex.FEMALE: "female", Sex.MALE: "male", Sex.OTHER: "other", Sex.UNKNOWN: "unknown"}
DOCUMENT = ("60591-5", "Patient summary Document")
PROBLEMS = ("11450-4", "Problem list - Reported")
ALLERGIES = ("48765-2", "Allergies and adverse reactions Document")
MEDICINES = ("10160-0", "History of Medication use Narrative")
RESULTS = ("30954-2", "Relevant diagnostic tests/laboratory data Narrative")
TREATMENT = ("47519-4", "History of Procedures Document")
NOTHING = "Nothing is recorded. That is not a no."


def document(found: Passport, patient_id: UUID, clinic: Clinic | None, now: datetime) -> Json:
    """The whole document. Two made from the same chart at the same instant are the same."""
    made = Made(patient_id, now, clinic.name if clinic else "Clinic")
    made.add(_patient(found, made), made.of_patient)
    made.add({"resourceType": "Organization", "name": made.clinic}, made.of_clinic)
    sections = [
        _section("Problems", PROBLEMS, [telling.problem(p, made) for p in found.problems]),
        _section("Allergies", ALLERGIES, telling.allergies(found, made)),
        _section("Medicines", MEDICINES, [telling.medicine(m, made) for m in found.medicines]),
        _section(
            "Ketamine treatment", TREATMENT, [telling.given(g, made) for g in found.given], _in_all(found)
        ),
        _section(
            "Ketamine treatment elsewhere", TREATMENT, [telling.elsewhere(o, made) for o in found.others]
        ),
        _section("Did it help", RESULTS, telling.scores(found, made), [found.verdict, found.verdict_text]),
        _section("What happened", None, [telling.happened(h, made) for h in found.events]),
    ]
    composition = _composition(found, made, sections)
    entries = [entry_of(made.of_composition, composition), *made.entries]
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": made.of_bundle},
        "type": "document",
        "timestamp": instant(now),
        "entry": entries,
    }


def encoded(made: Json) -> bytes:
    """The bytes that leave the house; decimals exact."""
    return msgspec.json.format(_encode(made), indent=1)


def faults(made: Json) -> list[Fault]:
    """What is wrong with it as FHIR: structure first, then required codes and dates, then the standard's invariants."""
    return structure.faults(encoded(made)) or [*bindings.faults(made), *invariants.faults(made)]


# -- who --------------------------------------------------------------------------------------------------------


def _patient(found: Passport, made: Made) -> Json:
    who = found.patient
    name = {"use": "official", "family": who.family, **({"given": who.given.split()} if who.given else {})}
    chart = {"system": own.CHART, "value": str(made.patient_id)}
    numbers = [chart, *(_number(i, made) for i in who.identifiers)]
    ways = [("phone", who.contact.phone), ("email", who.contact.email)]
    telecom = [{"system": kind, "value": value} for kind, value in ways if value]
    return {
        "resourceType": "Patient",
        "identifier": numbers,
        "name": [{key: value for key, value in name.items() if value}],
        **({"telecom": telecom} if telecom else {}),
        "gender": GENDER[who.sex],
        **({"birthDate": who.birth_date} if who.birth_date else {}),
    }


def _number(one: Identifier, made: Made) -> Json:
    """A number of the person. Our own has no system: another clinic that counts as we do may have given it, too."""
    if one.system == OWN_SYSTEM:
        return {"value": one.value, "assigner": {"display": made.clinic}}
    return {"system": one.system, "value": one.value}


def _composition(found: Passport, made: Made, sections: Sequence[Json]) -> Json:
    return {
        "resourceType": "Composition",
        "status": "final",
        "type": code_of(DOCUMENT),
        "subject": made.subject,
        "date": instant(made.now),
        "author": [{"reference": made.of_clinic}],
        "title": f"Treatment passport of {found.patient.given} {found.patient.family}".strip(),
        "custodian": {"reference": made.of_clinic},
        "section": list(sections),
    }


def _in_all(found: Passport) -> list[str]:
    """What was given in all; nothing is added up over drugs or routes."""
    return [
        f"In all: {telling.drug_words(t.drug)}, {telling.route_words(t.route)}: {t.count} times, {t.amount}"
        for t in found.totals
    ]


def _section(
    title: str, code: tuple[str, str] | None, told: Sequence[Line], above: Sequence[str] = ()
) -> Json:
    lines = [*above, *(words for _, words in told)]
    text = "".join(f"<li>{_escaped(line)}</li>" for line in lines if line)
    inside = f"<ul>{text}</ul>" if told else f"<p>{NOTHING}</p>"
    return {
        "title": title,
        **({"code": code_of(code)} if code else {}),
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inside}</div>'},
        **(
            {"entry": [reference for reference, _ in told]}
            if told
            else {"emptyReason": code_of(("unavailable", "Unavailable"), EMPTY)}
        ),
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
