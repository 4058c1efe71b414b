"""From an order and the vial in hand to what is drawn, made up and set on the pump, in exact decimals.

Two quantities are rounded, each once and down: the dose, to the policy's step in mg, and the pump rate, to the
pump's step in mL/h. Everything else follows from them. Together they may take away at most the policy's
tolerance (1 %); if they would take more, a finer dose step is used, and failing that the preparation is refused.
"""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.pathway.plan.order import SHOWN, Order, Preparation, ordered_mg, shown
from lowtide.pathway.plan.refusals import refuse_undiluted, refuse_volume
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
    """The dose sheet; an injection has no infusion. `steps` shows the arithmetic, one line a step."""

    dose_mg: Decimal
    dose_mg_exact: Decimal
    dose_mg_per_kg: Decimal
    vial_mg_per_ml: Decimal
    vial_volume_ml: Decimal
    infusion: Infusion | None
    steps: tuple[str, ...]


def prepare(order: Order, preparation: Preparation, limits: Dosing) -> Sheet:
    """The sheet for this order and vial.

    Raises BadInput for a strength or a volume that may not go into a vein, and where rounding would take away
    more than the tolerance.
    """
    exact = ordered_mg(order, limits)
    if order.route == "iv":
        refuse_undiluted(preparation, limits)
    elif preparation.final_volume_ml is not None:
        raise bad(
            "an injection is not made up to a volume", "final-volume", "Leave it out, or order an infusion."
        )
    for dose_mg in _rounded_doses(exact, limits):
        draw_ml = (dose_mg / preparation.vial_mg_per_ml).quantize(SHOWN, ROUND_DOWN)
        infusion = _infusion(order, preparation, dose_mg, draw_ml, limits) if order.route == "iv" else None
        if _rate_kept(infusion) * dose_mg / exact >= 1 - limits.rounding_tolerance:
            sheet = Sheet(
                dose_mg,
                exact,
                dose_mg / order.weight_kg,
                preparation.vial_mg_per_ml,
                draw_ml,
                infusion,
                steps=(),
            )
            return msgspec.structs.replace(sheet, steps=tuple(_steps(order, sheet, limits)))
    raise _too_coarse(infusion, preparation, limits)


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


def _infusion(
    order: Order, preparation: Preparation, dose_mg: Decimal, draw_ml: Decimal, limits: Dosing
) -> Infusion:
    final_ml = preparation.final_volume_ml or draw_ml
    concentration = dose_mg / final_ml
    refuse_volume(draw_ml, final_ml, concentration, limits)
    rate = _down(final_ml * 60 / order.minutes, preparation.pump_step_ml_per_h or limits.pump_step_ml_per_h)
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


def _too_coarse(infusion: Infusion | None, preparation: Preparation, limits: Dosing) -> BadInput:
    within = f"within {limits.rounding_tolerance:.0%}"
    if _rate_kept(infusion) < 1 - limits.rounding_tolerance:
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


def _steps(order: Order, sheet: Sheet, limits: Dosing) -> Iterator[str]:
    yield f"Dose: {_dose_sum(order, limits)} = {shown(sheet.dose_mg_exact)} mg of free base"
    lost = 1 - sheet.dose_mg / sheet.dose_mg_exact
    rounded = f"rounded down, {lost:.2%} less than exact" if lost else "nothing rounded"
    yield f"Given: {shown(sheet.dose_mg)} mg ({shown(sheet.dose_mg_per_kg)} mg/kg), {rounded}"
    vial = plain(sheet.vial_mg_per_ml)
    yield f"Draw: {shown(sheet.dose_mg)} mg ÷ {vial} mg/mL = {shown(sheet.vial_volume_ml)} mL from the vial"
    if sheet.infusion:
        yield from _infusion_steps(sheet.dose_mg, sheet.infusion)


def _dose_sum(order: Order, limits: Dosing) -> str:
    factors = [str(order.dose)]
    if order.dose.per_kg:
        factors.append(f"{plain(order.weight_kg)} kg")
    if order.dose.per_h:
        factors.append(f"{shown(order.minutes / 60)} h")
    if order.salt == "hydrochloride":
        factors.append(f"{plain(limits.base_per_hydrochloride)} mg base per mg hydrochloride")
    return " × ".join(factors)


def _infusion_steps(dose_mg: Decimal, infusion: Infusion) -> Iterator[str]:
    final, over = plain(infusion.final_volume_ml), shown(infusion.over_min)
    strength, rate = shown(infusion.final_concentration_mg_per_ml), plain(infusion.rate_ml_per_h)
    if infusion.diluent_ml:
        yield f"Make up: {shown(infusion.diluent_ml)} mL diluent added makes {final} mL"
        yield f"Label: {shown(dose_mg)} mg ÷ {final} mL = {strength} mg/mL"
    exact = shown(infusion.final_volume_ml * 60 / infusion.over_min)
    yield f"Pump: {final} mL × 60 ÷ {over} min = {exact} mL/h, set {rate} mL/h"
    yield f"In mg: {rate} mL/h × {strength} mg/mL = {shown(infusion.rate_mg_per_h)} mg/h"
    if infusion.drop_factor_per_ml and infusion.drops_per_min:
        factor, drops = plain(infusion.drop_factor_per_ml), shown(infusion.drops_per_min)
        yield f"Drip: {final} mL × {factor} drops/mL ÷ {over} min = {drops} drops/min"
