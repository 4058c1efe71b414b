"""What can be changed about a person before treatment, and what that takes: the cheapest first."""

from functools import cache

import msgspec

from lowtide.data import read


class Mend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of step: what to do, how long it takes, the items whose value it changes.

    `excluded`: whether it is also offered against a finding that excludes.
    """

    verb: str
    words: str
    items: tuple[str, ...]
    excluded: bool = True


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mend: dict[str, Mend]


@cache
def mends() -> tuple[Mend, ...]:
    return tuple(read.toml("mending.toml", _File).mend.values())
