"""A signed order in words, by the way it is given (pure)."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from lowtide.data.giving import made
from lowtide.record.entries.care import OrderSigned
from lowtide.science.units import plain


class Pump(msgspec.Struct, frozen=True):
    """What is set on the pump for an infusion."""

    rate_ml_per_h: Decimal
    final_volume_ml: Decimal

    def mg_per_ml(self, dose_mg: Decimal) -> Decimal:
        return dose_mg / self.final_volume_ml


def pump(order: OrderSigned) -> Pump | None:
    """None for an order that no pump gives."""
    if order.rate_ml_per_h is None or order.final_volume_ml is None:
        return None
    return Pump(order.rate_ml_per_h, order.final_volume_ml)


def in_short(order: OrderSigned) -> str:
    """How the dose is given: at 75 mL/h, 50 mL; 2 devices of 28 mg; 0.73 mL of 50 mg/mL."""
    if by_pump := pump(order):
        return f"{plain(by_pump.rate_ml_per_h)} mL/h, {plain(by_pump.final_volume_ml)} mL"
    if order.count is not None and order.each_mg is not None:
        return f"{counted(order)} of {plain(order.each_mg)} {per(order)}"
    if order.vial_volume_ml is not None and order.vial_mg_per_ml is not None:
        return f"{plain(order.vial_volume_ml)} mL of {plain(order.vial_mg_per_ml)} mg/mL"
    return ""


def counted(order: OrderSigned) -> str:
    """2 devices."""
    if order.count is None:
        return ""
    known = made().get(order.given_as or "")
    unit = known.counted(order.count) if known else order.unit or ""
    return f"{plain(order.count)} {unit}".strip()


def per(order: OrderSigned) -> str:
    """The unit of a strength: mg of one capsule, mg/mL of a solution."""
    return "mg/mL" if order.unit == "mL" else "mg"


def facts(order: OrderSigned) -> Iterator[tuple[str, str, str]]:
    """The figures that apply, as (what, number, unit)."""
    yield "Dose", plain(order.dose_mg), "mg"
    rows = (
        ("Rate", order.rate_ml_per_h, "mL/h"),
        ("Volume", order.final_volume_ml, "mL"),
        ("Over", order.duration_min, "min"),
        ("Weight", order.weight_kg, "kg"),
    )
    yield from ((what, plain(value), unit) for what, value, unit in rows if value is not None)
    if order.vial_volume_ml is not None and order.vial_mg_per_ml is not None:
        yield "Draw", plain(order.vial_volume_ml), f"mL of {plain(order.vial_mg_per_ml)} mg/mL"
    if order.count is not None and order.each_mg is not None:
        unit = counted(order).partition(" ")[2]
        yield "Count", plain(order.count), f"{unit} of {plain(order.each_mg)} {per(order)}"
    if order.apart_min is not None and order.count and order.count > 1:
        yield "Apart", plain(order.apart_min), "min at least"
