"""A full disk: a clear word to whoever writes, and a record that is whole. SQLite's page limit stands for the disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import Client

from lowtide.people.models import User
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Note
from lowtide.record.verify import verify
from lowtide.site.cli import main
from lowtide.site.storage import trouble
from tests.conftest import said
from tests.faults.people import clinic, patient, session_cookie

LONG = "a very long note " * 4000


@pytest.fixture
def kept(own_database: None) -> Entry:
    """What was saved while there was room."""
    return store.append([said(Note(text="before"), "chart:a")])[0]


@contextmanager
def full_disk() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    _fill_up()
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")


def _fill_up() -> None:
    """Use what the pages still have room for."""
    try:
        for _ in range(10_000):
            User.objects.create_user(f"user-{User.objects.count()}", email="x" * 200 + "@example.org")
    except DatabaseError:
        return


@pytest.mark.sqlite
def test_an_append_fails_whole_and_the_record_goes_on_when_there_is_room(kept: Entry) -> None:
    with full_disk(), pytest.raises(DatabaseError) as failed:
        store.append([said(Note(text=LONG), "chart:a"), said(Note(text=LONG), "chart:b")])
    assert str(trouble(failed.value)).startswith("database: the disk is full. Nothing of this was saved")
    store.forget()
    assert store.load("chart:a").standing() == [kept]
    assert verify().ok
    store.append([said(Note(text="after"), "chart:a")])
    assert verify().ok


@pytest.mark.sqlite
def test_a_command_says_it_in_one_line(
    kept: Entry, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOWTIDE_HOME", str(tmp_path / "home"))
    two = ["--by", "A. Weber", "--second", "B. Nowak", "--basis", "Art. 17", "--reason", LONG]
    with full_disk():
        assert main(["redact", str(kept.id), *two]) == 2
    said_why = capsys.readouterr().err
    assert said_why.startswith("lowtide: database: the disk is full.")
    assert said_why.count("\n") == 1
    assert store.load("chart:a").standing() == [kept]


@pytest.mark.sqlite
def test_a_page_says_it_and_keeps_what_was_typed(kept: Entry) -> None:
    client = Client(raise_request_exception=False)
    clinic()
    page = f"/patients/{patient()}/notes/new"
    client.cookies["sessionid"] = session_cookie("nurse")
    typed = {"entry_id": str(uuid4()), "topic": "clinical", "text": LONG[:20_000].strip()}
    assert client.get(page).status_code == 200
    with full_disk():
        answer = client.post(page, typed)
    assert answer.status_code == 507
    assert "Not saved: the disk is full" in answer.content.decode()
    assert all(value in answer.content.decode() for value in typed.values())
    assert verify().ok
    assert client.post(page, typed).status_code == 302


@pytest.mark.parametrize(
    ("error", "what"),
    [
        ('could not extend file "base/16384/16501": No space left on device', "the disk is full"),
        ("attempt to write a readonly database", "the database is read-only"),
        ("database is locked", "another program holds the database"),
        ("database disk image is malformed", "the database file is damaged"),
        ("connection to server failed: Connection refused", "PostgreSQL does not answer"),
    ],
)
def test_each_trouble_with_storage_has_plain_words(error: str, what: str) -> None:
    problem = trouble(OperationalError(error))
    assert problem is not None
    assert problem.what == what


def test_a_fault_of_the_program_is_not_called_a_trouble_with_storage() -> None:
    assert trouble(OperationalError("no such column: x")) is None
    assert trouble(ValueError("is full")) is None
