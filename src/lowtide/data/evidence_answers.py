"""The answers as they were last printed, and which of them moved at each printing: kept beside the tables."""

from functools import cache

import msgspec

from lowtide.data import read

ANSWERS, CHANGES = "evidence/answers.json", "evidence/changes.json"


class Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer, rounded, with the names of the rows that it rests on."""

    measure: str
    effect: float
    lower: float
    upper: float
    certainty: str
    studies: tuple[str, ...]
    rows: tuple[str, ...]
    of_100: tuple[float, float] | None = None


class Spoken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer by name: people of 100 of both, the effect with its limits, a value of both, the trials; None unknown."""

    measure: str
    figures: tuple[float | None, ...]
    certainty: str
    rows: tuple[str, ...]


class Decided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The verdict on a claim, in words, with the conditions that gave it and the rows behind its answers."""

    verdict: str
    by: tuple[str, ...]
    rows: tuple[str, ...]


class Printed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`rows` are fingerprints by name, `answers` what they gave, by question and treatments, `named` answers by name,
    `claims` the verdicts, `lasting` how fast a response was lost.
    """

    data: str
    rows: dict[str, str]
    answers: dict[str, Stored]
    named: dict[str, Spoken] = {}
    claims: dict[str, Decided] = {}
    lasting: dict[str, Spoken] = {}


class Moved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer that is new, gone or another; and why: the rows that came, changed or went."""

    answer: str
    before: str | None
    after: str | None
    why: tuple[str, ...]


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One printing at which answers moved; `data` is what they rest on since."""

    date: str
    data: str
    moved: tuple[Moved, ...]


@cache
def last() -> Printed:
    """The answers as they were last printed."""
    return msgspec.json.decode(read.text(ANSWERS), type=Printed)


@cache
def changes() -> tuple[Change, ...]:
    """Every printing, the newest first."""
    return msgspec.json.decode(read.text(CHANGES), type=tuple[Change, ...])
