"""From an order and the vial in hand to what is drawn, made up and set on the pump, in exact decimals.

Two quantities are rounded, each once and down: the dose, to the policy's step in mg, and the pump rate, to the
pump's step in mL/h. Everything else follows from them. Together they may take away at most the policy's
tolerance (1 %); if they would take more, a finer dose step is used, and failing that the preparation is refused.
"""

from decimal import ROUND_DOWN, Decimal
from typing import Literal

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.pathway.plan.order import SHOWN, Order, Preparation, ordered_mg
from lowtide.pathway.plan.refusals import refuse_draw, refuse_pump, refuse_undiluted, refuse_volume
from lowtide.problems import BadInput, bad
from lowtide.science.units import plain


class Infusion(msgspec.Struct, frozen=True):
    """What is made up and set. Drops per minute only for a gravity set of known drop factor."""

    diluent_ml: Decimal
    final_volume_ml: Decimal
    final_concentration_mg_per_ml: Decimal
    over_min: Decimal
    rate_ml_per_h: Decimal
    rate_mg_per_h: Decimal
    drop_factor_per_ml: Decimal | None
    drops_per_min: Decimal | None


class Sheet(msgspec.Struct, frozen=True):
    """The dose sheet; an injection has no infusion. `drawn`: to a mark of the syringe, `between` two, or as worked out."""

    dose_mg: Decimal
    dose_mg_exact: Decimal
    dose_mg_per_kg: Decimal
    vial_mg_per_ml: Decimal
    vial_volume_ml: Decimal
    infusion: Infusion | None
    drawn: Literal["", "mark", "between"] = ""


def prepare(order: Order, preparation: Preparation, limits: Dosing) -> Sheet:
    """The sheet for this order and vial.

    Raises BadInput for a strength or a volume that may not go into a vein or that no syringe measures, and where
    rounding would take away more than the tolerance.
    """
    if order.route == "iv":
        refuse_undiluted(preparation, limits)
    elif preparation.final_volume_ml is not None:
        raise bad(
            "an injection is not made up to a volume", "final-volume", "Leave it out, or order an infusion."
        )
    doses = _rounded_doses(ordered_mg(order, limits), limits)
    sheets = [_sheet(order, preparation, rounded, limits) for rounded in doses]
    for sheet in sheets:
        if _rate_kept(sheet.infusion) * sheet.dose_mg / sheet.dose_mg_exact >= 1 - limits.rounding_tolerance:
            refuse_draw(sheet.vial_volume_ml, limits)
            return sheet
    raise _too_coarse(sheets[-1], preparation, limits)


def on_mark(order: Order, preparation: Preparation, sheet: Sheet, limits: Dosing) -> Sheet:
    """The sheet as it can be drawn: the exact dose brought down once, to a mark of the syringe instead of the step in mg.
    It is the dose that this draw holds, never above the order. Where the mark below would take away more than the policy
    lets it, the sheet stands as it was and says so."""
    step, vial = limits.syringe_step_ml, sheet.vial_mg_per_ml
    mg = _down(sheet.dose_mg_exact / vial, step) * vial
    least = sheet.dose_mg_exact * (1 - limits.draw_tolerance)
    drawn = _sheet(order, preparation, mg, limits) if mg else None
    if drawn and _rate_kept(drawn.infusion) * mg >= least:
        return msgspec.structs.replace(drawn, drawn="mark")
    between = bool(sheet.vial_volume_ml % step)
    return msgspec.structs.replace(sheet, drawn="between" if between else "mark")


def rounded_mg(exact_mg: Decimal, limits: Dosing) -> Decimal:
    """The dose before a vial is in hand: rounded down by the first step that stays within the tolerance."""
    doses = _rounded_doses(exact_mg, limits)
    return next((mg for mg in doses if mg >= exact_mg * (1 - limits.rounding_tolerance)), doses[-1])


def _rounded_doses(exact_mg: Decimal, limits: Dosing) -> list[Decimal]:
    """The dose rounded down by the usual step and by the fine one; BadInput when nothing is left of it."""
    rounded = [_down(exact_mg, step) for step in (limits.dose_step_mg, limits.dose_fine_step_mg)]
    doses = [mg for mg in rounded if mg > 0]
    if not doses:
        raise bad(f"{exact_mg} mg is too small to measure", "dose", "Check the dose and its unit.")
    return doses


def _sheet(order: Order, preparation: Preparation, rounded: Decimal, limits: Dosing) -> Sheet:
    vial = preparation.vial_mg_per_ml
    draw_ml = (rounded / vial).quantize(SHOWN, ROUND_DOWN)
    dose_mg = draw_ml * vial  # the rounded dose itself, unless the strength does not divide it evenly
    return Sheet(
        dose_mg=dose_mg,
        dose_mg_exact=ordered_mg(order, limits),
        dose_mg_per_kg=dose_mg / order.weight_kg,
        vial_mg_per_ml=vial,
        vial_volume_ml=draw_ml,
        infusion=_infusion(order, preparation, dose_mg, draw_ml, limits) if order.route == "iv" else None,
    )


def _infusion(
    order: Order, preparation: Preparation, dose_mg: Decimal, draw_ml: Decimal, limits: Dosing
) -> Infusion:
    final_ml = preparation.final_volume_ml or draw_ml
    concentration = dose_mg / final_ml
    refuse_volume(draw_ml, final_ml, concentration, limits)
    rate = _down(final_ml * 60 / order.minutes, preparation.pump_step_ml_per_h or limits.pump_step_ml_per_h)
    refuse_pump(final_ml, rate)
    factor = preparation.drop_factor_per_ml
    return Infusion(
        diluent_ml=final_ml - draw_ml,
        final_volume_ml=final_ml,
        final_concentration_mg_per_ml=concentration,
        over_min=order.minutes,
        rate_ml_per_h=rate,
        rate_mg_per_h=rate * concentration,
        drop_factor_per_ml=factor,
        drops_per_min=final_ml * factor / order.minutes if factor else None,
    )


def _rate_kept(infusion: Infusion | None) -> Decimal:
    """The share of the volume that the rounded rate gives in the ordered time."""
    if infusion is None:
        return Decimal(1)
    return infusion.rate_ml_per_h * infusion.over_min / 60 / infusion.final_volume_ml


def _down(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(ROUND_DOWN) * step


def _too_coarse(sheet: Sheet, preparation: Preparation, limits: Dosing) -> BadInput:
    within = f"within {limits.rounding_tolerance:.0%}"
    if _rate_kept(sheet.infusion) < 1:
        step = plain(preparation.pump_step_ml_per_h or limits.pump_step_ml_per_h)
        return bad(
            f"a pump set in steps of {step} mL/h cannot give this dose {within}",
            "pump-step",
            "Make it up to a larger volume, or use a pump with a finer step.",
        )
    return bad(
        f"the dose cannot be rounded to {plain(limits.dose_fine_step_mg)} mg {within}",
        "dose",
        "Check the dose and its unit.",
    )
