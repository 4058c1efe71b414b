"""The arithmetic of a dose sheet, line by line, so that a person can follow it and do it again."""

from collections.abc import Iterator
from decimal import Decimal

from lowtide.data.dosing import Dosing
from lowtide.pathway.plan.order import Order, shown
from lowtide.pathway.plan.pump import Infusion, Sheet
from lowtide.science.units import plain


def steps(order: Order, sheet: Sheet, limits: Dosing) -> Iterator[str]:
    """From the dose to the pump, one line a step."""
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
        factors.append(f"{shown(order.weight_kg)} kg")
    if order.dose.per_h:
        factors.append(f"{shown(order.minutes)} min ÷ 60 min/h")
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
