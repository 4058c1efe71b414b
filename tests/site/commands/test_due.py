"""`lowtide due`: what is due in the clinic, as the worklist knows it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from lowtide.record.models import Access
from lowtide.site import cli, setup
from tests.pathway.course.story import Story, items_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, clinic: object) -> None:
    """The test's own database is up to date already."""
    monkeypatch.setattr(setup, "bring_up_to_date", lambda: None)


def answer(capsys: pytest.CaptureFixture[str], *flags: str) -> list[dict[str, object]]:
    assert cli.main(["due", *flags, "--json"]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_each_item_names_the_patient_the_rule_and_the_owner(capsys: pytest.CaptureFixture[str]) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(hours=3))
    story.answered(items_for(9, 3))
    story.tell()
    found = next(i for i in answer(capsys) if i["item"] == "risk")
    assert found == {
        "patient": str(story.patient),
        "item": "risk",
        "due_at": (story.now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "overdue": True,
        "owner": "prescriber",
        "rule_id": "RISK-URGENT",
    }


def test_what_lies_ahead_is_listed_only_for_the_whole_clinic(capsys: pytest.CaptureFixture[str]) -> None:
    Story(at=datetime.now(UTC)).took_history().decided().planned((30,)).tell()
    now_open = {i["item"] for i in answer(capsys)}
    everything = {i["item"] for i in answer(capsys, "--clinic")}
    assert "order" not in now_open
    assert {"order", "session"} | now_open <= everything


def test_the_longest_overdue_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    Story(at=datetime.now(UTC) - timedelta(days=40)).took_history().tell()
    dates = [str(i["due_at"]) for i in answer(capsys, "--clinic")]
    assert dates == sorted(dates)


def test_a_person_reads_lines_with_names(capsys: pytest.CaptureFixture[str]) -> None:
    Story(at=datetime.now(UTC) - timedelta(days=40)).tell()
    assert cli.main(["due"]) == 0
    assert "Ada Testperson: No history taken yet (nurse, DUE-HISTORY)" in capsys.readouterr().out


def test_an_empty_clinic_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys) == []
    assert cli.main(["due"]) == 0
    assert "Nothing is due." in capsys.readouterr().out


def test_reading_the_list_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    answer(capsys)

    assert Access.objects.filter(action="lowtide due", person="system:command-line").exists()
