"""`lowtide nma`: any published table of trials in, every comparison that it allows out."""

import json
from pathlib import Path

import pytest

from lowtide.site.cli import main

TABLE = """study,treatment,events,n
Alpha,Ketamine,12,20
Alpha,Saline,3,21
Beta,Ketamine,18,40
Beta,Midazolam,9,38
Gamma,Esketamine,30,60
Gamma,Placebo spray,22,61
Empty,Ketamine,0,10
Empty,Saline,0,10
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "trials.csv"
    path.write_text(TABLE)
    return path


def answered(capsys: pytest.CaptureFixture[str], *given: str) -> dict[str, object]:
    assert main(["nma", *given, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_islands_are_told_and_nothing_is_said_between_them(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answered(capsys, str(table), "--measure", "OR", "--reference", "saline")
    assert found["islands"] == [["Ketamine", "Midazolam", "Saline"], ["Esketamine", "Placebo spray"]]
    assert found["reference"] == "Saline"
    effects = {(e["treatment"], e["versus"]): e for e in found["effects"]}  # type: ignore[attr-defined]
    assert len(effects) == 3 * 2 + 2
    assert ("Esketamine", "Ketamine") not in effects
    assert effects["Ketamine", "Saline"]["ratio"] == pytest.approx(12 / 8 / (3 / 18))
    assert found["dropped"] == [{"study": "Empty", "reason": "no event in any arm"}]


def test_it_can_be_read_without_a_machine(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nma", str(table), "--measure", "OR", "--reference", "Saline"]) == 0
    said = capsys.readouterr().out
    assert "Ketamine: 9.00" in said
    assert "No trial connects these with them: Esketamine, Placebo spray" in said


@pytest.mark.parametrize(
    ("text", "more", "says"),
    [
        ("", (), "the columns are missing"),
        ("study,treatment,events,n\n", (), "there are no rows"),
        (TABLE, ("--reference", "ECT"), "no trial has “ECT”"),
        ("study,treatment,events,n\none,ketamine,3,20\n", (), "one treatment only"),
    ],
)
def test_what_cannot_be_analysed_is_told_in_one_line(
    text: str, more: tuple[str, ...], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trials.csv"
    path.write_text(text)
    assert main(["nma", str(path), "--measure", "OR", *more]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
