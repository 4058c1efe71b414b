"""`lowtide score` with what it may be told of the person, an earlier form, and in FHIR."""

import json
from pathlib import Path
from typing import Any

import pytest

from lowtide.site.cli import main

Run = Any


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    def go(name: str, answers: Any, *more: str, code: int = 0, verb: str = "score") -> Any:
        file = tmp_path / "answers.json"
        file.write_text(json.dumps(answers))
        assert main([verb, name, *([str(file)] if verb == "score" else []), *more]) == code
        out = capsys.readouterr()
        return json.loads(out.out) if code == 0 else out.err

    return go


def phq9(value: int, **more: Any) -> dict[str, Any]:
    return {str(n): value for n in range(1, 9)} | {"9": 0} | more


def test_a_tampered_total_is_recomputed_and_told(run: Run) -> None:
    found = run("PHQ-9", phq9(1, total=3), "--json")
    assert (found["total"], [flag["id"] for flag in found["flags"]]) == (8, ["stated_total_differs"])


@pytest.mark.parametrize(("sex", "band"), [("female", "positive"), ("M", "below the cut"), ("unknown", None)])
def test_the_cut_of_audit_c_follows_the_sex(run: Run, sex: str, band: str | None) -> None:
    assert run("audit-c", {"1": 2, "2": 1, "3": 0}, "--sex", sex, "--json")["band"] == band


def test_moca_adds_its_point_for_few_years_at_school(run: Run) -> None:
    assert run("MoCA", {"1": 25}, "--education-years", "10", "--json")["total"] == 26


@pytest.mark.parametrize("more", [("--sex", "blue"), ("--education-years", "ten")])
def test_what_cannot_be_meant_of_a_person_is_one_line_and_exit_2(run: Run, more: tuple[str, str]) -> None:
    assert run("auditc", {"1": 2, "2": 1, "3": 0}, *more, code=2).count("\n") == 1


def test_a_change_says_what_it_means(run: Run, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    before.write_text(json.dumps(phq9(2)))
    change = run("PHQ9", phq9(0), "--before", str(before), "--json")["change"]
    assert change["points"] == 16
    assert (change["response"], change["remission"], change["remission_cut"]) == (True, True, "under 5")
    assert (change["reliable_points"], change["category"]) == (6.0, "recovered")
    own = ("--before", str(before), "--sd", "5.4", "--reliability", "0.84", "--json")
    assert run("PHQ9", phq9(0), *own)["change"]["reliable_points"] == pytest.approx(5.9873, abs=1e-3)


@pytest.mark.parametrize(
    "more", [("--sd", "5.4"), ("--sd", "-1", "--reliability", "0.8"), ("--sd", "5", "--reliability", "1")]
)
def test_a_bound_needs_a_spread_and_a_reliability(run: Run, tmp_path: Path, more: tuple[str, ...]) -> None:
    before = tmp_path / "before.json"
    before.write_text(json.dumps(phq9(2)))
    assert run("PHQ9", phq9(0), "--before", str(before), *more, code=2).count("\n") == 1


def test_an_unfinished_form_has_nothing_to_compare(run: Run, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    before.write_text(json.dumps({"1": 2}))
    assert "no figure to compare" in run("PHQ9", phq9(0), "--before", str(before), code=2)


@pytest.mark.parametrize("name", ["PHQ9", "CSSRS", "AUDITC", "MADRS", "FIQR"])
def test_a_form_goes_out_in_fhir_and_is_scored_the_same_when_it_comes_back(run: Run, name: str) -> None:
    ids = run(name, None, "--json", verb="instruments")["ids"]
    answers = dict.fromkeys(ids, 1)
    form = run(name, answers, "--fhir")
    assert form["resourceType"] == "QuestionnaireResponse"
    there, back = run(name, answers, "--json"), run(name, form, "--json")
    assert back == there


def test_one_instrument_is_listed_item_by_item(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("phq-9", None, "--fhir", verb="instruments")["resourceType"] == "Questionnaire"
    assert main(["instruments", "fiqr"]) == 0
    told = capsys.readouterr().out
    assert "licensed CC BY 2.0" in told
    assert "1. Brush or comb your hair (0 to 10: No difficulty to Very difficult)" in told
    assert main(["instruments", "madrs"]) == 0
    assert "the clinic’s licensed copy" in capsys.readouterr().out
    assert main(["instruments", "--fhir"]) == 2
