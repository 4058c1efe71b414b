"""`lowtide evaluate` and `lowtide rules` as a person at a terminal meets them."""

import json
from pathlib import Path

import pytest

from lowtide.site.cli import main
from tests.spec.examples import VIGNETTES


@pytest.fixture
def intake(tmp_path: Path) -> Path:
    path = tmp_path / "intake.json"
    path.write_text(json.dumps(VIGNETTES["V04"]))
    return path


def test_evaluate_answers_one_json_document(intake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(intake), "--json", "--on", "2026-11-22"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["decision"] == "defer"
    assert [f["rule_id"] for f in answer["findings"]] == ["C011", "C070"]


def test_flags_override_the_request(intake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(intake), "--indication", "ptsd", "--policy", "strict", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert "C048" in {f["rule_id"] for f in answer["findings"]}
    assert answer["policy"]["name"] == "strict"


def test_without_json_the_answer_is_words(intake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(intake)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Decision: defer")
    assert "systolic pressure 162 mmHg" in printed
    assert "does not make one" in printed


@pytest.mark.parametrize(
    ("content", "flags", "said"),
    [
        ("{", [], "not JSON"),
        ("[]", [], "not an intake"),
        ("\udcff", [], "not"),
        ('{"vignettes": []}', [], "a collection of cases"),
        ('{"demographics": {}}', [], "no indication is requested"),
        ('{"demographics": {}}', ["--indication", "gout"], "unknown indication"),
        ("{}", ["--policy", "lenient"], "unknown policy"),
        ("{}", ["--on", "yesterday"], "not a date"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    content: str, flags: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    assert main(["evaluate", str(path), *flags]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert not printed.out


def test_a_file_that_is_not_there_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "no-such-file.json"]) == 2
    assert "no-such-file.json" in capsys.readouterr().err


@pytest.mark.django_db
def test_rules_prints_every_row_with_source_version_and_approval(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    rows = [*answer["rules"], *answer["interactions"], *answer["thresholds"], *answer["protocols"]]
    assert all({"source", "version", "verified", "approved"} <= row.keys() for row in rows)
    assert not any(row["approved"] for row in rows)
    assert {p["name"] for p in answer["policies"]} == {"default", "strict", "payer"}


@pytest.mark.django_db
def test_rules_marks_unverified_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("C036")).endswith("[unverified default]")
    assert not next(line for line in lines if line.startswith("C005")).endswith("[unverified default]")


def test_fhir_as_xml_is_refused_saying_to_send_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle.xml"
    path.write_text('<Bundle xmlns="http://hl7.org/fhir"><type value="document"/></Bundle>')
    assert main(["evaluate", str(path), "--json"]) == 2
    said = capsys.readouterr().err
    assert "this is XML" in said
    assert "send" in said
    assert "JSON" in said
