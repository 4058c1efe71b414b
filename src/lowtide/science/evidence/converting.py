"""A score on one instrument read on another, as tables of equal scores were published: for the means of groups.

A table printed for a few scores says nothing of those between them; the nearest printed ones stand beside instead. Equal
scores read either way. Nothing is computed: the analyses bring scales together by their spread, never by these.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from lowtide.data.evidence import Conversion, Figure, Tables
from lowtide.data.evidence_words import scale


class Reading(msgspec.Struct, frozen=True):
    """`given` on the first instrument reads as `reads` on the second; `backwards` where it was printed the other way."""

    row: Conversion
    given: Figure
    reads: Figure
    backwards: bool


class Read(msgspec.Struct, frozen=True):
    """What one table of equal scores (`kind`) says of a score: printed for it, else the nearest below and above."""

    kind: str
    exact: tuple[Reading, ...]
    near: tuple[Reading, ...]


def known_pairs(tables: Tables, *, unverified: bool = False) -> tuple[tuple[str, str], ...]:
    """The instruments between which scores can be read, as they were printed."""
    its = (r for r in tables.conversions if (r.verified or unverified) and _numbers(r))
    return tuple(dict.fromkeys((r.from_instrument, r.to_instrument or "") for r in its))


def read(
    tables: Tables, one: str, value: float, two: str, *, unverified: bool = False
) -> tuple[tuple[Read, ...], tuple[Conversion, ...]]:
    """Each table on the two instruments; and what else was printed on them, which is no table."""
    rows = [r for r in tables.conversions if (r.verified or unverified) and _of(r, one, two)]
    kinds: dict[str, list[Reading]] = {}
    for row in rows:
        if reading := _reading(row, one):
            kinds.setdefault(row.kind, []).append(reading)
    found = tuple(_read(kind, its, value) for kind, its in kinds.items())
    return found, tuple(r for r in rows if not _numbers(r))


def _read(kind: str, its: Sequence[Reading], value: float) -> Read:
    exact = tuple(r for r in its if _low(r) <= value <= _high(r))
    return Read(kind, exact, () if exact else tuple(_nearest(its, value)))


def _nearest(its: Iterable[Reading], value: float) -> Iterator[Reading]:
    every = sorted(its, key=_low)
    yield from [r for r in every if _high(r) < value][-1:]
    yield from [r for r in every if _low(r) > value][:1]


def _reading(row: Conversion, one: str) -> Reading | None:
    if not _numbers(row) or row.from_value is None or row.to_value is None:
        return None
    if same(row.from_instrument, one):
        return Reading(row, row.from_value, row.to_value, False)
    return Reading(row, row.to_value, row.from_value, True)


def _of(row: Conversion, one: str, two: str) -> bool:
    first, second = row.from_instrument, row.to_instrument or ""
    return (same(first, one) and same(second, two)) or (same(first, two) and same(second, one))


def same(one: str, two: str) -> bool:
    """Whether two names are of one instrument."""
    return (scale(one) or one.casefold()) == (scale(two) or two.casefold())


def _numbers(row: Conversion) -> bool:
    return all(value and value.low is not None for value in (row.from_value, row.to_value))


def _low(of: Reading) -> float:
    return float(of.given.low or 0)


def _high(of: Reading) -> float:
    return float(of.given.high or 0)
