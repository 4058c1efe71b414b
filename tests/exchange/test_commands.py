"""`lowtide import` and `lowtide show` as a person at a terminal meets them."""

import json
from pathlib import Path

import pytest

from lowtide.record import store
from lowtide.record.models import Access
from lowtide.site.cli import main
from tests.exchange.making import bundle, condition, patient, text

pytestmark = pytest.mark.django_db
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def good(tmp_path: Path) -> str:
    path = tmp_path / "ada.json"
    path.write_bytes(text(bundle(patient(), condition())))
    return str(path)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    path = tmp_path / "bad.ndjson"
    path.write_bytes(text(patient("7")) + b"\n" + text(patient("8", gender="x")))
    return str(path)


def answer(captured: Captured) -> dict:
    return json.loads(captured.readouterr().out)


def test_an_import_answers_one_json_document(good: str, capsys: Captured) -> None:
    assert main(["import", good, "--json"]) == 0
    found = answer(capsys)
    assert set(found) == {"imported", "unchanged", "updated", "kept_only", "patients", "refused"}
    assert (found["imported"], found["refused"]) == (2, [])
    assert set(found["patients"][0]) == {"id", "name", "new"}


def test_a_refusal_is_exit_code_one_and_the_rest_comes_in(good: str, bad: str, capsys: Captured) -> None:
    assert main(["import", bad, good, "--json"]) == 1
    found = answer(capsys)
    assert [(r["file"], r["path"]) for r in found["refused"]] == [(bad, "line 2: Patient.gender")]
    assert found["imported"] == 2


def test_a_path_that_cannot_be_read_is_refused_and_the_rest_comes_in(
    good: str, tmp_path: Path, capsys: Captured
) -> None:
    missing = str(tmp_path / "missing.json")
    assert main(["import", missing, good, str(tmp_path), "--json"]) == 1
    found = answer(capsys)
    assert [(r["file"], r["path"]) for r in found["refused"]] == [(missing, "file"), (str(tmp_path), "file")]
    assert found["refused"][0]["reason"] == "there is no such file. Check the path."
    assert found["imported"] == 2


def test_when_no_path_can_be_read_nothing_was_asked_for(tmp_path: Path, capsys: Captured) -> None:
    assert main(["import", str(tmp_path / "missing.json"), str(tmp_path), "--json"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "missing.json: there is no such file" in err


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"resourceType": ' * 50_000])
def test_what_is_nested_too_deeply_is_refused(
    content: bytes, good: str, tmp_path: Path, capsys: Captured
) -> None:
    deep = tmp_path / "deep.json"
    deep.write_bytes(content)
    assert main(["import", str(deep), good, "--json"]) == 1
    assert [r["file"] for r in answer(capsys)["refused"]] == [str(deep)]


def test_a_dry_run_writes_nothing(good: str, capsys: Captured) -> None:
    assert main(["import", good, "--dry-run"]) == 0
    assert "2 would be imported" in capsys.readouterr().out
    assert store.streams("chart:") == []


def test_without_json_the_answer_is_words(good: str, capsys: Captured) -> None:
    main(["import", good])
    printed = capsys.readouterr().out
    assert printed.startswith("2 imported, 0 updated, 0 unchanged, 0 kept and listed only.")
    assert "Ada Testperson, born 1980-05-17: new chart" in printed


@pytest.mark.parametrize("name", ["nobody.json", "."])
def test_a_file_that_cannot_be_read_is_wrong_use(name: str, tmp_path: Path, capsys: Captured) -> None:
    assert main(["import", str(tmp_path / name)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("given", ["LT-0001", "lt-0001", "MRN-1", "Testperson", "ada testperson"])
def test_a_chart_is_shown_by_number_or_name(given: str, good: str, capsys: Captured) -> None:
    main(["import", good, "--json"])
    capsys.readouterr()
    assert main(["show", given]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Ada Testperson, born 1980-05-17, female")
    assert "Depression" in printed


def test_a_chart_is_shown_as_json(good: str, capsys: Captured) -> None:
    main(["import", good, "--json"])
    chart_id = answer(capsys)["patients"][0]["id"]
    assert main(["show", chart_id, "--json"]) == 0
    shown = answer(capsys)
    assert shown["patient"]["id"] == chart_id
    assert {e["kind"] for e in shown["entries"]} == {"patient.1", "diagnosis.1"}
    assert shown["resources"] == 2


def test_showing_a_chart_is_logged(good: str, capsys: Captured) -> None:
    main(["import", good])
    main(["show", "LT-0001"])
    assert Access.objects.filter(person="system:command-line", stream__startswith="chart:").count() == 1


def test_an_ambiguous_name_is_wrong_use_and_names_the_choices(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "two.json"
    path.write_bytes(text(bundle(patient("1"), patient("2", birthDate="1990-01-01"))))
    main(["import", str(path)])
    capsys.readouterr()
    assert main(["show", "Testperson"]) == 2
    wrong = capsys.readouterr().err
    assert "LT-0001 Ada Testperson, born 1980-05-17" in wrong
    assert "LT-0002 Ada Testperson, born 1990-01-01" in wrong
    assert wrong.count("\n") == 1


def test_an_unknown_patient_is_wrong_use(capsys: Captured) -> None:
    assert main(["show", "Nobody"]) == 2
    assert "no patient “Nobody”" in capsys.readouterr().err
