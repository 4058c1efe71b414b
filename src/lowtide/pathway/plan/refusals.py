"""What is never prepared: a weight, a dose, a speed or a strength that is more likely a slip than an order."""

from decimal import Decimal

from lowtide.data.dosing import Dosing
from lowtide.data.plausibility import implausible
from lowtide.data.protocols import Protocol
from lowtide.pathway.plan.order import Order, Preparation, ordered_mg, shown
from lowtide.pathway.plan.slips import refuse_slips
from lowtide.problems import BadInput, bad
from lowtide.science.units import on_scale, plain


def refuse_reference_only(protocol: Protocol) -> None:
    """Raise BadInput, naming what is missing and what its source says of it, for one that cannot be planned by."""
    if protocol.reference_only:
        raise bad(
            f"{protocol.id} ({protocol.condition}, {protocol.source_body}) is for reference only: "
            f"no {', no '.join(protocol.missing)} to plan by{_said(protocol)}",
            "protocol",
            "Choose a protocol that states them.",
        )


def _said(protocol: Protocol) -> str:
    """What its source does say of what is missing, in its own words, each note once."""
    said: dict[str, list[str]] = {}
    for name in protocol.missing:
        said.setdefault(protocol.says_of(name), []).append(name)
    return "".join(f"; its source on {' and '.join(names)}: {note}" for note, names in said.items() if note)


def refuse_implausible(order: Order, limits: Dosing) -> None:
    """Raise BadInput for a weight, a dose (hazard H003) or a speed (H013) outside the limits."""
    refuse_weight(order.weight_kg)
    refuse_slips(order, limits)
    refuse_speed(order, limits)


def refuse_weight(weight_kg: Decimal) -> None:
    """Raise BadInput for a weight that cannot be believed (hazard H005)."""
    problems = tuple(implausible("weight_kg", weight_kg))
    if problems:
        raise BadInput(*problems)


def refuse_speed(order: Order, limits: Dosing) -> None:
    """Raise BadInput for an infusion that is too fast or too short (hazard H013)."""
    if order.route != "iv":
        return
    speed = ordered_mg(order, limits) / order.weight_kg / order.minutes
    if speed > limits.max_mg_per_kg_per_min:
        raise bad(
            f"{shown(speed)} mg/kg/min is faster than {plain(limits.max_mg_per_kg_per_min)} mg/kg/min",
            "over",
            "Check minutes against hours, and the dose.",
        )
    if order.minutes < limits.infusion_min_minutes:
        raise bad(
            f"{shown(order.minutes)} min is shorter than any infusion ({plain(limits.infusion_min_minutes)} min)",
            "over",
            "Check the number and its unit: 40min, not 4min.",
        )


def refuse_undiluted(preparation: Preparation, limits: Dosing) -> None:
    """Raise BadInput for a vial that must not be infused as it is (hazard H012)."""
    vial = preparation.vial_mg_per_ml
    if preparation.final_volume_ml is not None or vial <= limits.undiluted_iv_max_mg_per_ml:
        return
    never = (
        "must never go into a vein undiluted"
        if vial >= limits.must_dilute_mg_per_ml
        else "is not infused undiluted"
    )
    raise bad(
        f"{plain(vial)} mg/mL {never}",
        "final-volume",
        "Give the volume it is made up to, like --final-volume 50mL.",
    )


def refuse_draw(draw_ml: Decimal, limits: Dosing) -> None:
    """Raise BadInput for a volume that no syringe at hand can measure."""
    if draw_ml < limits.syringe_step_ml:
        raise bad(
            f"{shown(draw_ml)} mL is less than a syringe can measure ({plain(limits.syringe_step_ml)} mL)",
            "vial",
            "Check the dose and its unit, or take a weaker vial.",
        )


def refuse_volume(draw_ml: Decimal, final_ml: Decimal, mg_per_ml: Decimal, limits: Dosing) -> None:
    """Raise BadInput when the drug does not fit into the final volume, or makes it too strong for a vein."""
    if draw_ml > final_ml:
        raise bad(
            f"{shown(draw_ml)} mL from the vial does not fit into {plain(final_ml)} mL",
            "final-volume",
            "Make it up to a larger volume.",
        )
    if mg_per_ml > limits.iv_max_mg_per_ml:
        raise bad(
            f"{shown(mg_per_ml)} mg/mL is too strong for a vein (at most {plain(limits.iv_max_mg_per_ml)} mg/mL)",
            "final-volume",
            "Make it up to a larger volume.",
        )


def refuse_pump(final_ml: Decimal, rate_ml_per_h: Decimal) -> None:
    """Raise BadInput for a volume or a rate that no pump at a chair is set to: the dose is right, the water is not."""
    for quantity, value in (("made_up_ml", final_ml), ("pump_rate_ml_per_h", rate_ml_per_h)):
        for problem in implausible(quantity, value):
            raise bad(problem.what, "final-volume", problem.mend)


def second_person_reasons(weight_kg: Decimal, height_cm: Decimal | None, limits: Dosing) -> tuple[str, ...]:
    """Why a dose per kg needs a second person's check before it is signed (hazard H011); empty if it does not."""
    reasons = []
    if weight_kg > limits.review_weight_kg:
        reasons.append(f"weight {plain(on_scale(weight_kg))} kg is over {plain(limits.review_weight_kg)} kg")
    bmi = weight_kg / (height_cm / 100) ** 2 if height_cm else Decimal(0)
    if bmi > limits.review_bmi_kg_per_m2:
        reasons.append(f"body mass index {bmi:.1f} is over {plain(limits.review_bmi_kg_per_m2)}")
    return tuple(reasons)
