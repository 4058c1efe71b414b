"""What says that a session was borne well, and which readings that must be known for it."""

from decimal import Decimal
from functools import cache

import msgspec

from lowtide.data import own, read
from lowtide.data.own import Values


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rating from which on a session was not borne well; a default without a source."""

    value: str
    at_least: Decimal
    why: str
    verified: bool = False


class Bearing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`rules` are monitoring items whose triggers count; of `lowest` the smallest reading is the worst, of every
    other the largest; without the `needed` readings nothing is judged. `labels` hold name and unit."""

    version: str
    rules: tuple[str, ...]
    lowest: tuple[str, ...]
    needed: tuple[str, ...]
    labels: dict[str, tuple[str, str]]
    limits: tuple[Limit, ...]


def bearing() -> Bearing:
    """The table with this clinic's own limits."""
    return _bearing(*own.of("tolerability"))


@cache
def _bearing(values: Values, settled: frozenset[str]) -> Bearing:
    file = read.toml("titration.toml", Bearing)
    rows = {limit.value: limit for limit in file.limits}
    found = own.changed(rows, tuple((f"{name}/at_least", value) for name, value in values))
    limits = (msgspec.structs.replace(x, verified=x.verified or n in settled) for n, x in found.items())
    return msgspec.structs.replace(file, limits=tuple(limits))
