"""Early signs that a course will not answer, with how often they are right."""

from functools import cache

import msgspec

from lowtide.data import read


class Signal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`early_signals.toml` explains the fields."""

    id: str
    title: str
    after_h: tuple[float, float]
    sessions: int
    fall_below: float
    outcome: str
    conditions: tuple[str, ...]
    source: str
    doi: str
    verified: bool
    note: str
    sensitivity: float | None = None
    specificity: float | None = None
    n: int | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    signal: tuple[Signal, ...]


@cache
def early_signals(condition: str) -> tuple[Signal, ...]:
    """Those that were counted in this condition."""
    every = read.toml("pharmacology/early_signals.toml", _File).signal
    return tuple(one for one in every if condition in one.conditions)
