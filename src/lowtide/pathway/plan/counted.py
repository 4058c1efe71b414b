"""A dose that is counted out: nasal devices, capsules, lozenges, mL of a solution (pure).

A device is never divided, so a dose of them is a whole number or none at all. Anything else is rounded once, down to
the smallest part that is given, within the policy's tolerance.
"""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.data.giving import DEVICE, Made, made, made_for, way
from lowtide.data.protocols import Protocol
from lowtide.pathway.plan.dose import PlannedDose
from lowtide.pathway.plan.order import shown
from lowtide.pathway.plan.pump import Sheet
from lowtide.problems import bad
from lowtide.science.units import plain


class Portion(msgspec.Struct, frozen=True):
    """What is in hand: which preparation, and how many mg one unit of it holds."""

    given_as: str
    each_mg: Decimal


class Counted(msgspec.Struct, frozen=True):
    """So many units of so many mg each. `apart_min`: the least time between two of them, where they are given one
    by one."""

    made: Made
    each_mg: Decimal
    count: Decimal
    dose_mg: Decimal
    dose_mg_exact: Decimal
    dose_mg_per_kg: Decimal | None
    apart_min: Decimal | None = None

    @property
    def text(self) -> str:
        """2 devices of 28 mg."""
        per = "mg/mL" if self.made.unit == "mL" else "mg"
        return f"{plain(self.count)} {self.made.counted(self.count)} of {plain(self.each_mg)} {per}"

    @property
    def steps(self) -> Iterator[str]:
        """The arithmetic, line by line."""
        exact, each = shown(self.dose_mg_exact), plain(self.each_mg)
        unit = self.made.unit
        yield f"Dose: {exact} mg of free base"
        yield f"Count: {exact} mg ÷ {each} mg for one {unit} = {shown(self.dose_mg_exact / self.each_mg)}"
        if self.dose_mg != self.dose_mg_exact:
            yield f"Rounded down to {plain(self.made.step)}: {plain(self.count)}"
        yield f"Given: {plain(self.count)} × {each} mg = {plain(self.dose_mg)} mg"


def counted(
    dose: PlannedDose, protocol: Protocol, weight_kg: Decimal | None, portion: Portion | None, limits: Dosing
) -> Counted | None:
    """The dose in units; None for what is drawn or pumped, and while nothing is in hand.

    Raises BadInput for a dose that is no whole number of devices or that the preparation cannot make.
    """
    form = way(protocol.product, protocol.route).form
    if form == "device":
        return _devices(dose, protocol, weight_kg, limits)
    if form == "portion" and portion is not None:
        return _portion(dose, protocol, weight_kg, portion, limits)
    return None


def _devices(
    dose: PlannedDose, protocol: Protocol, weight_kg: Decimal | None, limits: Dosing
) -> Counted | None:
    each = protocol.device_mg
    if not each:
        return None
    count = dose.exact_mg / each
    if count != count.to_integral_value():
        raise bad(
            f"{plain(dose.exact_mg)} mg is no whole number of devices of {plain(each)} mg",
            "dose",
            "A device is never divided: choose a dose that they make.",
        )
    return _of(made()[DEVICE], each, count, dose, weight_kg, limits.device_gap_min)


def _portion(
    dose: PlannedDose, protocol: Protocol, weight_kg: Decimal | None, portion: Portion, limits: Dosing
) -> Counted:
    known = {m.id: m for m in made_for(protocol.product, protocol.route or "")}
    what = known.get(portion.given_as)
    if what is None:
        raise bad(
            f"“{portion.given_as}” is not given by this route",
            "given_as",
            f"One of: {', '.join(m.label for m in known.values())}.",
        )
    if portion.each_mg <= 0:
        raise bad("the strength is missing", "each_mg", "Read it off the container.")
    count = (dose.exact_mg / portion.each_mg / what.step).to_integral_value(ROUND_DOWN) * what.step
    if not count or count * portion.each_mg < dose.exact_mg * (1 - limits.portion_tolerance):
        raise bad(
            f"{shown(dose.exact_mg)} mg cannot be made of {plain(portion.each_mg)} mg {what.units} "
            f"within {limits.portion_tolerance:.0%}",
            "each_mg",
            "Take another strength, or choose a dose that it makes.",
        )
    return _of(what, portion.each_mg, count, dose, weight_kg, None)


def _of(
    what: Made,
    each: Decimal,
    count: Decimal,
    dose: PlannedDose,
    weight_kg: Decimal | None,
    apart: Decimal | None,
) -> Counted:
    mg = each * count
    return Counted(what, each, count, mg, dose.exact_mg, mg / weight_kg if weight_kg else None, apart)


def sites(sheet: Sheet, route: str, limits: Dosing) -> int:
    """Over how many sites an injection is divided; 1 where the volume fits one."""
    name = way(None, route).site_max.get(route)
    most: Decimal | None = getattr(limits, name) if name else None
    return int((sheet.vial_volume_ml / most).to_integral_value(ROUND_CEILING)) if most else 1
