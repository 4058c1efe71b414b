"""Small FHIR resources for tests, and one-line ways to read them."""

import json
from datetime import UTC, datetime
from typing import Any

from lowtide.exchange.fhir.known import Known, Nothing
from lowtide.exchange.fhir.mapping import table
from lowtide.exchange.fhir.mapping.parts import Context, Reading
from lowtide.exchange.fhir.plan import Circumstances, Plan, make
from lowtide.exchange.fhir.reader import File, decode
from lowtide.record.entries.base import Body

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
HOSPITAL = "http://hospital.example/mrn"
Json = dict[str, Any]


def patient(name: str = "1", /, **more: Any) -> Json:
    """Ada Testperson, unless said otherwise."""
    return {
        "resourceType": "Patient",
        "id": name,
        "identifier": [{"system": HOSPITAL, "value": f"MRN-{name}"}],
        "name": [{"family": "Testperson", "given": ["Ada"]}],
        "gender": "female",
        "birthDate": "1980-05-17",
    } | more


def concept(code: str, system: str = LOINC, text: str | None = None) -> Json:
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


def quantity(value: Any, unit: str | None, **more: Any) -> Json:
    return {"value": value} | ({"unit": unit, "system": UCUM, "code": unit} if unit else {}) | more


def observation(code: str, name: str = "o1", of: str = "Patient/1", /, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": concept(code),
        "subject": {"reference": of},
        "effectiveDateTime": "2026-11-01T10:30:00+01:00",
    } | more


def weight(value: Any, unit: str | None, name: str = "w1", of: str = "Patient/1", /, **more: Any) -> Json:
    return observation("29463-7", name, of, valueQuantity=quantity(value, unit), **more)


def condition(text: str = "Depression", name: str = "c1", of: str = "Patient/1", /, **more: Any) -> Json:
    clinical = concept("active", "http://terminology.hl7.org/CodeSystem/condition-clinical")
    return {
        "resourceType": "Condition",
        "id": name,
        "clinicalStatus": clinical,
        "code": {"text": text},
        "subject": {"reference": of},
    } | more


def bundle(*resources: Json, urls: bool = False) -> Json:
    entries = [{"resource": r} | ({"fullUrl": f"urn:uuid:{r['id']}"} if urls else {}) for r in resources]
    return {"resourceType": "Bundle", "type": "collection"} | ({"entry": entries} if entries else {})


def text(document: Any) -> bytes:
    return json.dumps(document).encode()


def file(document: Any, name: str = "a.json") -> File:
    return File(name, document if isinstance(document, bytes) else text(document))


def ndjson(*resources: Json, name: str = "a.ndjson") -> File:
    return File(name, b"\n".join(map(text, resources)))


def read(resource: Json, *others: Json, panel: Json | None = None) -> Reading:
    """What one resource says, with others it may refer to by `Type/id`."""
    known = {f"{r['resourceType']}/{r['id']}": decode(text(r)) for r in others}

    def find(reference: Json) -> Json | None:
        return known.get(reference.get("reference", ""))

    return table.read(decode(text(resource)), Context(UTC, find, panel and decode(text(panel))))


def bodies(reading: Reading) -> list[Body]:
    return [said.body for said in reading.said]


def planned(*files: File, source: str | None = None, known: Known | None = None) -> Plan:
    return make(files, Circumstances("system:import", NOW, UTC, source), known or Nothing())
