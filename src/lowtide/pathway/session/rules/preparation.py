"""The second person's look at the preparation, held against the order (pure; hazard H012).

The checker reads vial, syringe and pump without seeing the order, and types what stands there. The answer names the
figure that differs and never the ordered one, so that nobody can read the wished-for number into the syringe.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

import msgspec

from lowtide.data.dosing import Dosing, dosing
from lowtide.pathway.session.rules.facts import Facts
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import FigureRead, PreparationChecked
from lowtide.science.units import plain

CHECKED_ROUTES = {"iv": "preparation_check_iv"}  # route -> the number of the policy that asks for it


class Figure(msgspec.Struct, frozen=True):
    """What is read where, in which unit; `volume` marks a level on a scale, which is never read exactly."""

    name: str
    label: str
    unit: str
    volume: bool = False


FIGURES = (
    Figure("vial_mg_per_ml", "Strength on the vial", "mg/mL"),
    Figure("vial_volume_ml", "Drawn from the vial", "mL", volume=True),
    Figure("final_volume_ml", "Made up to", "mL", volume=True),
    Figure("rate_ml_per_h", "Rate set on the pump", "mL/h"),
    Figure("vtbi_ml", "Volume to be infused, on the pump", "mL"),
)


def compare(
    order: OrderSigned,
    drug: str,
    read: Mapping[str, Decimal],
    *,
    identified: bool,
    limits: Dosing | None = None,
) -> tuple[FigureRead, ...]:
    """Each figure as it was read, and whether it is the ordered one."""
    limits = limits or _limits(order)
    return (
        FigureRead("patient", "as on the label", identified),
        FigureRead("drug", drug, drug == order.drug),
        *(
            FigureRead(f.name, f"{plain(read[f.name])} {f.unit}", _same(f, read[f.name], order, limits))
            for f in FIGURES
        ),
    )


def differing(checked: PreparationChecked) -> list[str]:
    """The figures that differ, in words, without the ordered value."""
    labels = {f.name: f.label for f in FIGURES} | {"patient": "Patient on the label", "drug": "Drug"}
    return [labels.get(f.figure, f.figure) for f in checked.figures if not f.agrees]


def asked(facts: Facts, limits: Dosing | None = None) -> bool:
    """Whether a second person's look is asked for before the start: by the clinic's numbers, or the order's policy."""
    name = CHECKED_ROUTES.get(facts.route or "")
    if facts.order is None or name is None:
        return False
    return bool(getattr(limits or _limits(facts.order[1]), name))


def open_check(facts: Facts, limits: Dosing | None = None) -> Iterator[tuple[str, str]]:
    """What still stands in the way, (what, how it is put right); nothing when a check of this very order agrees."""
    if not asked(facts, limits) or facts.order is None:
        return
    found = facts.preparation
    if found is None:
        yield "no second person has checked the preparation", "A second person reads vial, syringe and pump."
    elif found[1].order != facts.order[0].id:
        yield "the preparation was checked for an earlier order", "A second person checks it again."
    elif not found[1].agrees:
        said = ", ".join(differing(found[1]))
        yield (
            f"the second check differs: {said.lower()}",
            "Put it right, then a second person checks it again.",
        )


def _limits(order: OrderSigned) -> Dosing:
    """The numbers of the policy under which the order was signed: its name stands before its version."""
    return dosing(order.policy.partition(" ")[0])


def _same(figure: Figure, value: Decimal, order: OrderSigned, limits: Dosing) -> bool:
    ordered: Decimal = getattr(order, "final_volume_ml" if figure.name == "vtbi_ml" else figure.name)
    if not figure.volume:
        return value == ordered
    slack = max(ordered * limits.preparation_check_tolerance, limits.syringe_step_ml / 2)
    return abs(value - ordered) <= slack
