"""A clinic whose database awaits a migration: it is proved and backed up as it stands; everything else waits its turn."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from lowtide.people.models import User
from lowtide.record import guards, rows, store, verify
from lowtide.record.entries.base import Entry
from lowtide.record.models import ProjectionVersion
from lowtide.site import standing
from lowtide.site.cli import main
from lowtide.site.restore import restore
from tests.conftest import CLINIC, said
from tests.pathway.session.conftest import Care, register
from tests.site.test_backup import Leave

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def older(own_database: None, home: Path) -> Care:
    """A clinic of an earlier version, with somebody at the chair: other columns, fewer guards, an older derived table."""
    from lowtide.record.entries.clinic import Clinic

    store.append([said(Clinic(name="Test", zone="UTC", country="DE", crisis_line="1"), CLINIC)])
    User.objects.create_user("a.nurse", password="a long enough phrase")
    care = register(datetime.now(UTC) - timedelta(minutes=10))
    care.prepare()
    care.begin()
    verify.rebuild()
    call_command("migrate", "mfa", "0001", verbosity=0)
    MigrationRecorder(connection).record_unapplied("record", "0002_more_guards")
    for name in ("record_stream_forward", "record_stream_no_delete"):
        on = "" if connection.vendor == "sqlite" else f" ON {guards.STREAM}"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name}{on}")
    ProjectionVersion.objects.filter(name="course.due").update(version=0)
    return care


def stands_as_before() -> bool:
    return (
        standing.awaited() == {"mfa", "record"}
        and ProjectionVersion.objects.get(name="course.due").version == 0
    )


def test_verify_proves_it_and_says_what_it_left_out(older: Care, capsys: Captured) -> None:
    assert main(["verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert main(["verify"]) == 0
    assert "Not checked" in (said := capsys.readouterr().out)
    assert "course.due" in said
    assert stands_as_before()


def test_verify_still_finds_a_fault(older: Care, capsys: Captured) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE record_stream SET last_seq = last_seq - 1 WHERE name = %s", [older.stream])
    assert main(["verify"]) == 1
    assert "the stream's head is not its last entry" in capsys.readouterr().out


@pytest.mark.hazard("H046")
def test_it_is_backed_up_and_the_copy_comes_back_in_this_version(
    older: Care, tmp_path: Path, use_empty_database: Leave
) -> None:
    heads = rows.all_heads()
    assert main(["backup", str(tmp_path / "before.zip")]) == 0
    assert stands_as_before()
    use_empty_database()
    assert restore(tmp_path / "before.zip", replace=False).report.ok
    assert (rows.all_heads(), standing.awaited(), guards.missing(connection)) == (heads, set(), [])
    assert User.objects.get().username == "a.nurse"


@pytest.mark.parametrize("verb", [["due"], ["show", "x"], ["export", "out.zip"], ["rebuild"], ["retention"]])
def test_what_would_change_it_is_refused_while_a_session_is_open(
    older: Care, verb: list[str], capsys: Captured
) -> None:
    assert main(verb) == 2
    said = capsys.readouterr().err
    assert "this version changes the database, and 1 session is open: chair" in said
    assert "Finish or break off" in said
    assert stands_as_before()


def test_an_old_demonstration_says_how_to_make_it_anew(older: Care, home: Path, capsys: Captured) -> None:
    home.mkdir(exist_ok=True)
    (home / "demonstration").write_text("older")
    assert main(["due"]) == 2
    assert capsys.readouterr().err.rstrip().endswith("make it anew with lowtide demo --fresh.")


def test_once_nobody_is_at_the_chair_it_is_brought_up_to_date(older: Care, capsys: Captured) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE session_session SET open = false")
    assert main(["due"]) == 0
    assert standing.awaited() == set()
    assert guards.missing(connection) == []


def test_a_new_home_is_made_and_holds(
    own_database: None, home: Path, use_empty_database: Leave, capsys: Captured
) -> None:
    use_empty_database()
    assert main(["verify"]) == 0
    assert "All holds: 0 entries in 0 streams" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_named(
    own_database: None, clinic: Entry, home: Path, tmp_path: Path, capsys: Captured
) -> None:
    for verb in ("backup", "export"):
        assert main([verb, str(tmp_path / "nowhere" / "clinic.zip")]) == 2
        err = capsys.readouterr().err
        assert f"{tmp_path / 'nowhere'}: there is no such folder. Make it first" in err
        assert ".part" not in err
