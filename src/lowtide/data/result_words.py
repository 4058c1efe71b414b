"""How a result that came in words is read: what speaks for trouble, what against it, and what nobody can tell."""

import re
from functools import cache, lru_cache
from typing import Literal

import msgspec

from lowtide.data import read

Says = Literal["bad", "fine", ""]
ALL = "*"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`result_words.toml` explains the fields."""

    version: str
    verified: bool
    void: tuple[str, ...]
    phrases: tuple[str, ...]
    bad: tuple[str, ...]
    fine: tuple[str, ...]
    looked_for: dict[str, tuple[str, ...]]


def says(text: str) -> Says:
    """What the whole text says: bad once any part is, fine only if every part is."""
    return _together([_of(part) for part in _parts(text)])


def finds(test: str, text: str) -> Says:
    """What it says of what the test is made for; nothing where it names none of it."""
    terms = _file().looked_for.get(test, ())
    return _together([_of(part) for part in _parts(text) if ALL in terms or _stands(terms, part)])


def _together(found: list[Says]) -> Says:
    if "bad" in found:
        return "bad"
    return "fine" if found and set(found) == {"fine"} else ""


def _parts(text: str) -> list[str]:
    parts = (" ".join(one.lower().split()) for one in re.split(r"[,;\n]|\.(?!\d)", text))
    return [one for one in parts if one]


@lru_cache(maxsize=4096)
def _of(part: str) -> Says:
    if _stands(_file().void, part):
        return ""
    plain = part
    for phrase in _file().phrases:
        plain = _pattern(phrase).sub(" ", plain)
    bad, fine = _stands(_file().bad, plain), plain != part or _stands(_file().fine, plain)
    return "" if bad == fine else "bad" if bad else "fine"


def _stands(words: tuple[str, ...], part: str) -> bool:
    return any(_pattern(word).search(part) for word in words)


@cache
def _pattern(word: str) -> re.Pattern[str]:
    before = r"(?<![\d+])" if word.startswith("+") else r"(?<![\w+-])"
    after = r"(?![\w+])" if word.endswith("+") else r"(?!\w)"
    return re.compile(f"{before}{re.escape(word)}{after}")


@cache
def _file() -> _File:
    return read.toml("result_words.toml", _File)
