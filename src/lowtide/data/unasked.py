"""Which problems are recognised as ones that no rule asks about, and which nobody recognises at all."""

import re
from collections.abc import Collection, Iterable
from functools import cache, lru_cache

import msgspec

from lowtide.data import codes, read
from lowtide.data.spellings import plain

FILE = "codes/unasked.toml"
CLAUSE = re.compile(r"[;\n]|\.\s|\bbut\b|,\s*(?:and )?with\b", re.IGNORECASE)
"""Where a new clause begins: a denial before it says nothing of it."""
LONGEST = 6
"""Words of the longest name that is looked for."""
SHORTEST_PLURAL = 4
"""Letters of a word whose last s may be an ending: IBS and PMS are no plurals."""


class Family(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Starts of codes; `but`: starts among them that are not meant."""

    label: str
    starts: tuple[str, ...]
    but: tuple[str, ...] = ()

    def holds(self, code: str) -> bool:
        return code.startswith(self.starts) and not code.startswith(self.but)


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: frozenset[str]
    beside: frozenset[str]
    denied_by: frozenset[str]
    of_others: tuple[str, ...]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sources: dict[str, codes.Source]
    icd10cm: tuple[Family, ...]
    snomed: dict[str, str]
    words: Words


def snomed_codes() -> frozenset[str]:
    """The SNOMED CT codes of conditions that no rule asks about."""
    return frozenset(_table().snomed)


def is_unasked(codings: Iterable[codes.Coding]) -> bool:
    """Whether a code says a condition that no rule asks about."""
    return any(_holds(codes.system_word(system), code) for system, code in codings)


@lru_cache(maxsize=4096)
def is_explained(text: str) -> bool:
    """Whether every word of a text belongs to a name that is known here or in the table of conditions."""
    if is_of_others(text):
        return True
    words, found, place = plain(text).split(), False, 0
    while place < len(words):
        name = _name_at(words, place)
        if not name and not _beside(words[place]):
            return False
        found, place = found or bool(name), place + max(name, 1)
    return found


def says_nothing(text: str) -> bool:
    """Whether a text holds only words that stand beside a name, such as “other”."""
    return all(_beside(word) for word in plain(text).split())


def affirmed(text: str) -> str:
    """Of each clause of a text the part before a word that says that what follows is not so, or not of the patient."""
    return " ; ".join(map(_before_denial, CLAUSE.split(text)))


def _before_denial(clause: str) -> str:
    words = plain(clause).split()
    ends = [place for place, word in enumerate(words) if word in _table().words.denied_by]
    return " ".join(words[: min(ends, default=len(words))])


def is_of_others(text: str) -> bool:
    """Whether a text tells of somebody else than the patient, and of nothing beside."""
    starts = plain(text).startswith(tuple(f"{start} " for start in _table().words.of_others))
    return starts and not set(text) & set(",;/.")


def _name_at(words: list[str], place: int) -> int:
    """How many words the name that begins here has; 0 where none does."""
    lengths = range(min(LONGEST, len(words) - place), 0, -1)
    return next((n for n in lengths if _is_name(words[place : place + n])), 0)


def _is_name(words: list[str]) -> bool:
    """A condition that rules ask about only as its table spells it: no other spelling of it is looked for there."""
    return " ".join(words) in _conditions() or " ".join(map(_single, words)) in _names()


def _single(word: str) -> str:
    """A word without the ending of the plural, or what looks like one: to compare by, not to read."""
    if len(word) < SHORTEST_PLURAL or word.endswith("ss"):
        return word
    return word.removesuffix("ies") + "y" if word.endswith("ies") else word.removesuffix("s")


def _beside(word: str) -> bool:
    return word.isdigit() or word in _table().words.beside or word in _table().words.denied_by


def _holds(system: str, code: str) -> bool:
    if system == "snomed":
        return code in _table().snomed
    bare = code.replace(".", "").upper()
    return system == "icd10cm" and any(family.holds(bare) for family in _table().icd10cm)


@cache
def _names() -> Collection[str]:
    return frozenset(" ".join(map(_single, plain(name).split())) for name in _table().words.names)


@cache
def _conditions() -> Collection[str]:
    return frozenset(plain(s) for key, c in codes.conditions().items() for s in (key, c.label, *c.also))


@cache
def _table() -> _Table:
    return read.toml(FILE, _Table)
