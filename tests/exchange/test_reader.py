"""A file is taken whole or not at all, and one clear sentence says why not."""

import json

import pytest

from lowtide.data.imports import imports
from lowtide.exchange.fhir.reader import File, read
from lowtide.problems import BadInput, Problem
from tests.exchange.making import bundle, concept, condition, file, ndjson, observation, patient, text


def fault(given: File) -> Problem:
    with pytest.raises(BadInput) as refused:
        read(given)
    assert len(refused.value.problems) == 1
    return refused.value.problems[0]


def paths(given: File) -> list[str]:
    return [incoming.path for incoming in read(given)]


def test_a_bundle_is_its_resources() -> None:
    assert paths(file(bundle(patient(), condition()))) == [
        "Bundle.entry[0].resource",
        "Bundle.entry[1].resource",
    ]


def test_a_bundle_in_a_bundle_is_its_resources_too() -> None:
    inner = bundle(condition())
    assert paths(file(bundle(patient(), inner))) == [
        "Bundle.entry[0].resource",
        "Bundle.entry[1].resource.entry[0].resource",
    ]


def test_a_single_resource_is_itself() -> None:
    assert paths(file(patient())) == ["Patient"]


def test_ndjson_is_a_resource_a_line() -> None:
    assert paths(ndjson(patient(), condition())) == ["line 1: Patient", "line 2: Condition"]


def test_ndjson_is_known_by_its_content_too() -> None:
    lines = text(patient()) + b"\r\n\r\n" + text(condition()) + b"\n"
    assert paths(File("export.txt", lines)) == ["line 1: Patient", "line 3: Condition"]


def test_a_resource_over_several_lines_is_no_ndjson() -> None:
    assert paths(File("a.json", json.dumps(patient(), indent=1).encode())) == ["Patient"]


def test_each_resource_keeps_its_very_bytes() -> None:
    odd = (
        b'{ "resourceType":"Patient",\n  "extension" : [{"url":"http://x.example/a","valueDecimal":72.50}] }'
    )
    whole = b'{"resourceType":"Bundle","type":"collection","entry":[ {"resource": ' + odd + b" } ]}"
    assert [incoming.raw for incoming in read(File("a.json", whole))] == [odd]


def test_a_byte_order_mark_is_no_part_of_the_resource() -> None:
    (incoming,) = read(File("a.json", b"\xef\xbb\xbf" + text(patient())))
    assert incoming.raw == text(patient())


def test_numbers_stay_exact() -> None:
    resource = (
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":72.50}}'
    )
    (incoming,) = read(File("a.json", resource))
    assert str(incoming.resource["valueQuantity"]["value"]) == "72.50"


def test_an_empty_bundle_brings_nothing_and_is_no_fault() -> None:
    assert read(file(bundle())) == []


BAD = {
    "empty": (b" \n", "file", "the file is empty"),
    "xml": (b'<?xml version="1.0"?><Patient/>', "file", "this is XML"),
    "zip": (b"PK\x03\x04rest", "file", "zip archive"),
    "gzip": (b"\x1f\x8brest", "file", "gzip archive"),
    "utf-16": ('{"resourceType":"Patient"}'.encode("utf-16"), "file", "UTF-16"),
    "latin-1": (b'{"resourceType":"Patient",\n"language":"\xfc"}', "line 2", "not UTF-8"),
    "not JSON": (b'{"resourceType":"Patient",}', "line 1, column 27", "not JSON"),
    "cut short": (b'{"resourceType":"Pat', "line 1, column 21", "not JSON"),
    "NaN": (b'{"resourceType":"Patient","multipleBirthInteger":NaN}', "line 1, column 50", "not JSON"),
    "a list": (b"[]", "resourceType", "no FHIR resource"),
    "a word": (b'"Patient"', "resourceType", "no FHIR resource"),
    "no type": (b"{}", "resourceType", "no FHIR resource"),
    "an unknown type": (b'{"resourceType":"Poem"}', "Poem", "not a FHIR R4 resource type"),
    "a key twice": (
        b'{"resourceType":"Patient","active":true,"active":false}',
        "Patient.active",
        "more than once",
    ),
    "too deep": (
        b'{"resourceType":"Patient","extension":' + b"[" * 400,
        "line 1, column",
        "nested too deeply",
    ),
    "a null character": (b'{"resourceType":"Patient","language":"a\\u0000"}', "file", "null character"),
    "half a character": (b'{"resourceType":"Patient","language":"\\ud800"}', "line 1, column", "not JSON"),
    "a wrong code": (b'{"resourceType":"Patient","gender":"x"}', "Patient.gender", "“x” is not one of"),
    "a day that is none": (
        b'{"resourceType":"Patient","birthDate":"2023-02-30"}',
        "Patient.birthDate",
        "no day",
    ),
    "a bad id": (b'{"resourceType":"Patient","id":"a_b"}', "Patient.id", "is no id"),
    "a wrong type": (b'{"resourceType":"Patient","active":"yes"}', "Patient.active", "expected"),
}


@pytest.mark.parametrize("what", BAD)
def test_refuses(what: str) -> None:
    data, where, why = BAD[what]
    problem = fault(File("a.json", data))
    assert problem.where.startswith(where)
    assert why in problem.what
    assert problem.mend


def test_a_fault_in_a_bundle_is_told_by_its_fhirpath() -> None:
    wrong = observation("8867-4") | {"status": "bogus"}
    assert fault(file(bundle(patient(), wrong))).where == "Bundle.entry[1].resource.status"


def test_a_fault_in_ndjson_is_told_by_line_and_fhirpath() -> None:
    wrong = patient() | {"gender": "x"}
    assert fault(ndjson(patient(), wrong)).where == "line 2: Patient.gender"


def test_a_line_that_is_no_json_is_told_by_line_and_column() -> None:
    lines = text(patient()) + b'\n{"resourceType":}'
    assert fault(File("a.ndjson", lines)).where == "line 2: column 17"


def test_the_other_faults_are_counted() -> None:
    problem = fault(file({"resourceType": "Observation"}))
    assert "and 1 more fault)" in problem.what


def test_a_request_to_delete_is_refused() -> None:
    deletes = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": "Patient/1"}}],
    }
    assert fault(file(deletes)).where == "Bundle.entry[0].request.method"


def test_a_file_that_is_too_large_is_refused() -> None:
    problem = fault(File("a.json", b" " * (imports().max_file_mb * 1_000_000 + 1)))
    assert "larger than" in problem.what


def test_contained_resources_need_names_of_their_own() -> None:
    twice = patient(
        contained=[{"resourceType": "Patient", "id": "x"}, {"resourceType": "Patient", "id": "x"}]
    )
    assert fault(file(twice)).where == "Patient.contained[1].id"


def test_a_status_that_must_be_coded_is_checked_by_system_and_code() -> None:
    wrong = condition(clinicalStatus=concept("active", "http://example.com/my-own"))
    assert fault(file(wrong)).where == "Condition.clinicalStatus"


def test_a_code_deep_inside_is_checked() -> None:
    wrong = observation("8867-4", valueQuantity={"value": 1, "comparator": "about"})
    assert fault(file(wrong)).where == "Observation.valueQuantity.comparator"


def test_a_code_in_an_extension_is_checked() -> None:
    wrong = patient(
        extension=[{"url": "http://x.example/a", "valueQuantity": {"value": 1, "comparator": "about"}}]
    )
    assert fault(file(wrong)).where == "Patient.extension[0].valueQuantity.comparator"


def test_a_code_in_a_contained_resource_is_checked() -> None:
    wrong = patient(contained=[{"resourceType": "Patient", "id": "x", "gender": "x"}])
    assert fault(file(wrong)).where == "Patient.contained[0].gender"
