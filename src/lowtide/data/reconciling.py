"""The numbers of reconciling medicines: when it has grown old, how much is shown, how exposure is compared."""

from functools import cache

import msgspec

from lowtide.data import own, read
from lowtide.data.own import Values


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


def reconciling() -> Reconciling:
    """The table with this clinic's own numbers."""
    return _reconciling(*own.of("reconciling"))


@cache
def _reconciling(values: Values, settled: frozenset[str]) -> Reconciling:
    file = {"table": read.toml("reconciling.toml", Reconciling)}
    found = own.changed(file, tuple((f"table/{name}/value", value) for name, value in values))["table"]
    marked = {
        n: msgspec.structs.replace(getattr(found, n), verified=True) for n in settled if hasattr(found, n)
    }
    return msgspec.structs.replace(found, **marked)
