"""Whether what the safe gave out for a session is accounted for, and agrees with what the chart says went in (pure).

Drawn is given, wasted, returned or lost before the record is signed (hazard H036). What the chart derives from the pump
may lie a little apart from what was measured with a syringe; beyond the clinic's tolerance somebody says why. The same
holds between what a pump itself told and what was recorded.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from lowtide.data.safe import Limits, products
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.pumped import Agreement, agreement
from lowtide.record.entries.care import OrderSigned
from lowtide.safe.ledger import LOST, PATIENT, WASTE, Draw, Ledger

ZERO = Decimal(0)


class Held(msgspec.Struct, frozen=True):
    """One draw for the session, in the product's unit: what was drawn and what became of it."""

    stream: str
    draw: Draw
    drug: str
    unit: str
    mg_per_unit: Decimal
    given: Decimal
    wasted: Decimal
    returned: Decimal
    lost: Decimal
    left: Decimal


class Custody(msgspec.Struct, frozen=True):
    """All draws for the session. `charted_mg` is what the chart says went in, where that must agree with the safe."""

    draws: tuple[Held, ...]
    charted_mg: Decimal | None
    given_mg: Decimal
    allowed_mg: Decimal
    pump: Agreement | None = None

    @property
    def open(self) -> tuple[Held, ...]:
        """The draws of which something is still in hand."""
        return tuple(one for one in self.draws if one.left)

    @property
    def difference_mg(self) -> Decimal:
        return ZERO if self.charted_mg is None else self.charted_mg - self.given_mg

    @property
    def differs(self) -> bool:
        """The chart and the safe lie further apart than two measurements of one dose do."""
        return abs(self.difference_mg) > self.allowed_mg

    @property
    def pump_differs(self) -> bool:
        """What the pump told and what was recorded do, or what it told and what was ordered."""
        return (
            self.pump is not None and self.pump.final and (self.pump.differs or self.pump.differs_from_order)
        )


def custody(facts: Facts, safes: Mapping[str, Ledger], limits: Limits) -> Custody:
    """How the session stands with every safe."""
    draws = tuple(
        _held(name, books, draw) for name, books in safes.items() for draw in books.of_session(facts.session)
    )
    drug = facts.order[1].drug if facts.order else None
    given = sum((one.given * one.mg_per_unit for one in draws if one.drug == drug), ZERO)
    charted = facts.given_mg
    if charted is not None and not (any(one.drug == drug for one in draws) or _expected(facts, safes)):
        charted = None
    allowed = max(limits.pump_mg, (charted or ZERO) * limits.pump_share / 100)
    return Custody(draws, charted, given, allowed, agreement(facts, limits))


def _held(stream: str, books: Ledger, draw: Draw) -> Held:
    lot, product = books.lots[draw.body.product, draw.body.lot], products().get(draw.body.product)
    return Held(
        stream=stream,
        draw=draw,
        drug=product.drug if product else "",
        unit=lot.unit,
        mg_per_unit=lot.mg_per_unit,
        given=books.went(draw.id, PATIENT),
        wasted=books.went(draw.id, WASTE),
        returned=books.went(draw.id, "returned"),
        lost=books.went(draw.id, LOST),
        left=books.in_hand(draw.id),
    )


def _expected(facts: Facts, safes: Mapping[str, Ledger]) -> bool:
    """A safe had the ordered drug in a form for this route when the dose began: then it came from there."""
    began = facts.started_at
    return began is not None and any(at <= began for at in _stocked_since(facts, safes))


def _stocked_since(facts: Facts, safes: Mapping[str, Ledger]) -> Iterator[datetime]:
    order = facts.order[1] if facts.order else None
    for books in safes.values():
        for posting in books.postings:
            if order and fits(order, posting.target.product):
                yield posting.entry.at


def fits(order: OrderSigned, product_id: str) -> bool:
    """Whether a product of the safe is the ordered drug in a form for this route."""
    product = products().get(product_id)
    return product is not None and product.drug == order.drug and order.route in product.routes
