"""`lowtide trial` keeps to the words, shapes and exit codes that are promised, and to the laws of what is asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from lowtide.site.cli import main

KETAMINE = {
    "name": "ketamine",
    "drug": "ketamine",
    "route": "iv",
    "dose": "0.5 mg/kg",
    "over_min": 40,
    "schedule": "single",
    "sessions": 1,
    "treatment_days": 1,
}
DESIGN: dict[str, Any] = {
    "instrument": "MADRS",
    "n": 60,
    "baseline": {"mean": 33, "sd": 5},
    "times_days": [1, 7],
    "concomitant": None,
    "setting": "blinded",
    "remission_cut": None,
    "arms": [KETAMINE],
}
Capture = pytest.CaptureFixture[str]


def asked(tmp_path: Path, **more: Any) -> Path:
    path = tmp_path / "design.json"
    path.write_text(json.dumps({**DESIGN, **more}))
    return path


def answered(capsys: Capture, tmp_path: Path, **more: Any) -> dict[str, Any]:
    assert main(["trial", str(asked(tmp_path, **more)), "--json"]) == 0
    out = capsys.readouterr()
    assert out.err == ""
    return json.loads(out.out)


def times(capsys: Capture, tmp_path: Path, arm: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return answered(capsys, tmp_path, arms=[{**KETAMINE, **arm}], **more)["arms"][0]["times"]


def test_an_arm_has_change_response_and_remission_with_their_bands(capsys: Capture, tmp_path: Path) -> None:
    found = answered(capsys, tmp_path)
    assert [arm["name"] for arm in found["arms"]] == ["ketamine"]
    day = found["arms"][0]["times"][0]
    assert day["day"] == 1
    for name in ("change_mean", "change_sd", "response", "remission"):
        assert day[name]["p5"] < day[name]["median"] < day[name]["p95"]
    assert day["change_mean"]["median"] < 0
    assert "not a promise" in found["basis"]["estimate"]
    assert found["basis"]["calibration"]["figures"] > 40


def test_the_same_design_gives_the_same_answer(capsys: Capture, tmp_path: Path) -> None:
    assert answered(capsys, tmp_path) == answered(capsys, tmp_path)


def test_the_drug_beats_each_control_and_midazolam_beats_saline(capsys: Capture, tmp_path: Path) -> None:
    controls = [{"name": d, "drug": d, "schedule": "single"} for d in ("midazolam", "saline", "none")]
    arms = answered(capsys, tmp_path, arms=[KETAMINE, *controls])["arms"]
    change = [arm["times"][0]["change_mean"]["median"] for arm in arms]
    assert change == sorted(change)


def test_a_larger_dose_does_more(capsys: Capture, tmp_path: Path) -> None:
    doses = ["0.1 mg/kg", "0.5 mg/kg", "1.0 mg/kg"]
    found = [times(capsys, tmp_path, {"dose": dose})[0]["response"]["median"] for dose in doses]
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_a_larger_arm_is_surer_but_never_sure(capsys: Capture, tmp_path: Path) -> None:
    few, many = (answered(capsys, tmp_path, n=n)["arms"][0]["times"][0]["response"] for n in (10, 100_000))
    assert many["p95"] - many["p5"] < few["p95"] - few["p5"]
    assert many["p95"] - many["p5"] > 0.05


def test_a_single_session_fades_and_a_course_holds(capsys: Capture, tmp_path: Path) -> None:
    once = times(capsys, tmp_path, {}, times_days=[1, 14])
    course = times(capsys, tmp_path, {"schedule": "2/week", "sessions": 4}, times_days=[1, 14])
    assert once[0]["response"]["median"] > once[1]["response"]["median"]
    assert course[1]["response"]["median"] > once[1]["response"]["median"]


def test_a_new_antidepressant_and_an_open_setting_add(capsys: Capture, tmp_path: Path) -> None:
    plain, beside, openly = (
        answered(capsys, tmp_path, times_days=[28], **more)["arms"][0]["times"][0]["change_mean"]["median"]
        for more in ({}, {"concomitant": "new_antidepressant"}, {"setting": "open"})
    )
    assert beside < plain
    assert openly < plain


@pytest.mark.parametrize(
    ("schedule", "sessions", "days"),
    [
        ("2/week", 4, [0, 3, 7, 10]),
        ("twice weekly", 4, [0, 3, 7, 10]),
        ("3/week", 6, [0, 2, 4, 7, 9, 11]),
        ("weekly", 3, [0, 7, 14]),
        ("every 2 weeks", 2, [0, 14]),
        ([1, 4, 8], None, [0, 3, 7]),
        ("single", 1, [0]),
    ],
)
def test_schedules_are_days(
    capsys: Capture, tmp_path: Path, schedule: object, sessions: int | None, days: list[float]
) -> None:
    arm = {**KETAMINE, "schedule": schedule, "sessions": sessions, "treatment_days": None}
    assert answered(capsys, tmp_path, arms=[arm])["basis"]["sessions_days"] == {"ketamine": days}


@pytest.mark.parametrize("name", ["MADRS", "HRSD-17", "hdrs17", "QIDS-SR16", "phq 9", "NRS", "GAD-7"])
def test_instruments_go_by_any_of_their_names(capsys: Capture, tmp_path: Path, name: str) -> None:
    found = answered(capsys, tmp_path, instrument=name, baseline=None)
    assert found["arms"][0]["times"][0]["change_mean"]["median"] < 0
    assert any("baseline" in note for note in found["basis"]["assumed"])


@pytest.mark.parametrize("route", ["iv", "intranasal", "oral", "subcutaneous", "im", "sl"])
@pytest.mark.parametrize("drug", ["ketamine", "esketamine"])
def test_every_route_is_answered(capsys: Capture, tmp_path: Path, route: str, drug: str) -> None:
    assert (
        times(capsys, tmp_path, {"drug": drug, "route": route, "dose": "56 mg"})[0]["response"]["median"] >= 0
    )


def test_a_remission_cut_can_be_given(capsys: Capture, tmp_path: Path) -> None:
    own, wider = (answered(capsys, tmp_path, remission_cut=cut)["arms"][0]["times"][0] for cut in (None, 12))
    assert wider["remission"]["median"] > own["remission"]["median"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"instrument": "MADSR"}, "unknown instrument"),
        ({"instrument": "CADSS"}, "does not answer for CADSS"),
        ({"setting": "blind"}, "blinded, open, real_world"),
        ({"concomitant": "ect"}, "new_antidepressant"),
        ({"n": 0}, "people an arm"),
        ({"times_days": [-1]}, "times_days"),
        ({"arms": []}, "arms"),
        ({"baseline": {"mean": 90, "sd": 5}}, "baseline.mean"),
        ({"arms": [{**KETAMINE, "drug": "psilocybin"}]}, "arms[0].drug"),
        ({"arms": [{**KETAMINE, "dose": "0.5"}]}, "arms[0].dose"),
        ({"arms": [{**KETAMINE, "dose": None}]}, "arms[0].dose"),
        ({"arms": [{**KETAMINE, "route": "rectal"}]}, "arms[0].route"),
        ({"arms": [{**KETAMINE, "schedule": "now and then"}]}, "arms[0].schedule"),
        ({"arms": [{**KETAMINE, "sessions": 3}]}, "arms[0].schedule"),
        ({"arms": [{**KETAMINE, "extra": 1}]}, "extra"),
        ({"n": "many"}, "design.json.n"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    capsys: Capture, tmp_path: Path, more: dict[str, Any], said: str
) -> None:
    assert main(["trial", str(asked(tmp_path, **more)), "--json"]) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert out.err.count("\n") == 1
    assert said in out.err


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"arms": [KETAMINE, KETAMINE]}, "arms[1].name"),
        ({"remission_cut": -1}, "remission_cut"),
        ({"remission_cut": 60}, "remission_cut"),
    ],
)
def test_arms_of_one_name_and_a_cut_off_the_scale_are_one_clear_error(
    change: dict[str, Any], where: str, capsys: Capture, tmp_path: Path
) -> None:
    assert main(["trial", str(asked(tmp_path, **change)), "--json"]) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert [where in line for line in out.err.strip().splitlines()] == [True]
