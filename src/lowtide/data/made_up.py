"""What a dose is made up into and with: the words of a label."""

from functools import cache

import msgspec

from lowtide.data import read


class MadeUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    containers: dict[str, str]
    diluents: dict[str, str]


@cache
def made_up() -> MadeUp:
    return read.toml("made_up.toml", MadeUp)
