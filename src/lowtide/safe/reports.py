"""What a period used and what an inventory lists, from the books of a safe (pure)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.record.entries.safe import StockAdjusted
from lowtide.safe.ledger import (
    ADJUSTED,
    DESTROYED,
    INSIDE,
    LOST,
    OTHER_SAFE,
    PATIENT,
    SUPPLIER,
    WASTE,
    ZERO,
    Draw,
    Key,
    Ledger,
    Posting,
)

WAYS = ("received", "taken over", "given", "wasted", "handed over", "destroyed", "lost", "adjusted")
_IN = {SUPPLIER: "received", OTHER_SAFE: "taken over", ADJUSTED: "adjusted"}
_OUT = {
    PATIENT: "given", WASTE: "wasted", OTHER_SAFE: "handed over", DESTROYED: "destroyed", LOST: "lost",
    ADJUSTED: "adjusted",
}  # fmt: skip
COMES = ("received", "taken over", "adjusted")


class Used(msgspec.Struct, frozen=True):
    """One lot over a period: opening + received + taken over + adjusted = all the ways out + closing."""

    key: Key
    unit: str
    mg_per_unit: Decimal
    opening: Decimal
    closing: Decimal
    ways: dict[str, Decimal]

    @property
    def row(self) -> list[Decimal]:
        return [self.ways.get(way, ZERO) for way in WAYS]

    @property
    def closes(self) -> bool:
        """The sum of the row, worked out apart from the balances."""
        came = sum((q for w, q in self.ways.items() if w in COMES), self.opening)
        left = sum((q for w, q in self.ways.items() if w not in COMES), self.closing)
        return came == left


def usage(books: Ledger, since: datetime, until: datetime) -> list[Used]:
    """Each lot that was here or moved from `since` until before `until`; what is in hand counts as here."""
    found = []
    for key, lot in sorted(books.lots.items()):
        own = [p for p in books.postings if p.source[:2] == key]
        opening, closing = (_inside(own, instant) for instant in (since, until))
        ways: dict[str, Decimal] = {}
        for posting in own:
            if since <= _at(posting) < until:
                _add(ways, posting)
        if opening or closing or ways:
            found.append(Used(key, lot.unit, lot.mg_per_unit, opening, closing, ways))
    return found


def _inside(postings: Iterable[Posting], before: datetime) -> Decimal:
    """What lay in the safe or in somebody's hand just before an instant."""
    return sum((_change(p) for p in postings if _at(p) < before), ZERO)


def _at(posting: Posting) -> datetime:
    """When it left or came: what went in did so by the chart's time, whenever it was written down."""
    return getattr(posting.entry.body, "until", None) or posting.entry.at


def _change(posting: Posting) -> Decimal:
    came, left = posting.target.kind in INSIDE, posting.source.kind in INSIDE
    return posting.quantity * (came - left)


def _add(ways: dict[str, Decimal], posting: Posting) -> None:
    change = _change(posting)
    if not change:
        return
    way = _IN[posting.source.kind] if change > 0 else _OUT[posting.target.kind]
    signed = change if isinstance(posting.entry.body, StockAdjusted) else abs(change)
    ways[way] = ways.get(way, ZERO) + signed


def given_of(books: Ledger, key: Key) -> list[tuple[Draw, Decimal]]:
    """Each draw of a lot of which something went into a patient, with how much, in the order of time."""
    found: dict[str, Decimal] = {}
    for posting in books.postings:
        if posting.target[:3] == (*key, PATIENT):
            found[posting.source.name] = found.get(posting.source.name, ZERO) + posting.quantity
    drawn = ((books.draws[UUID(name)], quantity) for name, quantity in found.items())
    return sorted(drawn, key=lambda pair: pair[0].entry.order)
