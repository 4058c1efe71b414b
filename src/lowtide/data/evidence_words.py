"""The words of the table of trials: indications, populations, windows, outcomes, and what a column may hold."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from lowtide.data import read, vocabulary
from lowtide.problems import bad


class Indication(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"excepted": "except"}):
    label: str
    conditions: tuple[str, ...]
    domains: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()

    def reads(self, condition: str) -> bool:
        """Whether a study on this condition speaks of the indication."""
        return _stands(self.conditions, condition) and not _stands(self.excepted, condition)


class Population(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    label: str
    words: tuple[str, ...]


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days after the first treatment: `from_days` and `to_days` are inside."""

    days: float
    from_days: float
    to_days: float
    aliases: tuple[str, ...] = ()

    def holds(self, days: float | None) -> bool:
        return days is not None and self.from_days <= days <= self.to_days


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An outcome: metrics of arms, metrics of published contrasts, its measure, and whether more or less is better."""

    label: str
    metrics: tuple[str, ...]
    measure: str
    good: str
    contrasts: tuple[str, ...] = ()


class Effects(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ratio: tuple[str, ...]
    between: tuple[str, ...]
    words: tuple[str, ...]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    indication: dict[str, Indication]
    population: tuple[Population, ...]
    window: dict[str, Window]
    outcome: dict[str, Kind]
    allowed: dict[str, tuple[str, ...]]
    effect: Effects


@cache
def words() -> Words:
    return read.toml("evidence/words.toml", Words)


def indication(given: str) -> str:
    """The one name of an indication. Raises BadInput with the known ones."""
    return _named(given, words().indication, "indication")


def window(given: str) -> str:
    return _named(given, words().window, "at")


def indications_of(condition: str) -> tuple[str, ...]:
    return tuple(name for name, one in words().indication.items() if one.reads(condition))


def population_of(condition: str) -> Population:
    """Whom a study was on, as far as resistance goes."""
    return next(p for p in words().population if not p.words or _stands(p.words, condition))


def _named(given: str, known: Mapping[str, Any], where: str) -> str:
    spellings = {vocabulary.plain(s): name for name, one in known.items() for s in (name, *one.aliases)}
    found = spellings.get(vocabulary.plain(given))
    if found is None:
        raise bad(f"“{given}” is not known", where, f"Use one of: {', '.join(known)}.")
    return found


def _stands(sought: tuple[str, ...], told: str) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", told, re.IGNORECASE) for word in sought)
