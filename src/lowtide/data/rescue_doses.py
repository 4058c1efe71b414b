"""How much of a rescue medicine is usual at once, and how much never is: defaults until somebody answers for them."""

from decimal import Decimal
from functools import cache

import msgspec

from lowtide.data import own, read
from lowtide.data.own import Values


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`usual`: above it the dose is typed once more, with a reason; `never`: above it nothing is written. `settled` names
    those of the two that a clinic answers for."""

    medicine: str
    unit: str
    usual: Decimal
    never: Decimal
    routes: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    verified: bool = False
    settled: tuple[str, ...] = ()

    def is_settled(self, name: str) -> bool:
        return self.verified or name in self.settled


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    dose: dict[str, Bounds]


def bounds() -> dict[str, Bounds]:
    """Every pair of bounds by name, with this clinic's own numbers."""
    return _bounds(*own.of("rescue"))


def bounds_of(medicine: str, unit: str, route: str) -> Bounds | None:
    """Those of a medicine in a unit by a way in; None where the table knows none."""
    fitting = (b for b in bounds().values() if (b.medicine, b.unit) == (medicine, unit))
    return next((b for b in fitting if not b.routes or route in b.routes), None)


@cache
def _bounds(values: Values, settled: frozenset[str]) -> dict[str, Bounds]:
    found = own.changed(read.toml("rescue_doses.toml", _File).dose, values)
    return {name: msgspec.structs.replace(b, settled=_of(name, settled)) for name, b in found.items()}


def _of(name: str, settled: frozenset[str]) -> tuple[str, ...]:
    return tuple(key.partition("/")[2] for key in sorted(settled) if key.partition("/")[0] == name)
