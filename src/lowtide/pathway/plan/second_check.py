"""The independent second computation of a dose sheet (hazard H012).

It shares no arithmetic with the first. It takes only what a person at the pump can read (vial strength, volume
drawn, diluent added, rate, minutes) and works backwards, in fractions, to the mg that would reach the patient;
then it asks whether that is the dose that was ordered.
"""

from decimal import Decimal
from fractions import Fraction

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.pathway.plan.order import Order, shown
from lowtide.pathway.plan.pump import Infusion, Sheet


class Check(msgspec.Struct, frozen=True):
    """Whether both computations agree, the dose the second one found, and the same in words."""

    agrees: bool
    delivered_mg: Decimal
    text: str


def check(order: Order, sheet: Sheet, limits: Dosing) -> Check:
    """Agreement means: not more than ordered, at most the policy's tolerance less, and the parts add up. What is drawn to
    a mark of the syringe has a tolerance of its own."""
    delivered = _delivered_mg(sheet)
    share = delivered / _asked_mg(order, limits)
    less = max(limits.rounding_tolerance, limits.draw_tolerance if sheet.drawn == "mark" else 0)
    close = 1 - Fraction(less) <= share <= 1
    agrees = close and (sheet.infusion is None or _adds_up(sheet.vial_volume_ml, sheet.infusion))
    mg = Decimal(delivered.numerator) / delivered.denominator
    verdict = "which agrees with the order" if agrees else "which does NOT agree with the order"
    return Check(
        agrees, mg, f"Worked back from what is drawn and set: {shown(mg)} mg in the ordered time, {verdict}"
    )


def _delivered_mg(sheet: Sheet) -> Fraction:
    """mg that leave the syringe in the ordered time: never more than is in it."""
    in_syringe = Fraction(sheet.vial_mg_per_ml) * Fraction(sheet.vial_volume_ml)
    if sheet.infusion is None:
        return in_syringe
    volume = Fraction(sheet.vial_volume_ml) + Fraction(sheet.infusion.diluent_ml)
    pumped = Fraction(sheet.infusion.rate_ml_per_h) / 60 * Fraction(sheet.infusion.over_min)
    return in_syringe * min(pumped / volume, Fraction(1))


def _asked_mg(order: Order, limits: Dosing) -> Fraction:
    per_patient = Fraction(order.weight_kg) if order.dose.per_kg else 1
    hours = Fraction(order.minutes) / 60 if order.dose.per_h else 1
    base = Fraction(limits.base_per_hydrochloride) if order.salt == "hydrochloride" else 1
    return Fraction(order.dose.value) * per_patient * hours * base


def _adds_up(drawn_ml: Decimal, infusion: Infusion) -> bool:
    """What is drawn and added is the final volume, and neither pump nor drip runs more than that."""
    volume = Fraction(drawn_ml) + Fraction(infusion.diluent_ml)
    minutes = Fraction(infusion.over_min)
    run_ml = [Fraction(infusion.rate_ml_per_h) / 60 * minutes]
    if infusion.drops_per_min is not None and infusion.drop_factor_per_ml is not None:
        run_ml.append(Fraction(infusion.drops_per_min) / Fraction(infusion.drop_factor_per_ml) * minutes)
    return volume == Fraction(infusion.final_volume_ml) and max(run_ml) <= volume + Fraction(1, 1000)
