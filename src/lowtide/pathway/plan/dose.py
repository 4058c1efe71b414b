"""The dose a protocol asks for in one person, brought down to the protocol's caps."""

from decimal import Decimal

import msgspec

from lowtide.data import vocabulary
from lowtide.data.dosing import Dosing
from lowtide.data.protocols import Protocol
from lowtide.pathway.plan.order import Order, ordered_mg
from lowtide.pathway.plan.pump import rounded_mg
from lowtide.science.units import Dose, plain

PARENTERAL = ("iv", "im", "sc")
ONE_KG = Decimal(1)  # stands for the weight of a dose that does not depend on it


class PlannedDose(msgspec.Struct, frozen=True):
    """What is planned for each session. `asked` is before the caps; `order` is None while the weight or the route
    that a preparation needs is not known, `held` is it all the same; `caps` says in words which caps took hold, by
    name of the field."""

    asked_mg: Decimal
    exact_mg: Decimal
    mg: Decimal
    mg_per_kg: Decimal | None
    caps: dict[str, str]
    held: Order
    order: Order | None
    devices: int | None


def needs_weight(protocol: Protocol) -> bool:
    """Only a dose by weight, and what is pumped or injected, is signed on the day's weight."""
    return protocol.weight_based or protocol.route is None or protocol.route in PARENTERAL


def drug_of(protocol: Protocol) -> str:
    """What the product is as a drug."""
    return vocabulary.drug_of(protocol.product)


def planned_dose(protocol: Protocol, weight_kg: Decimal | None, limits: Dosing) -> PlannedDose | None:
    """The dose for this weight, or None while a dose per kg has no weight."""
    if protocol.dose is None or (protocol.weight_based and weight_kg is None):
        return None
    asked = Order(
        drug=drug_of(protocol),
        route=protocol.route or "",
        dose=Dose(protocol.dose.value, protocol.weight_based, protocol.dose.unit.endswith("/h")),
        weight_kg=weight_kg or ONE_KG,
        over_min=protocol.over_min,
    )
    caps, order = _capped(asked, protocol, limits, weighed=weight_kg is not None)
    exact = ordered_mg(order, limits)
    mg = rounded_mg(exact, limits)
    return PlannedDose(
        asked_mg=ordered_mg(asked, limits),
        exact_mg=exact,
        mg=mg,
        mg_per_kg=mg / weight_kg if weight_kg else None,
        caps=caps,
        held=order,
        order=order if weight_kg and protocol.route in PARENTERAL else None,
        devices=int(mg / protocol.device_mg) if protocol.device_mg else None,
    )


def _capped(
    asked: Order, protocol: Protocol, limits: Dosing, *, weighed: bool
) -> tuple[dict[str, str], Order]:
    """Each cap in turn, the rate before the total; a cap that holds replaces the dose by the cap."""
    caps, order = {}, asked
    weight, hours = asked.weight_kg, (asked.over_min or Decimal(60)) / 60
    ceilings = (
        ("max_mg_per_h", protocol.max_mg_per_h, hours, True, "mg/h"),
        ("max_mg_per_kg", protocol.max_mg_per_kg if weighed else None, weight, False, "mg/kg"),
        ("max_mg", protocol.max_mg, Decimal(1), False, "mg"),
    )
    for name, cap, per, is_rate, unit in ceilings:
        if cap is not None and ordered_mg(order, limits) > cap * per:
            caps[name] = f"{plain(cap)} {unit}"
            order = msgspec.structs.replace(order, dose=Dose(cap if is_rate else cap * per, per_h=is_rate))
    return caps, order
