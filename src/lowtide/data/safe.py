"""The controlled-drug safe: products, witness policy, tolerances and deadlines, each with source and verified mark."""

from decimal import Decimal
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import own, read
from lowtide.data.own import Values

VOLUME = "mL"


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number of the safe; unverified means a default nobody has approved yet."""

    value: Decimal
    unit: str
    why: str
    verified: bool
    source: tuple[str, ...] = ()


class Witness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a step needs a second person's own sign-in."""

    needed: bool
    why: str


class LossReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the report of a theft or a loss asks for."""

    items: tuple[str, ...]
    source: tuple[str, ...]
    verified: bool


class Product(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One container as it is bought. The books count in `unit` (mL of a vial, or whole devices)."""

    id: str
    drug: str
    label: str
    form: Literal["vial", "bottle", "device", "tablet", "capsule", "lozenge", "film"]
    unit: str
    per_container: Decimal
    mg_per_unit: Decimal
    routes: tuple[str, ...]
    class_: str = msgspec.field(name="class")
    verified: bool
    source: tuple[str, ...] = ()
    rescue: bool = False

    @property
    def counted(self) -> bool:
        """Pieces are drawn as they are counted; of what has a volume a container is opened, and a rest stays in it."""
        return is_counted(self.unit)


def is_counted(unit: str) -> bool:
    """Whether the books count pieces of this unit, and no volume."""
    return unit != VOLUME


def pieces(unit: str, quantity: Decimal) -> str:
    """The unit as it stands after a quantity: 2 devices, 1 capsule, 4 mL."""
    return unit if quantity == 1 or not is_counted(unit) else f"{unit}s"


class Limits(msgspec.Struct, frozen=True):
    """The numbers by name, units in the names."""

    pump_share: Decimal
    pump_mg: Decimal
    count_every_h: int
    count_slack_ml: Decimal
    case_due_h: int
    loss_due_business_days: int
    inventory_every_days: int
    expiry_warning_days: int
    opened_vial_h: int
    in_hand_h: int
    beyond_order_refused: int
    undrawn_lot_refused: int


class Safe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    numbers: dict[str, Number]
    witness: dict[str, Witness]
    wasted: dict[str, str]
    methods: dict[str, str]
    lost: dict[str, str]
    destroyed: dict[str, str]
    found: dict[str, str]
    loss_report: LossReport
    product: tuple[Product, ...]


@cache
def safe() -> Safe:
    return read.toml("safe.toml", Safe)


@cache
def products() -> dict[str, Product]:
    """Every product by id, in the order of the file."""
    return {p.id: p for p in safe().product}


def numbers() -> dict[str, Number]:
    """Every number that the clinical lead answers for, with this clinic's own; whether a step has a witness is one of
    them (1 yes, 0 no)."""
    return _numbers(*own.of("safe"))


@cache
def _numbers(values: Values, settled: frozenset[str]) -> dict[str, Number]:
    table = safe()
    steps = {f"witness_{k}": Number(Decimal(w.needed), "", w.why, False) for k, w in table.witness.items()}
    found = own.changed(table.numbers | steps, tuple((f"{name}/value", value) for name, value in values))
    return {n: msgspec.structs.replace(x, verified=x.verified or n in settled) for n, x in found.items()}


def limits() -> Limits:
    """Tolerances, cadences and deadlines in force; hours and days are whole."""
    whole = {f.name for f in msgspec.structs.fields(Limits) if f.type is int}
    found = {name: numbers()[name].value for name in Limits.__struct_fields__}
    return msgspec.convert({n: int(v) if n in whole else v for n, v in found.items()}, Limits)


def witness_needed(verb: str) -> bool:
    """Whether a step needs a second person's own sign-in."""
    return bool(numbers()[f"witness_{verb}"].value)


def unanswered(*names: str) -> bool:
    """True when one of these is a default that nobody here answers for."""
    return not all(numbers()[name].verified for name in names)


def vessel(product: str) -> str:
    """What a container of a product is called: vial, bottle."""
    known = products().get(product)
    return known.form if known else "container"


def label(product: str) -> str:
    """What a product is called; one that is no longer in the table keeps its id."""
    known = products().get(product)
    return known.label if known else product
