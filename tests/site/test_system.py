"""Whoever keeps the system sees what needs somebody, and no clinical content."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from lowtide.record import store
from lowtide.record.entries.chair import Note
from lowtide.record.verify import rebuild
from lowtide.site import health
from lowtide.site.backup import back_up
from tests.conftest import said

SignIn = Callable[..., Client]
NOW = datetime.now(UTC)


@pytest.fixture
def kept_well(home: Path, db: None, tmp_path: Path) -> None:
    rebuild()
    back_up(tmp_path / "clinic.zip")


def wanting(now: datetime = NOW) -> set[str]:
    return {c.name for c in health.checks(now) if not c.well} - {"Connection", "Room on the disk"}


def test_a_system_that_is_kept_well_needs_nobody(kept_well: None) -> None:
    assert wanting() == set()


@pytest.mark.hazard("H023")
def test_a_clock_that_was_set_back_is_shown_to_the_administrator(kept_well: None, sign_in: SignIn) -> None:
    later = datetime.now(UTC) + timedelta(minutes=10)
    store.append([said(Note(text="private words"), "chart:a", at=later)], now=later)
    store.append([said(Note(text="private words"), "chart:a")])
    page = sign_in("administrator").get("/system/").content.decode()
    assert "behind the newest entry: it was set back" in page
    assert "server clock was set back" in page
    assert "private words" not in page
    assert wanting() >= {"Server clock", "Marked entries"}
    assert any(line.startswith("Server clock: ") for line in health.warnings(NOW))


def test_an_old_backup_needs_somebody(kept_well: None) -> None:
    assert wanting(NOW + timedelta(hours=30)) == {"Last backup"}


def test_no_backup_at_all_needs_somebody(home: Path, db: None) -> None:
    rebuild()
    assert wanting() == {"Last backup"}


def test_missing_guards_need_somebody(kept_well: None) -> None:
    on = " ON record_storedentry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER record_no_update{on}")
    assert wanting() == {"Guards of the database"}


def test_derived_tables_of_another_version_need_somebody(kept_well: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE record_projectionversion SET version = 0 WHERE name = 'people.patients'")
    assert wanting() == {"Derived tables"}


@pytest.mark.parametrize(
    ("role", "status"), [("administrator", 200), ("medical_director", 200), ("nurse", 403)]
)
def test_the_page_is_for_those_who_keep_the_system(
    sign_in: SignIn, home: Path, role: str, status: int
) -> None:
    assert sign_in(role).get("/system/").status_code == status
