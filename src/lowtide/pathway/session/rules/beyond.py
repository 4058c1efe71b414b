"""What a bag or syringe goes beyond that somebody made up: what the order has left, or what was drawn for the session
(pure; hazards H012, H036). Whether that is refused or asks for a reason is the clinic's number.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.data.safe import Limits
from lowtide.pathway.session.rules.containers import Container, containers
from lowtide.pathway.session.rules.drawn import drawn, slack_ml
from lowtide.pathway.session.rules.facts import Facts
from lowtide.record.entries.longrun import ContainerPrepared
from lowtide.safe.lots import lots_of
from lowtide.science.units import amount, plain

ZERO = Decimal(0)


class Beyond(msgspec.Struct, frozen=True):
    """One thing it goes beyond, in words; `refused`: no reason makes it good here."""

    what: str
    field: str
    refused: bool


class Source(msgspec.Struct, frozen=True):
    """What the safes say: the lots drawn for this session, and whether they keep this drug at all."""

    lots: frozenset[str]
    keeps: bool


def beyond(
    facts: Facts, body: ContainerPrepared, source: Source, dosing: Dosing, safe: Limits, now: datetime
) -> Iterator[Beyond]:
    """What this one goes beyond; nothing where the order has so much left and its lots were drawn."""
    order = facts.order[1] if facts.order else None
    known, left_ml = drawn(order), left_to_make_ml(facts, now)
    if order and known and left_ml is not None and body.final_volume_ml > left_ml + slack_ml(left_ml, dosing):
        left, mg = (amount(order.dose_mg * ml / known.whole_ml) for ml in (left_ml, body.final_volume_ml))
        where = "final_volume_ml" if known.is_diluted else "vial_volume_ml"
        what = f"the order has {plain(left)} mg left to be made up, this holds {plain(mg)} mg"
        yield Beyond(what, where, bool(safe.beyond_order_refused))
    strange = [] if body.draws else sorted(lots_of(body.lot) - lots_of(*source.lots))
    if strange and source.keeps:
        named = (
            body.lot if len(strange) > 1 else next(x for x in body.lot.split(",") if lots_of(x) == {*strange})
        )
        yield Beyond(
            f"lot {named.strip()} was not drawn for this session", "lot", bool(safe.undrawn_lot_refused)
        )


def left_to_make_ml(facts: Facts, now: datetime) -> Decimal | None:
    """What of the order is neither given, nor hanging, nor made up for it; None where nothing is drawn up."""
    order = facts.order[1] if facts.order else None
    known = drawn(order)
    if order is None or known is None:
        return None
    waiting = sum((one.body.final_volume_ml for one in containers(facts) if _waits(one, facts, now)), ZERO)
    if facts.infusion:
        went = facts.infusion.loaded_ml
    else:
        went = facts.parts.given_mg * known.whole_ml / order.dose_mg if facts.parts else ZERO
    return max(ZERO, known.whole_ml - went - waiting)


def _waits(one: Container, facts: Facts, now: datetime) -> bool:
    """Made up for the standing order, not begun, and nothing yet says that it never will be."""
    of_order = facts.order is not None and one.body.order == facts.order[0].id
    return of_order and not one.begun and now < one.body.use_by and (one.checked is None or one.agreed)
