"""What it takes to come to know an item of the intake: the order in which a page asks for what is missing."""

from functools import cache

import msgspec

from lowtide.data import read


class Effort(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to come to know something: what to do, what several of it are called, how long it takes."""

    verb: str
    many: str
    words: str
    items: tuple[str, ...]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    effort: dict[str, Effort]


@cache
def efforts() -> dict[str, Effort]:
    """Name -> Effort, the cheapest first."""
    return read.toml("effort.toml", _Table).effort


def effort_of(item: str) -> Effort:
    """What it takes to know this item: a question, unless the table says otherwise."""
    return next((e for e in efforts().values() if item in e.items), efforts()["ask"])
