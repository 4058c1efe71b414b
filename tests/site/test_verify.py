"""`lowtide verify` says what holds, in the shape that is promised, and one digest that stands for all of it."""

import hashlib
import json
from pathlib import Path

import pytest

from lowtide.record import rows, store
from lowtide.record.entries.chair import Note
from lowtide.site.backup import back_up
from lowtide.site.cli import main
from lowtide.site.restore import restore
from tests.conftest import said
from tests.site.test_backup import Leave


@pytest.fixture
def two_charts(own_database: None, home: Path) -> None:
    store.append([said(Note(text="calm"), "chart:a"), said(Note(text="sad"), "chart:b")])


def digest(capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["verify"]) == 0
    return capsys.readouterr().out.split()[-1]


def test_json_keeps_to_the_promised_shape(two_charts: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "ok": True,
        "streams": 2,
        "entries": 2,
        "first_failure": None,
    }


@pytest.mark.hazard("H044")
def test_the_digest_can_be_made_from_the_heads_by_anybody(
    two_charts: None, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = rows.all_heads()
    lines = [f"chart:a 1 {heads['chart:a'].hash}\n", f"chart:b 1 {heads['chart:b'].hash}\n"]
    assert digest(capsys) == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_digest_moves_with_each_entry_and_only_then(
    two_charts: None, capsys: pytest.CaptureFixture[str]
) -> None:
    first = digest(capsys)
    assert digest(capsys) == first
    store.append([said(Note(text="later"), "chart:b")])
    assert digest(capsys) != first


def test_a_restored_backup_has_the_digest_of_its_day(
    two_charts: None, tmp_path: Path, use_empty_database: Leave, capsys: pytest.CaptureFixture[str]
) -> None:
    noted = digest(capsys)
    back_up(tmp_path / "clinic.zip")
    use_empty_database()
    restore(tmp_path / "clinic.zip", replace=False)
    assert digest(capsys) == noted
