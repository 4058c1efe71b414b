"""The official samples come in, or are refused for a true reason; nothing that comes in is altered."""

import json
from decimal import Decimal

import pytest

from lowtide.data.fhir import required_bindings
from lowtide.exchange.fhir.bundle import chart_from_bundle
from lowtide.exchange.fhir.reader import File, decode, read
from lowtide.problems import BadInput
from lowtide.record.entries.clinic import FhirResource
from lowtide.record.entries.history import Diagnosis, Medicine
from lowtide.record.entries.identity import Patient
from tests.exchange import report
from tests.exchange.making import NOW, planned

EXPECTED = report.expected()


@pytest.fixture(scope="module")
def outcomes() -> dict[str, report.Outcome]:
    return {o.file: o for o in report.outcomes()}


def test_each_sample_has_the_outcome_that_was_argued(outcomes: dict[str, report.Outcome]) -> None:
    assert outcomes == EXPECTED


def test_each_refusal_is_argued() -> None:
    refused = {o.file for o in EXPECTED.values() if o.outcome == "refused"}
    assert refused <= report.argued().keys()


def test_each_argument_is_about_a_sample() -> None:
    assert report.argued().keys() <= EXPECTED.keys()


def test_the_page_tells_every_sample() -> None:
    page = "\n".join(report.page())
    assert all(f"| {name} |" in page for name in EXPECTED)


def test_every_resource_is_kept_in_its_very_bytes() -> None:
    for path in sorted(report.SAMPLES.rglob("*.json"))[::7]:
        file = File(path.name, path.read_bytes())
        try:
            arrived = sorted(i.raw.decode() for i in read(file))
        except BadInput:
            continue
        drafts = [d for g in planned(file).groups for d in g.drafts]
        assert sorted(d.body.json for d in drafts if isinstance(d.body, FhirResource)) == arrived
        assert all(text in file.data.decode() for text in arrived)


def test_what_is_kept_means_what_the_file_said() -> None:
    """The bytes cut out of a Bundle hold the same JSON as the Bundle did, to the last decimal."""
    path = next((report.SAMPLES / "synthea-r4-bundles").glob("Milan*"))
    whole = json.loads(path.read_text(), parse_float=Decimal)
    assert [decode(i.raw) for i in read(File("a.json", path.read_bytes()))] == [
        e["resource"] for e in whole["entry"]
    ]


def test_the_required_codes_are_those_of_the_whole_standard() -> None:
    table = required_bindings()
    assert table.fhir_version == "4.0.1"
    assert len(table.value_sets) > 200
    assert table.elements["Observation"]["status"] == "=observation-status"
    assert table.elements["AllergyIntolerance"]["verificationStatus"] == "~allergyintolerance-verification"


def test_a_bundle_becomes_a_chart_without_a_database() -> None:
    path = next((report.SAMPLES / "synthea-r4-bundles").glob("Milan*"))
    chart = chart_from_bundle(path.read_bytes(), NOW)
    (said,) = chart.said(Patient)
    assert (said[1].family, said[1].birth_date) == ("Beatty", "1973-11-24")
    assert {"Major depression disorder"} <= {body.label for _, body in chart.said(Diagnosis)}
    assert chart.said(Medicine)


def test_a_chart_needs_one_patient() -> None:
    both = report.SAMPLES / "bulk-10-patients" / "Patient.000.ndjson"
    with pytest.raises(BadInput, match="patients"):
        chart_from_bundle(both.read_bytes(), NOW)
    with pytest.raises(BadInput, match="no Patient"):
        chart_from_bundle(b'{"resourceType":"Bundle","type":"collection"}', NOW)


def test_a_chart_of_a_faulty_bundle_tells_the_path() -> None:
    with pytest.raises(BadInput) as refused:
        chart_from_bundle(b'{"resourceType":"Patient","gender":"x"}', NOW, name="p.json")
    assert refused.value.problems[0].where == "p.json: Patient.gender"
