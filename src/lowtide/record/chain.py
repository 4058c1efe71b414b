"""The hash chain: what makes an entry provably the one that was written, even after its body was removed.

An envelope names the hash of the one before it and a salted digest of its body. The salt lies with the body, so
that removing both leaves nothing to guess from, while the chain still holds. Bytes are hashed as stored.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

import msgspec

from lowtide.record.dates import instant

GENESIS = "0" * 64


class Row(msgspec.Struct, frozen=True):
    """A stored entry as bytes, with the columns kept beside it for look-up, in the order of the tables.

    A redacted one has no salt and no payload.
    """

    id: str
    stream: str
    seq: int
    kind: str
    at: str
    session: str | None
    corrects: str | None
    redacts: str | None
    clock: str | None
    envelope: bytes
    hash: str
    salt: bytes | None
    payload: bytes | None


class Failure(msgspec.Struct, frozen=True):
    """The first thing found wrong; `id` and `seq` are None when it is no single entry."""

    stream: str
    seq: int | None
    id: str | None
    what: str


class _Links(msgspec.Struct, frozen=True):
    """The parts of an envelope that the chain depends on."""

    id: str
    stream: str
    seq: int
    kind: str
    at: datetime
    previous: str
    body_digest: str
    session: str | None = None
    corrects: str | None = None
    redacts: str | None = None
    clock: str | None = None


_links = msgspec.json.Decoder(_Links).decode


def new_salt() -> bytes:
    return secrets.token_bytes(16)


def body_digest(salt: bytes, payload: bytes) -> str:
    return hashlib.sha256(salt + payload).hexdigest()


def envelope_hash(envelope: bytes) -> str:
    return hashlib.sha256(envelope).hexdigest()


def first_failure(stream: str, rows: Iterable[Row], redacted: frozenset[str]) -> Failure | None:
    """Walk one stream's rows in seq order; the first that does not hold, or None."""
    previous, expected = GENESIS, 1
    for row in rows:
        what = _fault(row, previous, expected, redacted)
        if what:
            return Failure(stream, row.seq, row.id, what)
        previous, expected = row.hash, expected + 1
    return None


def _fault(row: Row, previous: str, expected: int, redacted: frozenset[str]) -> str | None:
    if row.seq != expected:
        return f"seq {expected} is missing"
    if envelope_hash(row.envelope) != row.hash:
        return "the envelope was changed"
    links = _links(row.envelope)
    if links.previous != previous:
        return "it does not follow the entry before it"
    if instant(links.at) != row.at:
        return "its at column differs from its envelope"
    for name in ("id", "stream", "seq", "kind", "session", "corrects", "redacts", "clock"):
        if getattr(links, name) != getattr(row, name):
            return f"its {name} column differs from its envelope"
    if row.payload is None:
        return None if row.id in redacted else "its body is missing without a redaction"
    if row.id in redacted:
        return "it was redacted, and its body is still there"
    if row.salt is None or body_digest(row.salt, row.payload) != links.body_digest:
        return "the body was changed"
    return None
