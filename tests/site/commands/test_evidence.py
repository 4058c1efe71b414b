"""`lowtide evidence`: the table of trials for whoever reads it, and a check for whoever adds to it."""

import json
from pathlib import Path

import pytest

from lowtide.data.evidence import shipped
from lowtide.site.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in shipped().items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def test_a_folder_of_good_rows_is_said_to_be_good(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "check", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    assert found["faults"] == []
    assert found["rows"]["studies"] == 42


def test_each_fault_is_listed_and_one_line_goes_to_standard_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "outcomes.csv"
    path.write_text(path.read_text().replace(",12,60.0,", ",22,60.0,", 1).replace("respon", "rispon", 1))
    assert main(["evidence", "check", "--json", str(folder)]) == 2
    said = capsys.readouterr()
    faults = json.loads(said.out)["faults"]
    assert [(f["file"], f["column"]) for f in faults] == [(str(path), "metric"), (str(path), "events")]
    assert all(f["row"] > 1 and f["what"] and f["mend"] for f in faults)
    assert said.err.count("\n") == 1
    assert "And 1 more." in said.err


def test_a_file_by_another_name_is_known_by_its_heading(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = folder / "my new trial.csv"
    (folder / "arms.csv").rename(mine)
    assert main(["evidence", "check", str(mine)]) == 0
    assert "93 arms" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("notes.csv", b"a,b\n1,2\n", "neither name nor heading is that of a table of trials"),
        ("studies.csv", b"\xff\xfe\x00", "not UTF-8 text"),
        ("studies.csv", b"", "it is empty"),
        ("arms.csv", b"study_id\nX\n", "the column is missing"),
    ],
)
def test_what_is_no_table_is_told_apart(
    tmp_path: Path, name: str, content: bytes, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert main(["evidence", "check", str(path)]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert str(path) in said.err


def test_two_files_of_one_table_are_a_fault(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = folder / "copy.csv"
    other.write_text((folder / "studies.csv").read_text())
    assert main(["evidence", "check", str(folder / "studies.csv"), str(other)]) == 2
    assert "is studies, too" in capsys.readouterr().err


def test_a_folder_without_tables_and_a_path_that_is_not_there_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evidence", "check", str(tmp_path)]) == 2
    assert "no table of trials is there" in capsys.readouterr().err
    assert main(["evidence", "check", str(tmp_path / "none.csv")]) == 2
    assert "no such file" in capsys.readouterr().err


def trial(folder: Path, name: str, *, events: int = 20) -> Path:
    """A folder with the rows of one trial."""
    folder.mkdir()
    source = "yes,https://example.org/a"
    (folder / "studies.csv").write_text(
        f"{shipped()['studies'].splitlines()[0]}\n{name},{name},{name}. J Test 2026,2026,,,,yes,TRD,,RCT parallel,double-blind,"
        f"100,100,,midazolam,,,{source}\n"
    )
    arms = (("KET", "ketamine_iv_repeated", events), ("MDZ", "midazolam", 10))
    (folder / "arms.csv").write_text(
        f"{shipped()['arms'].splitlines()[0]}\n"
        + "".join(f"{name},{arm},{arm},{node},{arm},IV,,,,,,,,50,,,,,,{source},\n" for arm, node, _ in arms)
    )
    (folder / "outcomes.csv").write_text(
        f"{shipped()['outcomes'].splitlines()[0]}\n"
        + "".join(f"{name},{arm},depression,MADRS,response,day 28,28,50,,,,,,{n},,reported,,,,,,,,{source},\n" for arm, _, n in arms)
    )  # fmt: skip
    return folder


ASKED = ("compare", "--indication", "trd", "--outcome", "response", "--at", "28d", "--versus", "midazolam")


def test_rows_of_several_folders_are_added_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(trial(tmp_path / name, name)) for name in ("TrialA", "TrialB")]
    assert main([*ASKED, "--json", "--add", *folders]) == 0
    found = json.loads(capsys.readouterr().out)["comparisons"]
    assert {tuple(one["studies"]) for one in found if not one["no_evidence"]} == {("TrialA", "TrialB")}


def test_a_fault_in_the_second_folder_is_told_with_its_own_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, wrong = trial(tmp_path / "TrialA", "TrialA"), trial(tmp_path / "TrialB", "TrialB", events=60)
    assert main([*ASKED, "--add", str(good), str(wrong)]) == 2
    said = capsys.readouterr().err
    assert f"{wrong / 'outcomes.csv'}, line 2, events: 60 events in 50 people" in said
    assert str(good) not in said


def test_a_comparator_that_is_not_known_is_answered_with_those_it_may_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*ASKED[:-1], "placebo"]) == 2
    assert "Did you mean placebo_spray or placebo_pill" in capsys.readouterr().err
    assert main([*ASKED[:-1], "midazolm"]) == 2
    assert "Did you mean midazolam?" in capsys.readouterr().err


def test_half_times_stand_in_the_answer_with_their_limits_and_how_sure_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["evidence", "--indication", "mdd", "--json"]) == 0
    found = {(h["study"], h["arm"]): h for h in json.loads(capsys.readouterr().out)["half_times"]}
    one = found["Ekstrand2022", "KET"]
    assert one["lower"] < one["half_days"] < one["upper"]
    assert (one["people"], one["people_at_most"], one["certainty"]) == (44, True, "very low")


def test_a_score_is_read_on_another_instrument_with_its_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "convert", "PHQ-9", "15", "MADRS", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    exact = [reading for table in found["tables"] for reading in table["exact"]]
    assert [(r["given"], r["reads"]) for r in exact] == [("15", "24")]
    assert exact[0]["error"] == "correlation of both 0.76 in 187 other patients"
    assert "not for one person" in found["for"]


def test_a_score_that_was_not_printed_has_its_neighbours_and_an_unknown_pair_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["evidence", "convert", "HAM-D", "22", "MADRS"]) == 0
    assert "HAM-D 22 is not printed; the nearest: 20 as 26 and 30 as 39" in capsys.readouterr().out
    assert main(["evidence", "convert", "GAD-7", "3", "PHQ-9"]) == 2
    assert "HAM-D and MADRS" in capsys.readouterr().err


def test_changes_name_the_arms_of_a_new_trial_and_the_review_that_it_stands_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = trial(tmp_path / "TrialA", "TrialA")
    for file in ("arms.csv", "outcomes.csv"):
        path = new / file
        text = path.read_text().replace("ketamine_iv_repeated", "ketamine_iv_single")
        path.write_text(text.replace("day 28,28", "day 1,1").replace(",50,", ",300,"))
    (new / "studies.csv").write_text((new / "studies.csv").read_text().replace("100,100", "600,600"))
    assert main(["evidence", "changes", "--add", str(new)]) == 0
    said = capsys.readouterr().out
    line = next(
        one
        for one in said.splitlines()
        if one.startswith("trd, response at 24h: ketamine_iv_single against midazolam (resistant; direct)")
    )
    assert "OR 2.48 (1.00 to 6.18), certainty very low (mixed; published) became OR" in line
    assert "new row, arms: TrialA KET" in said
