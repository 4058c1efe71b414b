"""The limits that a search asks about, as people write them: “sbp_mmhg>180”, “venous ketamine_ng_ml>250”."""

import re

import msgspec
import numpy as np

from lowtide.problems import bad
from lowtide.science.pharmacology.ensemble import ANALYTES
from lowtide.science.pharmacology.structure import Array

PRESSURES = {"sbp_mmhg": "sbp_rise_mmhg", "dbp_mmhg": "dbp_rise_mmhg"}
EFFECTS = {
    "cadss": (0.0, 92.0),
    "high": (0.0, 10.0),
    "sbp_rise_mmhg": (0.0, 200.0),
    "dbp_rise_mmhg": (0.0, 150.0),
    "sedation": (0.0, 1.0),
    "nmda_occupancy": (0.0, 1.0),
}
BELIEVED = {"sbp_mmhg": (50.0, 280.0), "dbp_mmhg": (20.0, 180.0), **EFFECTS}
LEVELS = tuple(f"{name}_ng_ml" for name in ANALYTES)
SITES = ("venous", "arterial")
WRITTEN = re.compile(
    r"\s*(?:(arterial|venous)[ _])?([a-z][a-z0-9_]*?)\s*(>=|>)\s*([0-9]+(?:\.[0-9]+)?)\s*",
    re.IGNORECASE | re.ASCII,
)


class Limit(msgspec.Struct, frozen=True):
    """One quantity that is not to pass a value in its own unit; `site` only for levels in blood."""

    quantity: str
    value: float
    site: str | None = None
    reaches: bool = False

    @property
    def effect(self) -> str | None:
        """The effect it rests on; None for a level."""
        return None if self.site else PRESSURES.get(self.quantity, self.quantity)

    def __str__(self) -> str:
        sign = ">=" if self.reaches else ">"
        return f"{self.site + ' ' if self.site else ''}{self.quantity}{sign}{self.value:g}"

    def crossed(self, values: Array) -> Array:
        """Whether each value is over the limit."""
        return np.asarray(values >= self.value if self.reaches else values > self.value)


def limit(text: str, where: str = "--limit") -> Limit:
    """The limit that this text states. Raises BadInput for another quantity, sign or a value off its scale."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise bad(f"cannot read “{text}”", where, "Write it like “sbp_mmhg>180”, with > or >=.")
    site, name, sign, value = found[1], found[2].lower(), found[3], float(found[4])
    if name in LEVELS:
        return Limit(name, value, (site or SITES[0]).lower(), sign == ">=")
    if site or name not in BELIEVED:
        known = ", ".join((*BELIEVED, *LEVELS))
        raise bad(
            f"“{text}” names no quantity that is predicted",
            where,
            f"Use one of: {known} (with venous or arterial).",
        )
    low, high = BELIEVED[name]
    if not low <= value < high:
        raise bad(
            f"{name} of {value:g} is off its scale", where, f"Give a value from {low:g} to below {high:g}."
        )
    return Limit(name, value, None, sign == ">=")
