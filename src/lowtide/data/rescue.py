"""Medicines given beside the ordered dose because something has to be treated: by order, never proposed with a dose."""

from decimal import Decimal
from functools import cache

import msgspec

from lowtide.data import read


class Against(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class of medicine that speaks against it when it is taken, and how."""

    class_: str = msgspec.field(name="class")
    text: str


class Most(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The most that a source allowed by some ways in; more is said, never refused."""

    value: Decimal
    unit: str
    routes: tuple[str, ...]
    text: str
    source: tuple[str, ...]
    verified: bool


class RescueMedicine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`drug` is the safe's word for a controlled one; `why` are events that it is given for."""

    label: str
    units: tuple[str, ...]
    routes: tuple[str, ...]
    source: tuple[str, ...]
    verified: bool
    drug: str = ""
    why: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    interactions: tuple[str, ...] = ()
    against: tuple[Against, ...] = ()
    most: Most | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    units: tuple[str, ...]
    routes: dict[str, str]
    medicine: dict[str, RescueMedicine]


@cache
def _file() -> _File:
    return read.toml("rescue.toml", _File)


def medicines() -> dict[str, RescueMedicine]:
    return _file().medicine


def routes() -> dict[str, str]:
    return _file().routes


def units() -> tuple[str, ...]:
    return _file().units


def name(key: str, written: str | None) -> str:
    """What it is called on a line."""
    known = medicines().get(key)
    return written or (known.label if known else key)
