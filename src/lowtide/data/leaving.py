"""What is said to somebody who leaves against advice, and how it is put down."""

from functools import cache

import msgspec

from lowtide.data import read


class Leaving(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`risks` that are told, `signature` how it was signed; word by key."""

    version: str
    verified: bool
    risks: dict[str, str]
    signature: dict[str, str]


@cache
def leaving() -> Leaving:
    return read.toml("leaving.toml", Leaving)
