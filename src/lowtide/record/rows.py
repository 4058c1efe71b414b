"""Entry tables in SQL: heads locked in order, rows in and out as bytes. Used only inside `record`."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from lowtide.record.chain import GENESIS, Failure, Row
from lowtide.record.entries.base import Body, Entry, Redacted, Unreadable
from lowtide.record.entries.kinds import Payload, from_bytes

COLUMNS = "id, stream, seq, kind, at, session, corrects, redacts, clock, envelope, hash"
AT_ONCE = 2000
Said = tuple[Body | Unreadable | Redacted, str | None]
_envelopes = msgspec.json.Decoder(list[Entry]).decode
_payloads = msgspec.json.Decoder(list[Payload | None]).decode


class Head(msgspec.Struct, frozen=True):
    """Where a stream stands."""

    seq: int
    hash: str
    recorded_at: str


EMPTY = Head(0, GENESIS, "")


def heads(streams: Iterable[str]) -> dict[str, Head]:
    """The heads of these streams; a stream without entries stands at seq 0."""
    names = list(streams)
    found = _heads(f"WHERE name IN ({marks(names)})", names) if names else {}
    return {name: found.get(name, EMPTY) for name in names}


def all_heads() -> dict[str, Head]:
    """The head of every stream that has entries, by name."""
    return _heads("WHERE last_seq > 0 ORDER BY name", [])


def heads_under(prefix: str) -> dict[str, Head]:
    """The head of every stream that begins with `prefix` and has entries, by name."""
    return _heads("WHERE last_seq > 0 AND name LIKE %s ORDER BY name", [prefix + "%"])


def _heads(which: str, names: list[str]) -> dict[str, Head]:
    sql = f"SELECT name, last_seq, head_hash, last_recorded_at FROM record_stream {which}"
    return {name: Head(seq, head, at) for name, seq, head, at in _all(sql, names)}


def lock(streams: Iterable[str]) -> dict[str, Head]:
    """The heads, locked in name order until the transaction ends. SQLite's one writer holds all locks at once."""
    names = sorted(set(streams))
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(
                "INSERT INTO record_stream (name, last_seq, head_hash, last_recorded_at) SELECT %s, 0, %s, ''"
                " WHERE NOT EXISTS (SELECT 1 FROM record_stream WHERE name = %s) ON CONFLICT (name) DO NOTHING",
                [name, GENESIS, name],
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


def insert(new: Sequence[Row]) -> None:
    """Write rows with their bodies."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO record_storedentry ({COLUMNS}) VALUES ({marks(range(11))})",
            [msgspec.structs.astuple(r)[:11] for r in new],
        )
        cursor.executemany(
            "INSERT INTO record_storedbody (entry_id, salt, payload) VALUES (%s, %s, %s)",
            [(r.id, r.salt, r.payload) for r in new],
        )


def read(stream: str, after: int = 0) -> Iterator[Row]:
    """A stream's rows after a seq, in seq order."""
    return _rows("e.stream = %s AND e.seq > %s ORDER BY e.seq", [stream, after])


def read_one(stream: str, seq: int) -> Row | None:
    return next(_rows("e.stream = %s AND e.seq = %s", [stream, seq]), None)


def read_ids(ids: Sequence[UUID]) -> Iterator[Row]:
    """The rows with these ids, wherever they are."""
    texts = [str(i) for i in ids]
    for start in range(0, len(texts), 500):
        part = texts[start : start + 500]
        yield from _rows(f"e.id IN ({marks(part)})", part)


def entries(stream: str, after: int = 0) -> list[Entry]:
    """A stream's entries after a seq, in seq order, bodies upcast to their newest version."""
    sql = (
        "SELECT e.envelope, b.payload, e.hash FROM record_storedentry e"
        " LEFT JOIN record_storedbody b ON b.entry_id = e.id"
        " WHERE e.stream = %s AND e.seq > %s ORDER BY e.seq"
    )
    found: list[Entry] = []
    with connection.cursor() as cursor:
        cursor.execute(sql, [stream, after])
        while part := cursor.fetchmany(AT_ONCE):
            found += _decoded(*zip(*part, strict=True))
    return found


def entry(row: Row) -> Entry:
    """The row as an entry, its body upcast to the newest version."""
    return decoded([row])[0]


def decoded(found: Sequence[Row]) -> list[Entry]:
    """The rows as entries, their bodies upcast to the newest version."""
    return _decoded([r.envelope for r in found], [r.payload for r in found], [r.hash for r in found])


def _decoded(
    envelopes: Sequence[bytes], payloads: Sequence[bytes | None], hashes: Sequence[str]
) -> list[Entry]:
    """Decoded as one document: a call for each entry would cost more than the decoding."""
    complete = msgspec.structs.force_setattr
    found = _envelopes(b"[%b]" % b",".join(envelopes))
    for entry, (body, reason), digest in zip(found, _said(payloads), hashes, strict=True):
        complete(entry, "body", body)
        complete(entry, "reason", reason)
        complete(entry, "hash", digest)
    return found


def _said(payloads: Sequence[bytes | None]) -> list[Said]:
    try:
        read = _payloads(b"[%b]" % b",".join(b"null" if p is None else p for p in payloads))
    except msgspec.ValidationError:  # among them is a kind of a newer version, or a fault that this names
        return [(Redacted(), None) if p is None else from_bytes(p) for p in payloads]
    return [(Redacted(), None) if p is None else (p.body.upcast(), p.reason) for p in read]


def streams(prefix: str = "") -> list[str]:
    """The names of every stream that begins with `prefix`."""
    rows = _all(
        "SELECT name FROM record_stream WHERE last_seq > 0 AND name LIKE %s ORDER BY name", [prefix + "%"]
    )
    return [name for (name,) in rows]


def redacted_ids(stream: str) -> frozenset[str]:
    sql = "SELECT redacts FROM record_storedentry WHERE stream = %s AND redacts IS NOT NULL"
    return frozenset(row[0] for row in _all(sql, [stream]))


def redactions() -> list[tuple[str, str, str, datetime]]:
    """Every redaction: the entry it removed, its own id, their stream, when."""
    found = _all(
        "SELECT redacts, id, stream, at FROM record_storedentry WHERE redacts IS NOT NULL ORDER BY stream, seq",
        [],
    )
    return [(entry, own, stream, datetime.fromisoformat(at)) for entry, own, stream, at in found]


def headless() -> Failure | None:
    """An entry whose stream has no head."""
    found = _all(
        "SELECT e.stream, e.seq, e.id FROM record_storedentry e LEFT JOIN record_stream s ON s.name = e.stream"
        " WHERE s.name IS NULL OR s.last_seq = 0 ORDER BY e.stream, e.seq LIMIT 1",
        [],
    )
    for stream, seq, entry_id in found:
        return Failure(stream, seq, entry_id, "an entry of a stream without a head")
    return None


def bodies_of_nothing() -> Failure | None:
    """A body that no entry has."""
    found = _all(
        "SELECT b.entry_id FROM record_storedbody b LEFT JOIN record_storedentry e ON e.id = b.entry_id"
        " WHERE e.id IS NULL LIMIT 1",
        [],
    )
    return Failure("", None, found[0][0], "a body without an entry") if found else None


def clock_marks(limit: int) -> list[tuple[str, int, str, str]]:
    """The latest entries whose clock was odd: stream, seq, at, mark; newest first."""
    return _all(
        "SELECT stream, seq, at, clock FROM record_storedentry WHERE clock IS NOT NULL ORDER BY at DESC LIMIT %s",
        [limit],
    )


def last_recorded_at() -> datetime | None:
    """When the newest entry of all was committed."""
    ((latest,),) = _all("SELECT MAX(last_recorded_at) FROM record_stream", [])
    return datetime.fromisoformat(latest) if latest else None


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
        while part := cursor.fetchmany(AT_ONCE):
            yield from (Row(*row) for row in part)


def _all(sql: str, params: Sequence[str | int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
