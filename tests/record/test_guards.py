"""The database itself refuses to change what was recorded."""

import sqlite3
from contextlib import closing

import pytest
from django.db import DatabaseError, connection, transaction

from lowtide.record import access_log, guards, store
from lowtide.record.entries.chair import Vitals
from lowtide.record.verify import verify
from tests.conftest import said

CHANGES = {
    "update an envelope": "UPDATE record_storedentry SET at = '1999'",
    "delete an entry": "DELETE FROM record_storedentry",
    "reuse an id": "INSERT INTO record_storedentry SELECT id, 'chart:z', 1, kind, at, session, corrects, redacts, clock,"
    " envelope, hash FROM record_storedentry LIMIT 1",
    "skip a seq": "INSERT INTO record_storedentry SELECT 'new', stream, seq + 2, kind, at, session, corrects, redacts,"
    " clock, envelope, hash FROM record_storedentry LIMIT 1",
    "update a body": "UPDATE record_storedbody SET payload = payload",
    "delete a body": "DELETE FROM record_storedbody",
    "update the access log": "UPDATE record_access SET person = 'nobody'",
    "delete from the access log": "DELETE FROM record_access",
    "lower the head of a stream": "UPDATE record_stream SET last_seq = last_seq - 1",
    "give a head another hash": "UPDATE record_stream SET head_hash = 'other'",
    "rename a stream": "UPDATE record_stream SET name = 'chart:other'",
    "delete a stream": "DELETE FROM record_stream",
    "insert a line of the access log over another": "INSERT INTO record_access (id, at, person, roles, action, stream,"
    " detail, address, allowed) SELECT id, at, 'nobody', roles, action, stream, detail, address, allowed FROM record_access",
    "upsert a line of the access log": "INSERT INTO record_access (id, at, person, roles, action, stream, detail, address,"
    " allowed) SELECT id, at, 'nobody', roles, action, stream, detail, address, allowed FROM record_access WHERE id > 0"
    " ON CONFLICT (id) DO UPDATE SET person = 'nobody'",
}
ONLY_SQLITE = {
    "replace an entry": "REPLACE INTO record_storedentry SELECT * FROM record_storedentry",
    "replace a body": "REPLACE INTO record_storedbody SELECT * FROM record_storedbody",
    "replace a line of the access log": "REPLACE INTO record_access SELECT * FROM record_access",
    "replace a stream": "REPLACE INTO record_stream (name, last_seq, head_hash, last_recorded_at)"
    " SELECT name, 0, head_hash, '' FROM record_stream",
}
ONLY_POSTGRES = {f"truncate {t}": f"TRUNCATE {t}" for t in guards.TABLES.values()}


def statements() -> dict[str, str]:
    return CHANGES | (ONLY_SQLITE if connection.vendor == "sqlite" else ONLY_POSTGRES)


@pytest.fixture
def something_recorded(own_database: None) -> None:
    store.append([said(Vitals(sbp_mmhg=120, dbp_mmhg=80), "chart:a")])
    access_log.log("staff:x", "looked", stream="chart:a")


@pytest.mark.hazard("H044")
@pytest.mark.parametrize("attempt", [*CHANGES, *ONLY_SQLITE, *ONLY_POSTGRES])
def test_the_engine_refuses_to(attempt: str, something_recorded: None) -> None:
    if attempt not in statements():
        assert attempt in (
            ONLY_SQLITE | ONLY_POSTGRES
        )  # the other engine's statement, tried in the other run
        return
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statements()[attempt])


@pytest.mark.sqlite
@pytest.mark.hazard("H044")
@pytest.mark.parametrize("attempt", [*CHANGES, *ONLY_SQLITE])
def test_a_program_that_asks_for_nothing_special_is_refused_to(
    attempt: str, something_recorded: None
) -> None:
    """Without the pragma that this product sets on its own connections, REPLACE runs no delete trigger."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        assert other.execute("PRAGMA recursive_triggers").fetchone() == (0,)
        with pytest.raises(sqlite3.IntegrityError):
            other.execute(statements()[attempt])


def test_a_stream_still_grows(something_recorded: None) -> None:
    store.append([said(Vitals(sbp_mmhg=121, dbp_mmhg=81), "chart:a")])
    assert verify().ok
    assert [e.seq for e in store.load("chart:a").entries.values()] == [1, 2]


def test_a_missing_guard_is_named(own_database: None) -> None:
    assert guards.missing(connection) == []
    with connection.cursor() as cursor:
        on = " ON record_storedentry" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER record_no_update{on}")
    assert guards.missing(connection) == ["record_no_update"]
