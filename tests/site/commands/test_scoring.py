"""`lowtide score` and `lowtide instruments` keep to the words, shapes and exit codes that are promised."""

import json
from pathlib import Path
from typing import Any

import pytest

from lowtide.site.cli import main


def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, answers: Any, code: int = 0
) -> tuple[Any, str]:
    file = tmp_path / "answers.json"
    file.write_text(answers if isinstance(answers, str) else json.dumps(answers))
    assert main(["score", name, str(file), "--json"]) == code
    out = capsys.readouterr()
    return json.loads(out.out) if code == 0 else out.out, out.err


def test_a_score_has_the_promised_shape(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answers = {str(n): value for n, value in enumerate([2, 2, 2, 2, 1, 1, 2, 0, 0], start=1)}
    score, _ = run(capsys, tmp_path, "phq-9", answers)
    score.pop("version")
    assert score == {
        "instrument": "PHQ9",
        "total": 12,
        "subscales": {},
        "band": "moderate",
        "flags": [],
        "prorated": False,
        "missing": [],
        "unverified": [],
    }


def test_a_mean_is_a_number(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    score, _ = run(capsys, tmp_path, "PEG", {"1": 5, "2": 6, "3": 8})
    assert score["total"] == pytest.approx(19 / 3)


def test_a_missing_answer_leaves_the_total_unknown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    score, _ = run(capsys, tmp_path, "GAD7", {str(n): 1 for n in range(1, 7)})
    assert (score["total"], score["band"], score["missing"]) == (None, None, ["7"])


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("KSET", {"1": 1}),
        ("PHQ9", {"1": 4}),
        ("PHQ9", {"12": 1}),
        ("PHQ9", {}),
        ("PHQ9", [1, 2, 3]),
        ("PHQ9", "not json"),
        ("PHQ-10", {"1": 1}),
    ],
)
def test_what_cannot_be_scored_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, answers: Any
) -> None:
    out, err = run(capsys, tmp_path, name, answers, code=2)
    assert (out, err.count("\n")) == ("", 1)


@pytest.mark.hazard("H026")
def test_a_refused_form_still_says_that_item_nine_was_answered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, err = run(capsys, tmp_path, "PHQ9", {"1": 99, "9": 2}, code=2)
    assert "Assess suicide risk now" in err


def test_for_a_person_a_score_is_a_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({str(n): 1 for n in range(1, 10)}))
    assert main(["score", "PHQ9", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "PHQ-9: 9 (mild)"
    assert lines[1].startswith("URGENT: Item 9")


def test_instruments_lists_all_with_their_licence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instruments", "--json"]) == 0
    listed = {one["id"]: one for one in json.loads(capsys.readouterr().out)}
    assert len(listed) == 33
    assert listed["PHQ9"]["text_included"] is True
    assert (listed["MADRS"]["text_included"], listed["MADRS"]["licence_class"]) == (
        False,
        "permission_required",
    )
    assert listed["KSET"]["scored"] is False
