"""The database itself refuses to change what was recorded."""

import pytest
from django.db import DatabaseError, connection, transaction

from lowtide.record import guards, store
from lowtide.record.entries.chair import Vitals
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
}
ONLY_SQLITE = {
    "replace an entry": "REPLACE INTO record_storedentry SELECT * FROM record_storedentry",
    "replace a body": "REPLACE INTO record_storedbody SELECT * FROM record_storedbody",
}
ONLY_POSTGRES = {f"truncate {t}": f"TRUNCATE {t}" for t in (guards.ENTRY, guards.BODY, guards.ACCESS)}


def statements() -> dict[str, str]:
    return CHANGES | (ONLY_SQLITE if connection.vendor == "sqlite" else ONLY_POSTGRES)


@pytest.mark.hazard("H044")
@pytest.mark.parametrize("attempt", [*CHANGES, *ONLY_SQLITE, *ONLY_POSTGRES])
def test_the_engine_refuses_to(attempt: str, own_database: None) -> None:
    if attempt not in statements():
        assert attempt in (
            ONLY_SQLITE | ONLY_POSTGRES
        )  # the other engine's statement, tried in the other run
        return
    from lowtide.record import access_log

    store.append([said(Vitals(sbp_mmhg=120, dbp_mmhg=80), "chart:a")])
    access_log.log("staff:x", "looked", stream="chart:a")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statements()[attempt])


def test_a_missing_guard_is_named(own_database: None) -> None:
    assert guards.missing(connection) == []
    with connection.cursor() as cursor:
        on = " ON record_storedentry" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER record_no_update{on}")
    assert guards.missing(connection) == ["record_no_update"]
