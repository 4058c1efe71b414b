"""How tablets work without a network: limits of what they keep and send."""

from functools import cache

import msgspec

from lowtide.data import read


class Offline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The numbers of offline.toml, units in their names."""

    version: str
    entries_at_once: int
    send_at_most_kb: int
    keep_snapshot_h: int
    clock_off_after_s: int


@cache
def offline() -> Offline:
    return read.toml("offline.toml", Offline)
