"""What a document is before it is drawn: parts of fields and tables, each field with the entries it was made from (pure).

A field that the record does not answer says so (`missing`); it is never left blank. Two documents that say the same
have the same digest, whoever makes them and whenever.
"""

import hashlib
from collections.abc import Iterator
from typing import Literal
from uuid import UUID

import msgspec

State = Literal["", "missing", "check", "not_needed"]


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing said: `entries` are what it was made from, `note` what is worth knowing about it.

    `gap` names the page of the record where a missing one is mended.
    """

    label: str
    text: str
    entries: tuple[UUID, ...] = ()
    state: State = ""
    note: str = ""
    gap: str = ""
    unverified: bool = False


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rows under a head; the first cell of each row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Field, ...], ...]


class Picture(msgspec.Struct, frozen=True, omit_defaults=True):
    """A drawing as SVG, and the words that stand for it."""

    svg: str
    alternative: str


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A headed stretch of a document; `lines` are sentences."""

    title: str
    fields: tuple[Field, ...] = ()
    lines: tuple[Field, ...] = ()
    tables: tuple[Table, ...] = ()
    picture: Picture | None = None


class Document(msgspec.Struct, frozen=True, omit_defaults=True):
    """A whole document. `form` names somebody else's form with its revision; `seen_by` whose narrower notes it holds."""

    id: str
    title: str
    about: str
    parts: tuple[Part, ...]
    language: str = "en"
    form: str = ""
    left_out: int = 0

    def fields(self) -> Iterator[Field]:
        for part in self.parts:
            yield from part.fields
            yield from part.lines
            for table in part.tables:
                for row in table.rows:
                    yield from row

    @property
    def missing(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields() if f.state == "missing")

    @property
    def to_check(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields() if f.state == "check")

    @property
    def entries(self) -> frozenset[UUID]:
        """Everything it was made from."""
        return frozenset(entry for field in self.fields() for entry in field.entries)

    @property
    def digest(self) -> str:
        """The fingerprint of what it says, without the drawings, which say the same again."""
        bare = msgspec.structs.replace(
            self, parts=tuple(msgspec.structs.replace(p, picture=None) for p in self.parts)
        )
        return hashlib.sha256(msgspec.json.encode(bare)).hexdigest()

    def said(self, label: str) -> str:
        """What the first field of this label says."""
        return next(f.text for f in self.fields() if f.label == label)


class NotNeeded(msgspec.Struct, frozen=True):
    """This session makes no such document, and why."""

    id: str
    why: str
