"""`lowtide pump` and `lowtide plan` keep to the words, shapes and exit codes that are promised."""

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lowtide.site.cli import main
from tests.spec.examples import VIGNETTES, put

PUMP = [
    "pump",
    "--drug",
    "ketamine",
    "--dose",
    "0.5 mg/kg",
    "--weight",
    "73",
    "--over",
    "40min",
    "--vial",
    "50mg/mL",
]
BAG = ["--final-volume", "50mL"]


def answered(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    assert main([*args, "--json"]) == 0
    out = capsys.readouterr()
    assert out.err == ""
    return json.loads(out.out)


def refused(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert main([*args, "--json"]) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert out.err.count("\n") == 1
    return out.err


def with_flag(flag: str, value: str) -> list[str]:
    given = [*PUMP, *BAG]
    given[given.index(flag) + 1] = value
    return given


@pytest.fixture
def intake(tmp_path: Path) -> Path:
    """A woman of 44 years and 80 kg who may be treated by P05."""
    file = tmp_path / "intake.json"
    file.write_text(json.dumps(with_values("V01", {"demographics.weight_kg": 80.0})))
    return file


def with_values(case: str, values: dict[str, Any]) -> dict[str, Any]:
    form = copy.deepcopy(VIGNETTES[case])
    for path, value in values.items():
        put(form, path, value)
    return form


def test_a_pump_sheet_gives_doses_as_text_and_rates_as_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    sheet = answered(capsys, *PUMP, *BAG, "--drop-factor", "20")
    assert {
        key: sheet[key] for key in list(sheet) if key not in ("steps", "policy", "check", "unverified")
    } == {
        "drug": "ketamine",
        "route": "iv",
        "weight_kg": 73.0,
        "dose_mg": "36.5",
        "dose_mg_exact": "36.5",
        "dose_mg_per_kg": "0.5",
        "vial_volume_ml": "0.73",
        "diluent_ml": "49.27",
        "final_concentration_mg_per_ml": 0.73,
        "final_volume_ml": "50",
        "over_min": 40.0,
        "rate_ml_per_h": 75.0,
        "rate_mg_per_h": 54.75,
        "drops_per_min": 25.0,
        "reviews": [],
    }
    assert sheet["check"]["agrees"] is True
    assert "dose_step_mg" in sheet["unverified"]
    assert len(sheet["steps"]) == 8


def test_without_a_gravity_set_there_are_no_drops(capsys: pytest.CaptureFixture[str], intake: Path) -> None:
    assert "drops_per_min" not in answered(capsys, *PUMP, *BAG)
    given = ("plan", str(intake), "--vial", "50mg/mL", *BAG)
    assert "drops_per_min" not in answered(capsys, *given)["sessions"][0]
    assert answered(capsys, *given, "--drop-factor", "20")["sessions"][0]["drops_per_min"] == 25.0


def test_the_steps_of_a_dose_per_hour_can_be_done_again_exactly(capsys: pytest.CaptureFixture[str]) -> None:
    sheet = answered(capsys, *with_flag("--dose", "0.35 mg/kg/h"), "--drop-factor", "20")
    assert sheet["steps"][0] == "Dose: 0.35 mg/kg/h × 73 kg × 40 min ÷ 60 min/h = 17.0333 mg of free base"


def test_for_a_person_the_sheet_is_lines_of_arithmetic(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PUMP, *BAG]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Dose: 0.5 mg/kg × 73 kg = 36.5 mg of free base"
    assert "agrees with the order" in lines[-1]


@pytest.mark.hazard("H005")
def test_pounds_make_the_same_sheet_as_kilograms(capsys: pytest.CaptureFixture[str]) -> None:
    """154 lb are 69.85322498 kg; a weight typed in kilograms ends at its sixth decimal, so the exact doses differ there."""
    pounds, kilograms = (
        answered(capsys, *with_flag("--weight", typed)) for typed in ("154 lb", "69.853225 kg")
    )
    for sheet in (pounds, kilograms):
        assert Decimal(sheet.pop("dose_mg_exact")).quantize(Decimal("0.00001")) == Decimal("34.92661")
    assert pounds == kilograms


@pytest.mark.hazard("H011")
def test_a_heavy_person_gets_a_reminder_of_the_second_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(capsys, *with_flag("--weight", "150"))["reviews"] == [
        "A second person checks: weight 150 kg is over 120 kg."
    ]


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        pytest.param("--dose", "0.5", marks=pytest.mark.hazard("H003")),
        pytest.param("--dose", "35 mg/kg", marks=pytest.mark.hazard("H003")),
        pytest.param("--weight", "20", marks=pytest.mark.hazard("H005")),
        pytest.param("--weight", "251", marks=pytest.mark.hazard("H005")),
        pytest.param("--over", "4min", marks=pytest.mark.hazard("H013")),
        pytest.param("--over", "40", marks=pytest.mark.hazard("H013")),
        ("--vial", "50"),
        ("--final-volume", "50"),
        ("--final-volume", "0.5mL"),
        ("--drug", "midazolam"),
        ("--drug", "aspirin"),
    ],
)
def test_a_slip_is_refused_in_one_line_that_says_where(
    capsys: pytest.CaptureFixture[str], flag: str, value: str
) -> None:
    line = refused(capsys, *with_flag(flag, value))
    assert flag.strip("-") in line


@pytest.mark.hazard("H012")
@pytest.mark.parametrize("vial", ["50mg/mL", "100mg/mL"])
def test_an_infusion_without_a_final_volume_is_refused(capsys: pytest.CaptureFixture[str], vial: str) -> None:
    without_bag = with_flag("--vial", vial)[: -len(BAG)]
    assert "--final-volume" in refused(capsys, *without_bag)


def test_an_injection_has_no_infusion_keys(capsys: pytest.CaptureFixture[str]) -> None:
    sheet = answered(capsys, *PUMP, "--route", "intramuscular")
    assert sheet["vial_volume_ml"] == "0.73"
    assert "rate_ml_per_h" not in sheet


def test_a_plan_lists_sessions_checks_and_what_falls_due(
    capsys: pytest.CaptureFixture[str], intake: Path
) -> None:
    made = answered(
        capsys, "plan", str(intake), "--protocol", "P05", "--start", "2026-12-01", "--vial", "50mg/mL", *BAG
    )
    first = made["sessions"][0]
    assert (first["number"], first["at"]) == (1, "2026-12-01T10:00:00+00:00")
    assert (first["dose_mg"], first["dose_mg_per_kg"], first["volume_ml"]) == ("40", "0.5", "0.8")
    assert (first["rate_ml_per_h"], first["rate_mg_per_h"]) == (75.0, 60.0)
    assert len(made["sessions"]) == 6
    assert not [check for check in made["checks"] if check["blocking"]]
    assert {"id", "blocking", "text"} == set(made["checks"][0])
    assert made["due"]
    assert "forecast" not in {check["id"] for check in made["checks"]}


def test_a_plan_forecasts_its_first_and_last_session_and_what_is_left_between(
    capsys: pytest.CaptureFixture[str], intake: Path
) -> None:
    made = answered(capsys, "plan", str(intake))["forecast"]
    assert [session["number"] for session in made["sessions"]] == [1, 6]
    course = made["sessions"][0]["course"]
    assert len(course["effects"]["cadss"]["at"]) == len(course["minutes"])
    assert (
        course["effects"]["sbp_rise_mmhg"]["peak"]["p5"] < course["effects"]["sbp_rise_mmhg"]["peak"]["p95"]
    )
    assert (made["dose_mg"], made["members"], made["carry_over"]["after_h"]) == (40.0, 500, 72.0)
    assert made["carry_over"]["analytes"]["ketamine"]["level"]["median"] < 0.001
    assert made["estimate"] == "population estimate, not a measurement"


@pytest.mark.parametrize(
    ("protocol", "weight", "why"), [("P05", None, "weight"), ("P16", 80.0, "leaves the route open")]
)
def test_a_plan_without_a_forecast_says_why(
    capsys: pytest.CaptureFixture[str], intake: Path, protocol: str, weight: float | None, why: str
) -> None:
    document = json.loads(intake.read_text())
    document["demographics"]["weight_kg"] = weight
    intake.write_text(json.dumps(document))
    made = answered(capsys, "plan", str(intake), "--protocol", protocol)
    assert made["forecast"] is None
    assert why in next(check["text"] for check in made["checks"] if check["id"] == "forecast")


def test_the_intakes_own_protocol_stands_without_the_flag(
    capsys: pytest.CaptureFixture[str], intake: Path
) -> None:
    assert answered(capsys, "plan", str(intake))["protocol"]["id"] == "P05"


def test_volumes_are_unknown_without_a_vial(capsys: pytest.CaptureFixture[str], intake: Path) -> None:
    first = answered(capsys, "plan", str(intake))["sessions"][0]
    assert (first["dose_mg"], first["volume_ml"], first["rate_ml_per_h"]) == ("40", None, None)


def test_a_nasal_plan_counts_devices(capsys: pytest.CaptureFixture[str], intake: Path) -> None:
    first = answered(capsys, "plan", str(intake), "--protocol", "p03")["sessions"][0]
    assert (first["dose_mg"], first["devices"]) == ("84", 3)
    assert "volume_ml" not in first


@pytest.mark.hazard("H006")
def test_an_old_weight_is_answered_with_a_blocking_check_and_todays_weight_lifts_it(
    capsys: pytest.CaptureFixture[str], intake: Path
) -> None:
    document = json.loads(intake.read_text())
    document["demographics"]["weight_age_days"] = 45
    intake.write_text(json.dumps(document))
    blocked = [c for c in answered(capsys, "plan", str(intake))["checks"] if c["blocking"]]
    assert [c["id"] for c in blocked] == ["candidacy", "weight_age"]
    assert "C057" in blocked[0]["text"]
    assert "45 days old" in blocked[1]["text"]
    weighed = answered(capsys, "plan", str(intake), "--weight", "154 lb")
    assert not [c for c in weighed["checks"] if c["blocking"]]
    assert Decimal(weighed["sessions"][0]["dose_mg_exact"]) == Decimal("34.92661249")


def test_sessions_are_drawn_in_the_clinics_zone(capsys: pytest.CaptureFixture[str], intake: Path) -> None:
    made = answered(capsys, "plan", str(intake), "--start", "2026-12-01", "--zone", "America/New_York")
    assert made["sessions"][0]["at"] == "2026-12-01T10:00:00-05:00"
    assert {due["due_at"] for due in made["due"]} == {session["at"] for session in made["sessions"]}


def test_an_injection_has_a_volume_and_no_rate(capsys: pytest.CaptureFixture[str], intake: Path) -> None:
    first = answered(capsys, "plan", str(intake), "--protocol", "P10")["sessions"][0]
    assert first["volume_ml"] is None
    assert not {"rate_ml_per_h", "rate_mg_per_h", "over_min"} & first.keys()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--protocol", "P28"], "no dose, no schedule"),
        (["--protocol", "P99"], "unknown protocol"),
        (["--policy", "lax"], "unknown policy"),
        (["--start", "1/12/2026"], "2026-12-01"),
        (["--zone", "Mars"], "time zone"),
        (["--weight", "400"], "30 to 250"),
    ],
)
def test_a_plan_that_cannot_be_made_says_why_in_one_line(
    capsys: pytest.CaptureFixture[str], intake: Path, args: list[str], said: str
) -> None:
    assert said in refused(capsys, "plan", str(intake), *args)


def test_a_file_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "nobody.json" in refused(capsys, "plan", str(tmp_path / "nobody.json"), "--protocol", "P05")


WRONG = {
    "demographics.age_years": -3,
    "demographics.sex_at_birth": "zebra",
    "vitals.sbp": "high",
    "vitals.dbp": -10,
    "diagnoses": [1],
    "medications": "none",
    "scales.phq9": 99,
    "substance.sud_active": "weird",
    "allergies": {},
    "labs.hcg": "negative",
    "diagnosis": [],
    "demographics.age": 44,
}


@pytest.mark.parametrize("path", WRONG)
def test_plan_refuses_what_evaluate_refuses_in_the_same_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, path: str
) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(with_values("V01", {path: WRONG[path]})))
    said = refused(capsys, "plan", str(file))
    assert path in said
    assert refused(capsys, "evaluate", str(file)) == said


@pytest.mark.parametrize("case", VIGNETTES.values(), ids=lambda case: f"{case['id']} {case['title']}")
def test_a_plan_says_what_candidacy_says(
    case: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(case))
    checks = {c["id"]: c for c in answered(capsys, "plan", str(file))["checks"]}
    expected = case["expected"]
    assert ("candidacy" in checks) is (expected["decision"] != "eligible")
    assert ("urgent_escalation" in checks) is expected["urgent_escalation"]
    if found := checks.get("candidacy"):
        assert found["blocking"] is (expected["decision"] in ("not_eligible", "defer"))
        deciding = [
            r["rule_id"] for r in expected["triggered_rules"] if r["rule_decision"] == expected["decision"]
        ]
        assert deciding
        assert all(rule_id in found["text"] for rule_id in deciding)


@pytest.mark.hazard("H028")
def test_what_is_not_known_blocks_a_plan_by_the_rules_that_need_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps({"demographics": {"weight_kg": 80, "weight_age_days": 0}}))
    made = answered(capsys, "plan", str(file), "--protocol", "P05")
    (found,) = [c for c in made["checks"] if c["id"] == "candidacy"]
    assert found["blocking"]
    assert "not known what C0" in found["text"]


def test_a_plan_asks_candidacy_by_the_policy_that_is_given(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(VIGNETTES["V03"]))
    made = answered(capsys, "plan", str(file), "--policy", "strict")
    assert any("under the strict policy" in c["text"] for c in made["checks"] if c["id"] == "candidacy")


def test_a_bundle_is_judged_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1980-05-17", "gender": "female"}
    file = tmp_path / "bundle.json"
    entries = [{"fullUrl": "urn:uuid:5b1f0f7e-5f0a-4c3e-9a51-0c1d2e3f4a5b", "resource": patient}]
    file.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    made = answered(capsys, "plan", str(file), "--protocol", "P05", "--weight", "70")
    assert [c["blocking"] for c in made["checks"] if c["id"] == "candidacy"] == [True]
