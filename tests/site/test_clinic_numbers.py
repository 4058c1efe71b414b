"""Commands judge by the published tables, or by the clinic in the home where they are asked to."""

import json
from pathlib import Path
from typing import Any

import pytest

from lowtide.record import store
from lowtide.record.entries.clinic import NumberChanged, PolicyAdopted
from lowtide.site.cli import main
from lowtide.site.commands.rules import tables
from tests.conftest import CLINIC, said
from tests.spec.examples import VIGNETTES

PUMP = ["pump", "--drug", "ketamine", "--dose", "0.5 mg/kg", "--weight", "70", "--vial", "50mg/mL"]


def own(number: str, value: str, was: str) -> None:
    words = {"told": "", "printed_name": "Dr Ada Voss", "meaning": ""}
    store.append([said(NumberChanged(number=number, value=value, was=was, **words), CLINIC)])


def answer(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def intake(tmp_path: Path) -> str:
    path = tmp_path / "intake.json"
    path.write_text(json.dumps(VIGNETTES["V04"]))
    return str(path)


def test_a_file_is_judged_by_the_default_in_every_home(clinic: Any, intake: str, capsys: Any) -> None:
    store.append([said(PolicyAdopted(policy="strict", version="1"), CLINIC, reason="board")])
    assert answer(capsys, "evaluate", intake, "--on", "2026-11-22")["policy"]["name"] == "default"


def test_a_file_is_judged_by_the_clinic_where_it_is_asked_for(clinic: Any, intake: str, capsys: Any) -> None:
    store.append([said(PolicyAdopted(policy="strict", version="1"), CLINIC, reason="board")])
    own("weight_max_age_days", "14", "30")
    policy = answer(capsys, "evaluate", intake, "--policy", "clinic", "--on", "2026-11-22")["policy"]
    assert policy["name"] == "strict"
    assert "own numbers" in policy["version"]


def test_a_pump_sheet_rounds_by_the_clinics_own_step(clinic: Any, capsys: Any) -> None:
    own("dosing:pump_step_ml_per_h", "1", "0.1")
    asked = [*PUMP, "--over", "41min", "--final-volume", "50mL"]
    assert (
        answer(capsys, *asked)["rate_ml_per_h"]
        != answer(capsys, *asked, "--policy", "clinic")["rate_ml_per_h"]
    )


def test_what_a_clinic_answers_for_is_not_marked_on_its_pump_sheet(clinic: Any, capsys: Any) -> None:
    own("dosing:pump_step_ml_per_h", "0.2", "0.1")
    asked = [*PUMP, "--over", "40min", "--final-volume", "50mL"]
    assert "pump_step_ml_per_h" in answer(capsys, *asked)["unverified"]
    assert "pump_step_ml_per_h" not in answer(capsys, *asked, "--policy", "clinic")["unverified"]


def test_rules_tell_every_row_with_version_value_and_who_set_it(clinic: Any) -> None:
    own("workup:ecg", "180", "365")
    document = tables(store.load(CLINIC))
    rows = document["others"]
    assert {"workup", "ledger", "tolerability", "consent", "booking"} <= {row["kind"] for row in rows}
    assert all({"source", "version", "verified", "approved", "values"} <= row.keys() for row in rows)
    (ecg,) = (row for row in rows if row["id"] == "workup-ecg")
    assert (ecg["approved_by"], list(ecg["values"].values())) == ("Dr Ada Voss", ["180"])


@pytest.mark.django_db
def test_a_home_without_a_clinic_says_so(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr("lowtide.site.numbers.is_made", lambda: False)
    assert main([*PUMP, "--over", "40min", "--final-volume", "50mL", "--policy", "clinic", "--json"]) == 2
    assert "no clinic" in capsys.readouterr().err
