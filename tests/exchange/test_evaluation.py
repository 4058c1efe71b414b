"""A FHIR file is judged as the chart it would become: an open world, where silence is not “no”."""

import json
from datetime import date
from pathlib import Path

import pytest

from lowtide.exchange.fhir.facts import facts_from_bundle
from lowtide.site.cli import main
from tests.exchange.making import SNOMED, bundle, concept, condition, observation, patient, quantity, text
from tests.exchange.report import SAMPLES

ON = date(2026, 11, 22)
LIMITS = [{"high": {"value": 50, "unit": "U/L"}}]


def facts(*resources: dict) -> object:
    return facts_from_bundle(text(bundle(*resources)), ON)


def test_codes_name_the_condition_that_rules_ask_about() -> None:
    coded = condition(code=concept("370143000", SNOMED, "Depression"))
    found = facts(patient(), coded)
    assert [p.keys for p in found.problems] == [frozenset({"mdd"})]


def test_a_result_is_measured_against_its_own_limit() -> None:
    found = facts(patient(), observation("1742-6", valueQuantity=quantity(150, "U/L"), referenceRange=LIMITS))
    assert found.values["alt_x_uln"] == 3


def test_a_pressure_and_its_day_reach_the_rules() -> None:
    found = facts(patient(), observation("8480-6", valueQuantity=quantity(182, "mm[Hg]")))
    assert (found.values["sbp_mmhg"], found.taken["sbp_mmhg"]) == (182, "2026-11-01")


def test_silence_is_not_no() -> None:
    assert facts(patient()).complete == frozenset()
    none_known = {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": {"reference": "Patient/1"},
        "code": concept("716186003", SNOMED),
    }
    assert facts(patient(), none_known).complete == {"allergies"}


def test_a_real_patient_is_evaluated_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    path = next((SAMPLES / "synthea-r4-bundles").glob("Milan*"))
    request = ["--indication", "trd", "--product", "racemic_ketamine", "--route", "iv", "--on", "2020-10-01"]
    assert main(["evaluate", str(path), *request, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["decision"] == "defer"
    assert "allergy.ketamine" in {m["item"] for m in answer["missing"]}


def test_a_faulty_bundle_is_bad_input_with_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(text(patient(gender="x")))
    assert main(["evaluate", str(path), "--indication", "trd", "--product", "ketamine", "--route", "iv"]) == 2
    assert "Patient.gender" in capsys.readouterr().err
