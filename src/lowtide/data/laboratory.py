"""When a typed laboratory value is looked at twice: limits of belief, and when it contradicts what it was called."""

from decimal import Decimal
from functools import cache

import msgspec

from lowtide.data import read


class Believed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Inclusive limits of what is believed at first sight, and what to look for outside them."""

    low: Decimal
    high: Decimal
    mend: str
    source: tuple[str, ...]
    verified: bool


class InRange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to how many times an assumed upper limit a value may be called in range without a second look."""

    times: Decimal
    source: tuple[str, ...]
    verified: bool
    note: str = ""


class Laboratory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    in_range: InRange
    value: dict[str, Believed]


@cache
def laboratory() -> Laboratory:
    return read.toml("laboratory.toml", Laboratory)
