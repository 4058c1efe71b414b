"""How side effects are shown: which are drawn first, and in which rows one reaction was asked in different ways."""

from functools import cache

import msgspec

from lowtide.data import read

FILE = "evidence/harms.toml"


class How(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way of asking; `read` where it stands in the rows or in their source."""

    label: str
    read: bool


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A row of the rates of reactions: how it was asked, of which product by which route (empty: any), on whose pages."""

    key: str
    how: str
    product: str
    route: str = ""
    indications: tuple[str, ...] = ()


class Reaction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`terms` are its names in the table of trials."""

    label: str
    terms: tuple[str, ...] = ()
    row: tuple[Shown, ...]


class Harms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many are `drawn`: the serious first, then the largest excess; what is watched for always."""

    version: str
    drawn: int
    serious: tuple[str, ...]
    watched: tuple[str, ...]
    how: dict[str, How]
    reaction: tuple[Reaction, ...]

    def __post_init__(self) -> None:
        unknown = {row.how for one in self.reaction for row in one.row} - set(self.how)
        if unknown:
            raise ValueError(f"how is not known: {', '.join(sorted(unknown))}")

    def is_serious(self, event: str) -> bool:
        return _holds(self.serious, event)

    def is_watched(self, event: str) -> bool:
        return _holds(self.watched, event)


def _holds(words: tuple[str, ...], event: str) -> bool:
    return any(word in event.casefold() for word in words)


@cache
def harms() -> Harms:
    return read.toml(FILE, Harms)
