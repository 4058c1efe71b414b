"""The second person's look at the preparation, held against the order (pure; hazard H012).

The checker reads vial and syringe, devices or container without seeing the order, and types what stands there. The
answer names the figure that differs and never the ordered one, so that nobody can read the wished-for number into the
syringe. What is read follows from the way the dose is given.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

import msgspec

from lowtide.data.dosing import Dosing, dosing
from lowtide.data.giving import Figure, Way, figure_labels, made, way
from lowtide.pathway.session.rules.facts import Facts
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import FigureRead, PreparationChecked
from lowtide.safe.lots import lots_of
from lowtide.science.units import plain

Read = Decimal | date | str


OF_THE_VIAL = frozenset({"expires"})


def figures(order: OrderSigned | None, *, labelled: bool = False) -> tuple[Figure, ...]:
    """What is read for this order, each figure with its unit; for an infusion before there is one. Of a container with a
    label (`labelled`) the vial's date was written down when it was made up; its lot is read once more."""
    found = way(order.product, order.route).figures if order else way(None, None).figures
    asked_for = (f for f in found if not (labelled and f.name in OF_THE_VIAL))
    return tuple(_with_unit(figure, order) if order else figure for figure in asked_for)


def _with_unit(figure: Figure, order: OrderSigned) -> Figure:
    known = made().get(order.given_as or "")
    if figure.unit_of_order:
        return msgspec.structs.replace(figure, unit=known.units if known else order.unit or "")
    if figure.per_unit:
        per = "mg/mL" if order.unit == "mL" else f"mg each {order.unit}"
        return msgspec.structs.replace(figure, unit=per)
    return figure


def compare(
    order: OrderSigned,
    drug: str,
    read: Mapping[str, Read],
    *,
    identified: bool,
    on: date,
    limits: Dosing | None = None,
    lots: Iterable[str] = (),
) -> tuple[FigureRead, ...]:
    """Each figure as it was read, and whether it is the ordered one; an expiry is held against the day `on`, a lot against
    those that were drawn for the session, where any was."""
    limits = limits or limits_of(order)
    drawn = lots_of(*lots)
    return (
        FigureRead("patient", "as on the label", identified),
        FigureRead("drug", drug, drug == order.drug),
        *(_read(f, read[f.name], order, on, limits, drawn) for f in figures(order) if f.name in read),
    )


def _read(
    figure: Figure, value: Read, order: OrderSigned, on: date, limits: Dosing, drawn: frozenset[str]
) -> FigureRead:
    if isinstance(value, Decimal):
        text = f"{plain(value)} {figure.unit}".strip()
        return FigureRead(figure.name, text, _same(figure, value, order, limits))
    if isinstance(value, date):
        return FigureRead(figure.name, str(value), value >= on)
    known = not drawn or lots_of(value) <= drawn
    return FigureRead(figure.name, value.strip(), known)


def differing(checked: PreparationChecked, given: Way | None = None) -> list[str]:
    """The figures that differ, in the words in which they were asked for by this way of giving, without the ordered
    value."""
    own = {f.name: f.label for f in given.figures} if given else {}
    labels = figure_labels() | own | {"patient": "Patient on the label", "drug": "Drug"}
    return [labels.get(f.figure, f.figure) for f in checked.figures if not f.agrees]


def read_off(facts: Facts, name: str) -> str | None:
    """One figure as the last check of the standing order read it, such as the lot."""
    if facts.preparation is None or facts.order is None or facts.preparation[1].order != facts.order[0].id:
        return None
    return next((f.read for f in facts.preparation[1].figures if f.figure == name), None)


def asked(facts: Facts, limits: Dosing | None = None) -> bool:
    """Whether a second person's look is asked for before the start: by the clinic's numbers, or the order's policy."""
    if facts.order is None:
        return False
    return bool(getattr(limits or limits_of(facts.order[1]), facts.way.check))


def open_check(facts: Facts, limits: Dosing | None = None) -> Iterator[tuple[str, str]]:
    """What still stands in the way, (what, how it is put right); nothing when a check of this very order agrees."""
    if not asked(facts, limits) or facts.order is None:
        return
    found = facts.preparation
    if found is None:
        yield (
            "no second person has checked the preparation",
            f"A second person reads the {facts.way.made_ready}.",
        )
    elif found[1].order != facts.order[0].id:
        yield "the preparation was checked for an earlier order", "A second person checks it again."
    elif not found[1].agrees:
        said = ", ".join(differing(found[1], facts.way))
        yield (
            f"the second check differs: {said.lower()}",
            "Put it right, then a second person checks it again.",
        )


def limits_of(order: OrderSigned) -> Dosing:
    """The numbers of the policy under which the order was signed: its name stands before its version."""
    return dosing(order.policy.partition(" ")[0])


def _same(figure: Figure, value: Decimal, order: OrderSigned, limits: Dosing) -> bool:
    name = "final_volume_ml" if figure.name == "vtbi_ml" else figure.name
    ordered: Decimal | None = getattr(order, name)
    if ordered is None:
        return False
    if figure.kind != "volume":
        return value == ordered
    slack = max(ordered * limits.preparation_check_tolerance, limits.syringe_step_ml / 2)
    return abs(value - ordered) <= slack
