"""What says that a session was borne well, and which readings that must be known for it."""

from decimal import Decimal
from functools import cache

import msgspec

from lowtide.data import read


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rating from which on a session was not borne well; a default without a source."""

    value: str
    at_least: Decimal
    why: str


class Bearing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`rules` are monitoring items whose triggers count; of `lowest` the smallest reading is the worst, of every
    other the largest; without the `needed` readings nothing is judged. `labels` hold name and unit."""

    version: str
    rules: tuple[str, ...]
    lowest: tuple[str, ...]
    needed: tuple[str, ...]
    labels: dict[str, tuple[str, str]]
    limits: tuple[Limit, ...]


@cache
def bearing() -> Bearing:
    return read.toml("titration.toml", Bearing)
