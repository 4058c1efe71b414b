"""What every entry has: its envelope, its body's common behaviour, and the draft a caller hands to the store."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID, uuid4

import msgspec
from msgspec import field

from lowtide.data.programs import programs
from lowtide.problems import Problem
from lowtide.record.dates import is_partial_date


class Source(StrEnum):
    MANUAL = "manual"
    DEVICE = "device"
    IMPORT = "import"
    PATIENT = "patient"
    SYSTEM = "system"


class Answer(StrEnum):
    """Three-valued: unknown is not no."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", gc=False):
    """What an entry says. Subclasses carry `tag="name.version"`.

    Reading checks shape only. Writing also asks `problems()`, the plausibility of what is said. A body of an
    older version answers `upcast()` with the same statement in the newest version.
    """

    correctable: ClassVar[bool] = True

    @classmethod
    def kind_tag(cls) -> str:
        return str(cls.__struct_config__.tag)

    @classmethod
    def kind_name(cls) -> str:
        return cls.kind_tag().rpartition(".")[0]

    def problems(self) -> Iterator[Problem]:
        yield from ()

    def upcast(self) -> "Body":
        return self


class Unreadable(msgspec.Struct, frozen=True):
    """A body of a kind newer than this program: kept as it is; its stream is read-only here."""

    tag: str
    raw: bytes

    def kind_name(self) -> str:
        return self.tag.rpartition(".")[0]


class Redacted(msgspec.Struct, frozen=True):
    """A body that was removed by a redaction entry."""

    def kind_name(self) -> str:
        return "redacted"


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Who, when and where of an entry: the part that is hashed as it is and never removed.

    `at` is when it happened, `recorded_at` when the store committed it, `device_at` what the device's clock
    said. `by` names a person or part (`staff:<id>`, `patient:<id>`, `system:import`). `corrects` is the entry
    this one replaces, `origin` the one it was derived or moved from (`stream/id`). `visible_to` holds role
    names; empty means the care team. `clock` says what was odd about the clocks. `redacts` names the entry
    whose body a redaction removed.
    """

    id: UUID
    stream: str
    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    by: str
    source: Source
    previous: str
    body_digest: str
    device_at: datetime | None = None
    device: str | None = None
    counter: int = 0
    session: UUID | None = None
    corrects: UUID | None = None
    origin: str | None = None
    visible_to: tuple[str, ...] = ()
    clock: str | None = None
    redacts: UUID | None = None


class Entry(Envelope, frozen=True, kw_only=True, gc=False):
    """A stored entry: envelope, body and the reason given for it."""

    body: Any = None  # a Body, Unreadable or Redacted: decoded apart from the envelope
    reason: str | None = None
    hash: str = ""

    @property
    def order(self) -> tuple[datetime, int, UUID]:
        """The fold order: when it happened, then the device's counter, then the id. Never `seq`."""
        return (self.at, self.counter, self.id)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An entry to be written. The id is made where the fact arises, so that a retry is recognised.

    `queued` marks an entry made without a connection: it is never refused for its time. With `device_at` and
    `offset_s` (server minus device clock, as measured) the store works out `at` and marks the correction.
    """

    stream: str
    body: Body
    by: str
    at: datetime
    id: UUID = field(default_factory=uuid4)
    source: Source = Source.MANUAL
    device_at: datetime | None = None
    device: str | None = None
    counter: int = 0
    offset_s: int | None = None
    queued: bool = False
    odd: str | None = None
    session: UUID | None = None
    corrects: UUID | None = None
    origin: str | None = None
    reason: str | None = None
    visible_to: tuple[str, ...] = ()

    def correcting(self, entry: Envelope) -> Self:
        """This draft as a correction of `entry`, keeping its session and audience."""
        return msgspec.structs.replace(
            self, corrects=entry.id, session=entry.session, visible_to=entry.visible_to
        )

    def as_entry(self, seq: int = 0) -> "Entry":
        """What it would be once stored, without a chain: for trying a fold on it before anything is written."""
        return Entry(
            id=self.id,
            stream=self.stream,
            seq=seq,
            kind=self.body.kind_tag(),
            at=self.at,
            recorded_at=self.at,
            by=self.by,
            source=self.source,
            previous="",
            body_digest="",
            counter=self.counter,
            session=self.session,
            corrects=self.corrects,
            visible_to=self.visible_to,
            body=self.body,
            reason=self.reason,
        )


def date_problems(body: msgspec.Struct, *names: str) -> Iterator[Problem]:
    for name in names:
        value = getattr(body, name)
        if value and not is_partial_date(value):
            yield Problem(f"“{value}” is no date", name, "Write it as 2026-05-17, 2026-05 or 2026.")


def proof_problems(program: str, proof: str, where: str) -> Iterator[Problem]:
    """What certification and enrolment in a risk programme must say."""
    if program not in programs():
        yield Problem(f"“{program}” is no programme", "program", f"One of: {', '.join(programs())}.")
    if not proof.strip():
        yield Problem("the proof is missing", where, "Write the number of the certificate or the form.")


class Coding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A code in a code system, with the words that came with it."""

    system: str
    code: str
    display: str | None = None
