"""How names of medicines are spelled: accents, endings of other languages, what stands beside a name, near misses.

A near miss is only ever a question. Two names that differ by a letter can be two medicines.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

import msgspec

from lowtide.data import read

FILE = "codes/spellings.toml"
SIGNS = str.maketrans(dict.fromkeys("®™©'’‘`"))
GLUED = re.compile(r"([a-z]{4,})(?=\d)")


class Ending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    of: str
    others: tuple[str, ...]


class Close(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    letters: int
    wrong: int


class Alike(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: tuple[str, ...]


class Spellings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table; its file explains the fields."""

    verified: bool
    note: str
    beside: frozenset[str]
    ending: tuple[Ending, ...]
    close: tuple[Close, ...]
    alike: tuple[Alike, ...]


@cache
def spellings() -> Spellings:
    return read.toml(FILE, Spellings)


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Small letters and digits with a space between words: no accents, no signs, no strength glued to a name."""
    decomposed = unicodedata.normalize("NFKD", text.translate(SIGNS).lower())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", GLUED.sub(r"\1 ", bare)))


def endings(name: str) -> Iterator[str]:
    """The name as other languages end it."""
    found = next((e for e in spellings().ending if name.endswith(e.of)), None)
    if found and " " not in name:
        yield from (name.removesuffix(found.of) + other for other in found.others)


def words(text: str) -> list[str]:
    """The words of a text that may be a name: no strengths, salts or forms."""
    return [w for w in plain(text).split() if w.isalpha() and w not in spellings().beside]


def near(one: str, other: str) -> int | None:
    """How many letters are wrong, if few enough of so long a word to ask; None else."""
    allowed = max((c.wrong for c in spellings().close if min(len(one), len(other)) >= c.letters), default=0)
    if abs(len(one) - len(other)) > allowed:
        return None
    wrong = _wrong(one, other)
    return wrong if wrong <= allowed else None


def alike(name: str) -> tuple[str, ...]:
    """The medicines that this one is mistaken for."""
    groups = (group.names for group in spellings().alike if name in group.names)
    return tuple(dict.fromkeys(other for names in groups for other in names if other != name))


def _wrong(one: str, other: str) -> int:
    """Letters left out, added or changed, and neighbours swapped, between two words."""
    before, row = list[int](), list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
    return row[-1]
