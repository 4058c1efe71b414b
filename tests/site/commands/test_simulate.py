"""`lowtide simulate` as its users type it: shapes, marks at the edge of what was observed, refusals in one line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowtide.science.pharmacology.simulate import minutes_above
from lowtide.site.cli import main

IV = ["--drug", "ketamine", "--route", "iv", "--dose", "35 mg", "--over", "40min", "--weight", "70"]
NASAL = ["--drug", "esketamine", "--route", "in", "--dose", "84 mg", "--weight", "70"]
FEW = ["--members", "200", "--until", "8h", "--at", "20min,40min"]
Out = pytest.CaptureFixture[str]


def answered(capsys: Out, *args: str) -> dict[str, Any]:
    assert main(["simulate", *args, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def refused(capsys: Out, *args: str) -> str:
    assert main(["simulate", *args]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def notes(found: dict[str, Any]) -> str:
    return " | ".join(found["validity"])


def test_every_figure_has_its_band_and_the_typical_person_one_number(capsys: Out) -> None:
    found = answered(capsys, *IV, *FEW)
    level = found["analytes"]["s_ketamine"]
    assert set(level) == {"cmax_ng_ml", "tmax_min", "auc_ng_h_ml", "auc_inf_ng_h_ml", "at"}
    assert set(level["cmax_ng_ml"]) == {"median", "mean", "sd", "p5", "p25", "p75", "p95"}
    assert [moment["min"] for moment in level["at"]] == [20.0, 40.0]
    assert isinstance(found["typical"]["analytes"]["ketamine"]["cmax_ng_ml"], float)
    assert {
        "cadss",
        "high",
        "sbp_rise_mmhg",
        "dbp_rise_mmhg",
        "nmda_occupancy",
        "sedation",
        "pain_relief_cm",
    } <= set(found["effects"])
    assert found["models"]["cadss"] == ["kamp_2020", "simons_2022"]


def test_esketamine_has_no_r_and_racemic_ketamine_is_the_sum(capsys: Out) -> None:
    assert not [name for name in answered(capsys, *NASAL, *FEW)["analytes"] if name.startswith("r_")]
    both = answered(capsys, *IV, *FEW)["typical"]["analytes"]
    total, parts = both["ketamine"]["at"][0]["ng_ml"], (both[f"{e}_ketamine"]["at"][0]["ng_ml"] for e in "sr")
    assert total == pytest.approx(sum(parts), rel=1e-6)


def test_devices_in_rows_of_their_own_are_devices_of_one_session(capsys: Out, tmp_path: Path) -> None:
    rows = [{"at_h": 5 + i / 12, "drug": "esketamine", "route": "in", "devices": 1} for i in range(3)]
    file = tmp_path / "doses.json"
    file.write_text(json.dumps(rows))
    asked = [*FEW, "--model", "perez_ruixo_2021"]
    apart = answered(capsys, "--doses", str(file), "--weight", "70", *asked)["typical"]["analytes"][
        "ketamine"
    ]
    whole = answered(capsys, *NASAL, *asked)["typical"]["analytes"]["ketamine"]
    assert whole["cmax_ng_ml"] == pytest.approx(101.0, rel=0.015)  # doi:10.1007/s40262-020-00953-4 Table 4
    assert apart["auc_ng_h_ml"] == pytest.approx(whole["auc_ng_h_ml"], rel=1e-3)
    assert apart["tmax_min"] == pytest.approx(whole["tmax_min"], abs=1.0)


@pytest.mark.parametrize(("more", "said"), [(["--age", "12"], "12 years"), (["--weight", "31"], "31 kg")])
def test_a_person_unlike_those_observed_is_marked(capsys: Out, more: list[str], said: str) -> None:
    found = answered(capsys, *NASAL, *FEW, *more)
    assert f"{said} lies outside the observed" in notes(found)
    assert found["confidence"] == "low"


def test_a_dose_beyond_the_observed_effects_is_marked(capsys: Out) -> None:
    found = answered(capsys, *IV, *FEW, "--dose", "4.9 mg/kg")
    assert "highest at which effects were observed" in notes(found)


def test_a_medicine_counts_once_and_is_named_with_its_source(capsys: Out) -> None:
    oral = ["--drug", "ketamine", "--route", "po", "--dose", "35 mg", "--weight", "70", *FEW]
    once = answered(capsys, *oral, "--with", "ticlopidine")
    twice = answered(capsys, *oral, "--with", "ticlopidine,Ticlid")
    assert once["analytes"] == twice["analytes"]
    assert "doi:10.1038/clpt.2011.140" in notes(once)
    assert "never measured" in notes(answered(capsys, *oral, "--with", "ticlopidine,grapefruit"))


def test_an_infusion_over_days_is_followed_to_its_end(capsys: Out, tmp_path: Path) -> None:
    file = tmp_path / "doses.json"
    file.write_text('[{"at_h": 0, "drug": "ketamine", "route": "iv", "dose": "22 mg/h", "over_min": 6000}]')
    found = answered(capsys, "--doses", str(file), "--weight", "70", "--members", "200", "--at", "100h")
    level = found["typical"]["analytes"]["ketamine"]
    assert level["tmax_min"] == pytest.approx(6000, abs=1)
    assert level["auc_ng_h_ml"] > 0.98 * level["auc_inf_ng_h_ml"]


def test_a_model_with_one_site_speaks_for_that_one(capsys: Out) -> None:
    found = answered(capsys, *IV, *FEW, "--model", "kamp_2020")
    assert found["site"] == "arterial"
    assert found["analytes"]["ketamine"]
    assert "otto_2021 has no arterial levels" in refused(
        capsys, *IV, "--model", "otto_2021", "--site", "arterial"
    )


def test_doses_are_given_once(capsys: Out, tmp_path: Path) -> None:
    file = tmp_path / "doses.json"
    file.write_text("[]")
    assert "holds no dose" in refused(capsys, "--doses", str(file), "--weight", "70")
    assert "not both" in refused(capsys, *IV, "--doses", str(file))


def test_no_drawn_person_clears_r_ketamine_faster_than_blood_brings_it(capsys: Out) -> None:
    odd = ["--age", "85", "--model", "perez_ruixo_2021", "--seed", "359", "--members", "500", "--until", "6h"]
    level = answered(capsys, *IV, *odd, "--at", "40min")["analytes"]["r_ketamine"]
    assert 0 < level["cmax_ng_ml"]["mean"] < 500
    assert level["auc_inf_ng_h_ml"]["sd"] > 0


def test_the_time_above_a_limit_is_told_with_its_band(capsys: Out) -> None:
    limits = ["--above", "ketamine>100", "--above", "cadss>4", "--above", "ketamine>1"]
    found = answered(capsys, *IV, "--members", "400", "--until", "6h", "--at", "40min", *limits)
    high, mind, low = found["above"]
    assert 0 < high["minutes"]["median"] < low["minutes"]["median"] <= 360
    assert low["share"] == 1.0
    assert 0.2 < mind["share"] < 0.9
    assert "unknown quantity" in refused(capsys, *IV, "--above", "mood>3")
    assert "no limit" in refused(capsys, *IV, "--above", "ketamine")


def test_time_above_a_limit_is_exact_for_a_straight_course() -> None:
    values, times = np.array([[0.0, 2.0, 0.0], [3.0, 3.0, 3.0], [0.0, 0.5, 1.0]]), np.array([0.0, 1.0, 2.0])
    assert minutes_above(values, times, 1.0) == pytest.approx([60.0, 120.0, 0.0])


def test_more_people_by_histogram_say_the_same_of_the_time(capsys: Out) -> None:
    asked = [*IV, "--until", "4h", "--at", "40min", "--above", "ketamine>100"]
    few, many = (answered(capsys, *asked, "--members", n)["above"][0] for n in ("5000", "21000"))
    assert many["minutes"]["median"] == pytest.approx(few["minutes"]["median"], rel=0.05)
    assert many["share"] == pytest.approx(few["share"], abs=0.03)
