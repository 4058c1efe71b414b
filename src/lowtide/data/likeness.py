"""How alike two charts must be before Lowtide asks whether they are one person."""

from functools import cache

import msgspec

from lowtide.data import read


class Likeness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    close_birth_days: int
    shared_given_letters: int
    shared_phone_digits: int
    source: str
    verified: bool


@cache
def likeness() -> Likeness:
    return read.toml("likeness.toml", Likeness)
