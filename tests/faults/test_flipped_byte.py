"""A byte changed anywhere in the record is found by verify."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lowtide.record import guards, projections, store
from lowtide.record.chain import Failure
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Note, Vitals
from lowtide.record.entries.clinic import FhirResource, Staff
from lowtide.record.entries.devices import DeviceJoined
from lowtide.record.entries.history import Result
from lowtide.record.entries.identity import Identifier, Linked, Patient
from lowtide.record.entries.mailed import ReminderMailed
from lowtide.record.entries.papers import DocumentSent
from lowtide.record.redaction import redact
from lowtide.record.verify import verify
from tests.conftest import CLINIC, said
from tests.pathway.session.conftest import register

TABLES = {
    "record_stream": ("name", "last_seq", "head_hash", "last_recorded_at"),
    "record_storedentry": (
        *("id", "stream", "seq", "kind", "at", "session", "corrects", "redacts", "clock"),
        *("envelope", "hash"),
    ),
    "record_storedbody": ("entry_id", "salt", "payload"),
}
BYTES = (0, 5, -1, 12)
KEYS = {"record_stream": "name", "record_storedbody": "entry_id"}
places = st.sampled_from([(t, c) for t, columns in TABLES.items() for c in columns])


class NotHeld(Exception):
    """There is no byte to flip, or the engine does not even hold such a value."""


class Undone(Exception):
    """Ends a transaction so that nothing of it stays."""


@pytest.fixture
def record(db: None) -> None:
    """A small record with everything in it: a patient, corrections, a session, a clock mark, a redaction."""
    store.append([said(Patient(family="Testperson", given="Ada"), "chart:a")])
    (first,) = store.append([said(Vitals(sbp_mmhg=120, dbp_mmhg=80), "chart:a", session=uuid4())])
    store.append(
        [said(Vitals(sbp_mmhg=130, dbp_mmhg=80), "chart:a", reason="misread").correcting(first)],
        now=datetime.now(UTC) - timedelta(seconds=30),
    )
    (note,) = store.append([said(Note(text="to be removed"), "chart:a")])
    redact(note.id, by="staff:a", second_person="staff:b", legal_basis="Art. 17", reason="on request")
    assert verify().ok


def found_after(deed: Callable[[], object]) -> Failure:
    """What verify finds after somebody with the database in their hands did this past the guards; then undone."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                for name in guards.wanted(connection):
                    cursor.execute(f"DROP TRIGGER {name}{_table(name)}")
            deed()
            guards.install(connection)
            report = verify()
            raise Undone
    except Undone:
        store.forget()
    assert not report.ok
    assert report.first_failure is not None
    return report.first_failure


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _table(trigger: str) -> str:
    return "" if connection.vendor == "sqlite" else f" ON {guards.table_of(trigger)}"


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(place=places, row=st.integers(0, 5), byte=st.integers(0, 400), bit=st.integers(0, 7))
@pytest.mark.hazard("H044")
def test_a_flipped_byte_is_found(record: None, place: tuple[str, str], row: int, byte: int, bit: int) -> None:
    table, column = place
    key, value = _value(table, column, row)
    try:
        changed = _flipped(value, byte, bit)
        failure = found_after(lambda: _put(table, column, key, changed))
    except (NotHeld, UnicodeDecodeError):
        assume(False)
    assert "guard" not in failure.what


def _value(table: str, column: str, row: int) -> tuple[Any, Any]:
    with connection.cursor() as cursor:
        key = KEYS.get(table, "id")
        cursor.execute(f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1")
        rows = cursor.fetchall()
    found: tuple[Any, Any] = rows[row % len(rows)]
    return found


def _flipped(value: Any, byte: int, bit: int) -> Any:
    if isinstance(value, int):
        return value ^ (1 << bit)
    raw = bytearray(value.encode() if isinstance(value, str) else bytes(value))
    if not raw:
        raise NotHeld
    raw[byte % len(raw)] ^= 1 << bit
    return bytes(raw).decode() if isinstance(value, str) and connection.vendor == "postgresql" else bytes(raw)


def _put(table: str, column: str, key: str, value: Any) -> None:
    text = connection.vendor == "sqlite" and column not in ("envelope", "salt", "payload", "seq", "last_seq")
    _set(table, column, "CAST(%s AS TEXT)" if text else "%s", KEYS.get(table, "id"), key, value)


def _set(table: str, column: str, marker: str, named: str, key: str, value: Any) -> None:
    try:
        run(f'UPDATE {table} SET "{column}" = {marker} WHERE {named} = %s', value, key)
    except (DatabaseError, ValueError) as error:
        raise NotHeld from error


@pytest.fixture
def whole_clinic(clinic: Entry) -> None:
    """A row in every table that is derived from entries."""
    care = register()
    care.prepare()
    care.begin()
    on = DeviceJoined(device="M1", label="Monitor 1", device_kind="monitor")
    care.write(on, 1, session=care.session)
    letter = DocumentSent(
        document="letter", version="1", to="Dr Away", how="post", digest="a" * 64, known={care.stream: 3}
    )
    care.write(letter, 2, session=care.session)
    mailed = ReminderMailed(about=("visit",), items=("visit 1",), address="ada@example.org", language="en")
    care.write(mailed, 3)
    identity = Patient(family="Other", given="Ada", identifiers=(Identifier("lowtide", "LT-1"),))
    store.append([said(identity, "chart:b"), said(Linked(other="chart:b"), care.stream)])
    store.append([said(Result(label="ALT", test="alt", value=Decimal(41), unit="U/L"), care.stream)])
    store.append([said(Staff(staff=uuid4(), name="Nora", roles=("nurse",), login="nora"), CLINIC)])
    for stream in (care.stream, "inbox:main"):
        kept = FhirResource(resource_type="Basic", resource_id="1", system="elsewhere", json="{}")
        store.append([said(kept, stream)])
    assert verify().ok


def _as_text(column: Any, value: Any, byte: int, bit: int) -> tuple[str, Any]:
    """What to write into a column of a derived table so that one byte of it is another, and how."""
    if column.get_internal_type() == "BooleanField":
        return "%s", not value
    if isinstance(value, int):
        return "%s", value ^ (1 << bit)
    kind = "TEXT" if connection.vendor == "sqlite" else column.db_type(connection)
    return f"CAST(%s AS {kind})", _flipped(value, byte, bit)


@pytest.mark.hazard("H044")
@pytest.mark.parametrize("name", projections.REGISTERED)
def test_a_flipped_byte_is_found_in_every_column_of_every_derived_table(
    whole_clinic: None, name: str
) -> None:
    """All bytes but the tenth of a time on SQLite: it parts day and hour, and whatever sign stands there reads the same."""
    projection, tried = projections.REGISTERED[name], Counter[int]()
    table = projection.model._meta.db_table
    for byte, column in product(BYTES, projection.model._meta.concrete_fields):
        for key, value in _derived(table, column, projection.prefix):
            try:
                marker, changed = _as_text(column, value, byte, 1)
                failure = found_after(lambda: _set(table, column.column, marker, "key", key, changed))  # noqa: B023
            except (NotHeld, UnicodeDecodeError):
                continue
            tried[byte] += 1
            assert name in failure.what or "rows of no stream" in failure.what, (column.column, byte, failure)
    assert min(tried[byte] for byte in BYTES) >= 3


def _derived(table: str, column: Any, prefix: str) -> list[tuple[Any, Any]]:
    """The key and the value (as text, unless it is a number) of the first row of a stream of this kind that has one."""
    plain = column.get_internal_type() in ("BooleanField", "IntegerField")
    read = f'"{column.column}"' if plain else f'CAST("{column.column}" AS TEXT)'
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT key, {read} FROM {table} WHERE "{column.column}" IS NOT NULL AND stream LIKE %s ORDER BY 1',
            [f"{prefix}%"],
        )
        return [row for row in cursor.fetchall() if row[1] != ""][:1]


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        (
            "DELETE FROM record_storedentry WHERE kind = 'vitals.1' AND corrects IS NOT NULL",
            "seq 3 is missing",
        ),
        ("DELETE FROM record_storedbody", "its body is missing without a redaction"),
        ("UPDATE record_storedentry SET clock = NULL", "its clock column differs from its envelope"),
        ("UPDATE record_stream SET last_seq = last_seq - 1", "the stream's head is not its last entry"),
        ("DELETE FROM record_stream", "an entry of a stream without a head"),
        ("DELETE FROM people_patientindex", "projection people.patients differs from its fold"),
        ("INSERT INTO record_storedbody VALUES ('nobody', '', '')", "a body without an entry"),
    ],
)
def test_a_deed_past_the_guards_is_named(record: None, deed: str, found: str) -> None:
    assert found_after(lambda: run(deed)).what == found


def test_a_body_that_was_put_back_after_its_redaction_is_found(record: None) -> None:
    again = "INSERT INTO record_storedbody SELECT id, '', '' FROM record_storedentry WHERE kind = 'note.1'"
    assert found_after(lambda: run(again)).what == "it was redacted, and its body is still there"


def test_a_database_without_its_guards_is_named(record: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER record_no_update{_table('record_no_update')}")
    failure = verify().first_failure
    assert failure is not None
    assert failure.what == "guard trigger missing: record_no_update"
