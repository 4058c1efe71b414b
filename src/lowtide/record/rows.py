"""Entry tables in SQL: heads locked in order, rows in and out as bytes. Used only inside `record`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from lowtide.record.chain import GENESIS, Row
from lowtide.record.entries.base import Entry, Redacted
from lowtide.record.entries.kinds import from_bytes

COLUMNS = "id, stream, seq, kind, at, session, corrects, redacts, envelope, hash"
NAMES = COLUMNS.split(", ")[:8]
_entry = msgspec.json.Decoder(Entry).decode


class Head(msgspec.Struct, frozen=True):
    """Where a stream stands."""

    seq: int
    hash: str
    recorded_at: str


EMPTY = Head(0, GENESIS, "")


def heads(streams: Iterable[str]) -> dict[str, Head]:
    """The heads of these streams; a stream without entries stands at seq 0."""
    names = list(streams)
    found = {
        name: Head(seq, head, at)
        for name, seq, head, at in _all(
            f"SELECT name, last_seq, head_hash, last_recorded_at FROM record_stream WHERE name IN ({marks(names)})",
            names,
        )
    }
    return {name: found.get(name, EMPTY) for name in names}


def lock(streams: Iterable[str]) -> dict[str, Head]:
    """The heads, locked in name order until the transaction ends. SQLite's one writer holds all locks at once."""
    names = sorted(set(streams))
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(
                "INSERT INTO record_stream (name, last_seq, head_hash, last_recorded_at) VALUES (%s, 0, %s, '')"
                " ON CONFLICT (name) DO NOTHING",
                [name, GENESIS],
            )
            if connection.vendor == "postgresql":
                cursor.execute("SELECT name FROM record_stream WHERE name = %s FOR UPDATE", [name])
    return heads(names)


def move_head(stream: str, head: Head) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE record_stream SET last_seq = %s, head_hash = %s, last_recorded_at = %s WHERE name = %s",
            [head.seq, head.hash, head.recorded_at, stream],
        )


def insert(rows: Sequence[tuple[Row, str | None]]) -> None:
    """Write rows with their bodies; the second of each pair is the clock mark."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO record_storedentry ({COLUMNS}, clock) VALUES ({marks(range(11))})",
            [
                (
                    r.id,
                    r.stream,
                    r.seq,
                    r.kind,
                    r.at,
                    r.session,
                    r.corrects,
                    r.redacts,
                    r.envelope,
                    r.hash,
                    clock,
                )
                for r, clock in rows
            ],
        )
        cursor.executemany(
            "INSERT INTO record_storedbody (entry_id, salt, payload) VALUES (%s, %s, %s)",
            [(r.id, r.salt, r.payload) for r, _ in rows],
        )


def read(stream: str, after: int = 0) -> Iterator[Row]:
    """A stream's rows after a seq, in seq order."""
    return _rows("e.stream = %s AND e.seq > %s ORDER BY e.seq", [stream, after])


def read_ids(ids: Sequence[UUID]) -> Iterator[Row]:
    """The rows with these ids, wherever they are."""
    texts = [str(i) for i in ids]
    for start in range(0, len(texts), 500):
        part = texts[start : start + 500]
        yield from _rows(f"e.id IN ({marks(part)})", part)


def entry(row: Row) -> Entry:
    """The row as an entry, its body upcast to the newest version."""
    found = _entry(row.envelope)
    if row.payload is None:
        body, reason = Redacted(), None
    else:
        body, reason = from_bytes(row.payload)  # type: ignore[assignment]
    for name, value in (("body", body), ("reason", reason), ("hash", row.hash)):
        msgspec.structs.force_setattr(found, name, value)
    return found


def streams(prefix: str = "") -> list[str]:
    """The names of every stream that begins with `prefix`."""
    rows = _all(
        "SELECT name FROM record_stream WHERE last_seq > 0 AND name LIKE %s ORDER BY name", [prefix + "%"]
    )
    return [name for (name,) in rows]


def redacted_ids(stream: str) -> frozenset[str]:
    sql = "SELECT redacts FROM record_storedentry WHERE stream = %s AND redacts IS NOT NULL"
    return frozenset(row[0] for row in _all(sql, [stream]))


def clock_marks() -> list[tuple[str, int, str, str]]:
    """Every entry whose clock was odd: stream, seq, at, mark; newest first."""
    return _all(
        "SELECT stream, seq, at, clock FROM record_storedentry WHERE clock IS NOT NULL ORDER BY at DESC", []
    )


def drop_bodies(ids: Sequence[UUID]) -> None:
    with connection.cursor() as cursor:
        texts = [str(i) for i in ids]
        cursor.execute(f"DELETE FROM record_storedbody WHERE entry_id IN ({marks(texts)})", texts)


def marks(values: Iterable[object]) -> str:
    return ", ".join("%s" for _ in values)


def _rows(where: str, params: Sequence[str | int]) -> Iterator[Row]:
    columns = ", ".join(f"e.{c}" for c in COLUMNS.split(", "))
    sql = (
        f"SELECT {columns}, b.salt, b.payload FROM record_storedentry e"
        f" LEFT JOIN record_storedbody b ON b.entry_id = e.id WHERE {where}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while part := cursor.fetchmany(2000):
            for row in part:
                named = dict(zip(NAMES, row[:8], strict=True))
                yield Row(
                    **named,
                    envelope=bytes(row[8]),
                    hash=row[9],
                    salt=_bytes(row[10]),
                    payload=_bytes(row[11]),
                )


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def _all(sql: str, params: Sequence[str | int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
