"""The walk through the numbers that nobody answers for yet: its steps, and what a signature says."""

from functools import cache

import msgspec

from lowtide.data import read


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step: rule tables, or other kinds of rows; `phases` narrow the monitoring items."""

    id: str
    title: str
    about: str
    tables: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the signature under each choice says."""

    accept: str
    change: str
    postpone: str
    risk: str


class _Plausible(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    factor: float


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    meaning: Meaning
    plausible: _Plausible
    factors: dict[str, float]
    range: dict[str, tuple[float, float]]
    places: dict[str, str]
    units: dict[str, str]
    called: dict[str, str]
    steps: tuple[Step, ...]


def steps() -> tuple[Step, ...]:
    return _file().steps


def meaning() -> Meaning:
    return _file().meaning


def called(name: str) -> str:
    """What a number is called, with its value to follow."""
    return _file().called.get(name, name.replace("_", " "))


def place(name: str) -> str:
    """What a number is called beside the others of its row."""
    return _file().places.get(name, name.replace("_", " "))


def unit(name: str) -> str:
    """The unit that a number's name ends in; empty for a count."""
    units = _file().units
    ends = sorted((end for end in units if name == end or name.endswith(end)), key=len)
    return units[ends[-1]] if ends else ""


def plausible(name: str, known: tuple[float, ...]) -> tuple[float, float]:
    """(lowest, highest) own value of a number; `known` are the values that sources and policies give it."""
    factor = _file().factors.get(name, _file().plausible.factor)
    return _file().range.get(name) or (min(known) / factor, max(known) * factor)


@cache
def _file() -> _File:
    return read.toml("approving.toml", _File)
