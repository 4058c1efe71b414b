"""How the forecast beside an order is made and shown."""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache

import msgspec

from lowtide.data import read


class PanelWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Quantities of one scale: their unit as shown, `times` what they are computed in, and the least the scale holds."""

    quantities: tuple[str, ...]
    unit: str
    times: float = 1.0
    high: float = 0.0


class Compare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How neighbouring doses are shown beside the protocol's."""

    fractions: tuple[Decimal, ...]
    limits: tuple[str, ...]
    panels: tuple[str, ...]
    until_min: float
    people: int
    worlds: int


class Heard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rating at the chair that is taken for an effect of the models; `seen` says on whose word."""

    kind: str
    seen: str
    meaning: str
    verified: bool = False


class AtTheChair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The band that is drawn while a session runs; `forecast.toml` explains the fields."""

    members: int
    rest_steps: int
    step_min: int
    steps_after: int
    ahead_min: int
    apart_min: int
    rest_within_min: int
    least_people: int
    heard: dict[str, Heard]


class ForecastNumbers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`forecast.toml` explains the fields; times in hours."""

    members: int
    seed: int
    site: str
    follow_h: float
    after_course_d: float
    sedating: tuple[str, ...]
    exposure: tuple[str, ...]
    first: tuple[str, ...]
    compare: Compare
    chair: AtTheChair
    panel: dict[str, PanelWords]
    label: dict[str, str]
    short: dict[str, str]
    leaving_caveat: str
    label_of_drug: dict[str, dict[str, str]]

    def name(self, quantity: str, drugs: Iterable[str]) -> str:
        """What a quantity is called beside its number; after one drug alone in that drug's words."""
        only = set(drugs)
        own = self.label_of_drug.get(only.pop(), {}) if len(only) == 1 else {}
        return {**self.label, **own}[quantity]

    def limit(self, quantity: str, value: float, *, reached: bool) -> str:
        """What is not to be passed, in a few words; `reached` if the value itself counts."""
        return f"{self.short.get(quantity, quantity)} {'≥' if reached else '>'} {value:g}"

    def words(self, quantity: str) -> PanelWords:
        """The panel a quantity is drawn in."""
        return next(panel for panel in self.panel.values() if quantity in panel.quantities)


FILE = "pharmacology/forecast.toml"


@cache
def version() -> str:
    """A fingerprint of how forecasts are made; what they stand on has its own."""
    return read.digest(FILE)


@cache
def numbers() -> ForecastNumbers:
    return read.toml(FILE, ForecastNumbers)
