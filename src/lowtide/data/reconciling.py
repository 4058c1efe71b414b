"""The numbers of reconciling medicines: when it has grown old, how much is shown, how exposure is compared."""

from functools import cache

import msgspec

from lowtide.data import read


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: float
    meaning: str
    source: str
    verified: bool


class Reconciling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    stale_after_days: Setting
    shown_matches: Setting
    shown_guesses: Setting
    members: Setting
    infusion_mg_per_kg: Setting
    infusion_min: Setting
    weight_kg: Setting
    followed_h: Setting
    flat: Setting


@cache
def reconciling() -> Reconciling:
    return read.toml("reconciling.toml", Reconciling)
