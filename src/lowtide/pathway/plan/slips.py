"""Slips of the unit: mg taken for mg/kg or the reverse, per hour for in all (hazard H003, pure).

A dose is held against a ceiling and a floor by weight. An infusion of several hours is held against them by the hour:
what is too much at once is not too much over days.
"""

from decimal import Decimal

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.data.giving import way
from lowtide.pathway.plan.order import Order, ordered_mg, shown
from lowtide.problems import bad
from lowtide.science.units import plain


class Slip(msgspec.Struct, frozen=True):
    """A dose that is more likely a slip than meant: how much it is, and the policy number it breaks."""

    number: str
    text: str
    mend: str


RESTS_ON = {
    "review_mg_per_kg": ("review_mg_per_kg", "long_infusion_min_h"),
    "review_mg_per_kg_per_h": ("review_mg_per_kg_per_h", "long_infusion_min_h", "session_max_h"),
    **{name: (name,) for name in way(None, "po").dose_max.values()},
    "review_low_mg_per_kg": ("review_low_mg_per_kg",),
    "review_low_mg_per_kg_per_h": ("review_low_mg_per_kg_per_h",),
    "long_infusion": ("long_infusion_min_h", "review_mg_per_kg_per_h"),
}
"""A slip, or the note on a long infusion -> the policy numbers it rests on."""

HIGH, LOW = "Check mg against mg/kg; a dose this high is not prepared here.", "Check mg/kg against mg."


def high(order: Order, limits: Dosing) -> Slip | None:
    """The ceiling that is broken, if one is: in all, or by the hour of a long infusion."""
    per_kg = ordered_mg(order, limits) / order.weight_kg
    if not is_long(order, limits):
        most = limits.review_mg_per_kg
        return _slip("review_mg_per_kg", per_kg, "above", most, "mg/kg", HIGH) if per_kg > most else None
    hours = order.minutes / 60
    credited = hours if order.dose.per_h else min(hours, limits.session_max_h)
    hourly, most = per_kg / credited, limits.review_mg_per_kg_per_h
    if hourly <= most:
        return None
    mend = HIGH.replace("mg against mg/kg", "mg against mg/kg, and hours against minutes")
    return _slip("review_mg_per_kg_per_h", hourly, "above", most, "mg/kg/h", mend)


def high_elsewhere(order: Order, number: str, limits: Dosing) -> Slip | None:
    """The ceiling of a route by which less reaches the blood, if it is broken."""
    per_kg, most = ordered_mg(order, limits) / order.weight_kg, getattr(limits, number)
    return _slip(number, per_kg, "above", most, "mg/kg", HIGH) if per_kg > most else None


def low(order: Order, limits: Dosing) -> Slip | None:
    """The floor that is broken, if one is: in all, and by the hour where the dose is a rate."""
    per_kg, least = ordered_mg(order, limits) / order.weight_kg, limits.review_low_mg_per_kg
    if per_kg < least:
        return _slip("review_low_mg_per_kg", per_kg, "below", least, "mg/kg", LOW)
    if not order.dose.per_h:
        return None
    hourly, least = per_kg * 60 / order.minutes, limits.review_low_mg_per_kg_per_h
    if hourly >= least:
        return None
    return _slip("review_low_mg_per_kg_per_h", hourly, "below", least, "mg/kg/h", LOW)


def long_infusion(order: Order, limits: Dosing) -> str:
    """What an infusion gives in all, where only its length lets it pass the ceiling in all; empty elsewhere."""
    per_kg = ordered_mg(order, limits) / order.weight_kg
    if not is_long(order, limits) or per_kg <= limits.review_mg_per_kg:
        return ""
    hours = order.minutes / 60
    return (
        f"{shown(per_kg)} mg/kg in all over {shown(hours)} h, {shown(per_kg / hours)} mg/kg/h: "
        f"held against {plain(limits.review_mg_per_kg_per_h)} mg/kg/h, as it runs for hours."
    )


def is_long(order: Order, limits: Dosing) -> bool:
    return order.over_min is not None and order.over_min >= limits.long_infusion_min_h * 60


def refuse_slips(order: Order, limits: Dosing) -> None:
    """Raise BadInput for a dose whose unit must be looked at again."""
    slip = high(order, limits) or low(order, limits)
    if slip:
        raise bad(f"{order.dose} is {slip.text}", "dose", slip.mend)


def _slip(number: str, value: Decimal, how: str, limit: Decimal, unit: str, mend: str) -> Slip:
    in_all = "" if unit.endswith("/h") else " in all"
    return Slip(number, f"{shown(value)} {unit}{in_all}, {how} {plain(limit)} {unit}", mend)
