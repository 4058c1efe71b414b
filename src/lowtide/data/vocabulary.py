"""The words of the product: one table, looked up by any accepted spelling."""

import re
from functools import cache

import msgspec

from lowtide.data import read
from lowtide.problems import bad


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: str
    aliases: tuple[str, ...] = ()
    drug: str = ""
    analyte: str = ""


@cache
def words() -> dict[str, dict[str, Word]]:
    """list name -> word -> Word, in the order of the file."""
    return read.toml("vocabulary.toml", dict[str, dict[str, Word]])


def word(kind: str, given: str, where: str | None = None) -> str:
    """The one spelling of `given` in list `kind` (indication, product, drug, route, policy).

    Raises BadInput naming the choices when the word is unknown.
    """
    found = _spellings(kind).get(plain(given))
    if found is None:
        raise bad(f"unknown {kind} “{given}”", where or kind, f"Use one of: {', '.join(words()[kind])}.")
    return found


def label(kind: str, given: str) -> str:
    return words()[kind][given].label


def drug_of(product: str) -> str:
    """What a product is as a drug; never converted."""
    return words()["product"][product].drug


def plain(given: str) -> str:
    """Case, spaces, hyphens and underscores do not matter in a word."""
    return re.sub(r"[\s_\-]+", "", given.strip().lower())


@cache
def _spellings(kind: str) -> dict[str, str]:
    return {plain(s): name for name, w in words()[kind].items() for s in (name, *w.aliases)}
