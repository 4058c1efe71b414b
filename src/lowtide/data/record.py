"""The record's own settings: how far clocks may differ before that is said."""

from functools import cache

import msgspec

from lowtide.data import read


class Clocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    future_tolerance_s: int
    device_offset_marked_s: int
    written_late_after_s: int


@cache
def clocks() -> Clocks:
    return read.toml("record.toml", Clocks)
