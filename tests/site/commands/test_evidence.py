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
    assert found["rows"]["studies"] == 41


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
    assert "91 arms" in capsys.readouterr().out


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
