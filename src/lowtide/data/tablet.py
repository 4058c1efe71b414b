"""Shared tablets: how long a key holds, when the screen locks, how a PIN is guarded."""

from datetime import timedelta
from functools import cache

import msgspec

from lowtide.data import read


class Tablet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token_h: int
    queue_days: int
    lock_after_s: int
    pin_digits: int
    pin_tries: int
    pin_idle_s: int

    @property
    def token_holds(self) -> timedelta:
        return timedelta(hours=self.token_h)

    @property
    def queue_waits(self) -> timedelta:
        return timedelta(days=self.queue_days)


@cache
def tablet() -> Tablet:
    return read.toml("tablet.toml", Tablet)
