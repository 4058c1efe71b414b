"""How a dose of a route gets into the patient: what is made ready, what is read off it, what one tap writes."""

from decimal import Decimal
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import read

DEVICE = "device"


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a second person reads where, in which unit. `volume` marks a level on a scale, which is never read exactly.

    `per_unit`: the unit is mg for one unit of the order; `unit_of_order`: it is counted in them.
    """

    name: str
    label: str
    unit: str
    kind: Literal["amount", "volume", "expiry", "text"] = "amount"
    per_unit: bool = False
    unit_of_order: bool = False

    @property
    def counts(self) -> bool:
        return self.kind in ("amount", "volume")


class Way(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way of giving. `check` names the policy number that asks for a second person's look; `containers` are what it may
    be drawn up into, each with a label."""

    form: Literal["infusion", "injection", "device", "portion"]
    routes: tuple[str, ...]
    label: str
    made_ready: str
    labelled: str
    check: str
    check_drug: str
    check_typed: str
    event: str
    figures: tuple[Figure, ...]
    products: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    events: dict[str, str] = {}
    sites: dict[str, tuple[str, ...]] = {}
    site_max: dict[str, str] = {}
    dose_max: dict[str, str] = {}
    containers: tuple[str, ...] = ()
    begins: str = "give"
    begun: str = "given"

    def said(self, route: str, number: int = 1) -> str:
        """What one tap writes, in words: Device 2 given."""
        return self.events.get(route, self.event).format(number=number)


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is counted out: a device, a capsule, a mL of a solution; `step` is the smallest part that is given."""

    id: str
    label: str
    routes: tuple[str, ...]
    unit: str
    units: str
    step: Decimal
    products: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()

    def counted(self, count: Decimal) -> str:
        return self.unit if count == 1 else self.units


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    ways: tuple[Way, ...]
    preparations: tuple[Made, ...]


def way(product: str | None, route: str | None) -> Way:
    """How this product is given by this route; a route that is not known yet is taken for an infusion."""
    fitting = (w for w in _file().ways if route in w.routes and (not w.products or product in w.products))
    return next(fitting, _file().ways[0])


def drawn_into(product: str | None, route: str | None, given_as: str | None) -> tuple[str, ...]:
    """What it may be drawn up into, a label on each; nothing where it is counted out."""
    counted = made().get(given_as or "")
    return counted.containers if counted else way(product, route).containers


def by_form(form: str) -> Way | None:
    """The way of this form, as an entry names it."""
    return next((w for w in _file().ways if w.form == form), None)


def figure_labels() -> dict[str, str]:
    """What each figure that a second person reads is called."""
    return {f.name: f.label for w in reversed(_file().ways) for f in w.figures}


@cache
def made() -> dict[str, Made]:
    """Everything that is counted out, by id."""
    return {one.id: one for one in _file().preparations}


def made_for(product: str, route: str) -> tuple[Made, ...]:
    """What this product comes as by this route; what is made for the product alone shuts the others out."""
    fitting = [m for m in made().values() if route in m.routes]
    own = tuple(m for m in fitting if product in m.products)
    return own or tuple(m for m in fitting if not m.products)


@cache
def _file() -> _File:
    return read.toml("giving.toml", _File)
