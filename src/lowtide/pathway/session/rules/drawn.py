"""What is drawn up for an order, whatever the way it is given: an infusion's bag, an injection's syringe, a measured
solution (pure; hazard H012). One container holds a share of it, and is checked against that share.
"""

from decimal import Decimal

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.data.giving import drawn_into
from lowtide.problems import bad, refuse
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.longrun import ContainerPrepared
from lowtide.science.units import plain


class Drawn(msgspec.Struct, frozen=True):
    """Of which strength how much is drawn, to how much it is made up in all, and into what. `strength` and `volume` are the
    order's own fields for the two."""

    mg_per_ml: Decimal
    volume_ml: Decimal
    whole_ml: Decimal
    containers: tuple[str, ...]
    fields: tuple[str, str] = ("vial_mg_per_ml", "vial_volume_ml")

    @property
    def is_diluted(self) -> bool:
        return self.whole_ml != self.volume_ml


def drawn(order: OrderSigned | None) -> Drawn | None:
    """None where nothing is drawn up: devices, capsules, what has no strength in mg/mL."""
    if order is None:
        return None
    containers = drawn_into(order.product, order.route, order.given_as)
    if not containers:
        return None
    if order.vial_mg_per_ml is not None and order.vial_volume_ml is not None:
        whole = order.final_volume_ml or order.vial_volume_ml
        return Drawn(order.vial_mg_per_ml, order.vial_volume_ml, whole, containers)
    if order.unit == "mL" and order.each_mg is not None and order.count is not None:
        return Drawn(order.each_mg, order.count, order.count, containers, ("each_mg", "count"))
    return None


def ordered_share(order: OrderSigned, body: ContainerPrepared) -> OrderSigned:
    """The order as it is for one container: its volume, and as much of the vial as the order's strength asks for."""
    known = drawn(order)
    if known is None:
        return order
    volume = body.final_volume_ml
    mg = order.dose_mg * volume / known.whole_ml
    share = mg / known.mg_per_ml if known.is_diluted else volume
    changes: dict[str, Decimal] = {"dose_mg": mg, known.fields[1]: share}
    if order.final_volume_ml is not None:
        changes |= {"final_volume_ml": volume, "diluent_ml": volume - share}
    return msgspec.structs.replace(order, **changes)


def slack_ml(drawn_ml: Decimal, limits: Dosing) -> Decimal:
    """How far a volume that was read may lie from the wished one and be the same."""
    return max(drawn_ml * limits.preparation_check_tolerance, limits.syringe_step_ml / 2)


def made_as_ordered(order: OrderSigned, body: ContainerPrepared, limits: Dosing) -> None:
    """Raise BadInput for another drug, another strength, or more than the order makes up in all."""
    known = drawn(order)
    if known is None:
        raise refuse("this dose is counted out, not drawn up", "container", "Give it as it is ordered.")
    if body.container not in known.containers:
        raise bad("this dose is not made up in that", "container", "Choose one.")
    if body.vial_mg_per_ml != known.mg_per_ml:
        raise bad(
            f"the order is for a vial of {plain(known.mg_per_ml)} mg/mL",
            "vial_mg_per_ml",
            "Take that vial, or the prescriber signs the order again.",
        )
    if body.final_volume_ml > known.whole_ml + (0 if known.is_diluted else slack_ml(known.whole_ml, limits)):
        where = "final_volume_ml" if known.is_diluted else "vial_volume_ml"
        raise bad(f"the order makes up {plain(known.whole_ml)} mL in all", where, "Check the volume.")
    _holds_its_share(order, body, limits)


def _holds_its_share(order: OrderSigned, body: ContainerPrepared, limits: Dosing) -> None:
    known, share = drawn(order), ordered_share(order, body)
    assert known
    wished: Decimal = getattr(share, known.fields[1])
    if not known.is_diluted and body.final_volume_ml != body.vial_volume_ml:
        raise bad(
            "the order has nothing added to it",
            "final_volume_ml",
            "Draw it up undiluted, or the prescriber orders it diluted.",
        )
    if abs(body.vial_volume_ml - wished) > slack_ml(wished, limits):
        raise bad(
            f"{plain(body.final_volume_ml)} mL of the ordered strength take another volume from the vial",
            "vial_volume_ml",
            "Work it out once more with a second person, and check both volumes.",
        )


def holds_mg(order: OrderSigned, body: ContainerPrepared, open_mg: Decimal, limits: Dosing) -> Decimal:
    """How much of the order is in one container, by the order's strength: all that is open where its volume is that one."""
    known, share = drawn(order), ordered_share(order, body).dose_mg
    if known is None:
        return open_mg
    apart_ml = abs(share - open_mg) / known.mg_per_ml
    return open_mg if share > open_mg or apart_ml <= slack_ml(open_mg / known.mg_per_ml, limits) else share
