"""`lowtide update` keeps to the words, shapes and exit codes that are promised."""

import json
from pathlib import Path
from typing import Any

import pytest

from lowtide.site.cli import main

REGIMEN = ["--drug", "ketamine", "--route", "iv", "--dose", "0.5 mg/kg", "--over", "40min", "--weight", "70"]
RUN = ["update", *REGIMEN, "--members", "400", "--until", "4h", "--at", "40min,90min"]
LEVEL = {
    "at_h": 0.7,
    "kind": "plasma",
    "analyte": "ketamine",
    "value": 240,
    "unit": "ng/mL",
    "site": "venous",
}


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    return tmp_path / "seen.json"


def answered(capsys: pytest.CaptureFixture[str], seen: Path, rows: object, *more: str) -> dict[str, Any]:
    seen.write_text(json.dumps(rows))
    assert main([*RUN, "--observations", str(seen), *more, "--json"]) == 0
    out = capsys.readouterr()
    assert out.err == ""
    return json.loads(out.out)


def refused(capsys: pytest.CaptureFixture[str], seen: Path, text: str, *more: str) -> str:
    seen.write_text(text)
    assert main([*RUN, "--observations", str(seen), *more, "--json"]) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert out.err.count("\n") == 1
    return out.err


def test_before_and_after_have_the_shape_of_simulate(capsys: pytest.CaptureFixture[str], seen: Path) -> None:
    found = answered(capsys, seen, [LEVEL])
    assert main(["simulate", *RUN[1:], "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)
    assert found["prior"] == alone
    assert found["posterior"].keys() == alone.keys()
    assert found["posterior"]["analytes"].keys() == alone["analytes"].keys()
    assert [moment["min"] for moment in found["posterior"]["analytes"]["ketamine"]["at"]] == [40, 90]
    assert 0 < found["ess"] <= 400
    assert isinstance(found["tempered"], bool)
    assert found["warnings"] == []


def test_every_kind_is_taken(capsys: pytest.CaptureFixture[str], seen: Path) -> None:
    rows = [
        LEVEL,
        {
            "at_h": 0.7,
            "kind": "plasma",
            "analyte": "s_ketamine",
            "value": 0.4,
            "unit": "umol/L",
            "assay": "chiral",
        },
        {"at_h": 0.7, "kind": "cadss", "value": 12},
        {"at_h": 0.7, "kind": "high", "value": 6.5},
        {"at_h": -0.1, "kind": "sbp", "value": 122},
        {"at_h": 0.5, "kind": "sbp", "value": 141, "unit": "mmHg"},
        {"at_h": 0.5, "kind": "dbp", "value": 88},
        {"at_h": 24, "kind": "madrs", "value": 20},
        {"at_h": 24, "kind": "phq9", "value": 10},
    ]
    found = answered(capsys, seen, rows, "--baseline-dbp", "78")
    assert [w.partition(" ")[0] for w in found["warnings"]] == ["mood", "madrs", "phq9"]
    assert "response" not in found["posterior"]


def test_mood_scores_move_the_outlook_of_the_weeks_to_come(
    capsys: pytest.CaptureFixture[str], seen: Path
) -> None:
    rows = [{"at_h": 0, "kind": "madrs", "value": 34}, {"at_h": 24, "kind": "madrs", "value": 8}]
    found = answered(capsys, seen, rows)
    before, after = (
        {day["day"]: day for day in found[side]["response"]["madrs"]} for side in ("prior", "posterior")
    )
    assert after[1.0]["median"] < before[1.0]["median"]
    assert after[1.0]["p_response"] > before[1.0]["p_response"]
    assert found["ess"] > 200


def test_lines_for_a_person_show_before_and_after(capsys: pytest.CaptureFixture[str], seen: Path) -> None:
    seen.write_text(json.dumps([LEVEL | {"value": 0.2}]))
    assert main([*RUN, "--observations", str(seen)]) == 0
    out = capsys.readouterr().out
    assert "peak before" in out
    assert "warning: seen.json[0]: venous ketamine 0.2 ng/mL at 0.7 h is implausible" in out


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[]", "seen.json"),
        ("{", "seen.json"),
        ('[{"at_h": 1, "kind": "cadss"}]', "seen.json[0].value"),
        (
            '[{"at_h": 1, "kind": "cadss", "value": 3}, {"at_h": "late", "kind": "high", "value": 1}]',
            "seen.json[1].at_h",
        ),
        ('[{"at_h": 1, "kind": "cadss", "value": 300}]', "seen.json[0].value"),
        ('[{"at_h": 1, "kind": "joy", "value": 3}]', "seen.json[0].kind"),
        ('[{"at_h": 1, "kind": "cadss", "value": 3, "mood": 2}]', "seen.json[0].mood"),
        (
            '[{"at_h": 1, "kind": "plasma", "analyte": "ketamine", "value": 3, "unit": "stone"}]',
            "seen.json[0].unit",
        ),
        ('[{"at_h": 1, "kind": "sbp", "value": 140}]', "--baseline-sbp"),
    ],
)
def test_a_bad_row_is_named(capsys: pytest.CaptureFixture[str], seen: Path, text: str, names: str) -> None:
    assert names in refused(capsys, seen, text)


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([*RUN, "--observations", str(tmp_path / "none.json")]) == 2
    assert "none.json" in capsys.readouterr().err


def test_an_absurd_pressure_at_rest_is_refused(capsys: pytest.CaptureFixture[str], seen: Path) -> None:
    assert "--baseline-sbp" in refused(capsys, seen, json.dumps([LEVEL]), "--baseline-sbp", "12")


def test_more_members_than_can_be_held_are_refused(capsys: pytest.CaptureFixture[str], seen: Path) -> None:
    assert "--members" in refused(capsys, seen, json.dumps([LEVEL]), "--members", "200000")
