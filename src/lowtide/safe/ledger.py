"""The books of one safe, folded from its stream as double entry (pure).

Every entry moves quantities from one account to another, so that nothing can appear or vanish: what came in lies in
sealed containers, in opened vials or in somebody's hand, or it left by a way that is named. `faults` says where the
entries contradict each other; a verb that would add one is refused.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from lowtide.data.safe import is_counted
from lowtide.record.chart import Chart
from lowtide.record.entries import safe as said
from lowtide.record.entries.base import Body, Entry

ZERO = Decimal(0)
SEALED, VIAL, HAND = "sealed", "vial", "hand"
INSIDE = (SEALED, VIAL, HAND)
SUPPLIER, OTHER_SAFE, PATIENT, WASTE, DESTROYED, LOST, ADJUSTED = (
    "supplier", "other safe", "patient", "waste", "destroyed", "lost", "adjusted",
)  # fmt: skip
MOVES = (
    said.StockReceived, said.StockSent, said.StockTaken, said.DrugDrawn, said.DrugGiven, said.DrugWasted,
    said.DrugReturned, said.StockAdjusted, said.StockDestroyed, said.StockLost,
)  # fmt: skip
MOVED = "Look at the safe again: it may have moved on."
Key = tuple[str, str]
"""A product and a lot."""


class Account(NamedTuple):
    """Where a quantity of a lot is, or where it came from or went; `name` is the vial's, or the draw's id."""

    product: str
    lot: str
    kind: str
    name: str = ""


class Posting(NamedTuple):
    """`quantity` goes from one account to the other by this entry."""

    entry: Entry
    source: Account
    target: Account
    quantity: Decimal


class Fault(NamedTuple):
    """A contradiction in the books, in words."""

    what: str
    mend: str


class Lot(msgspec.Struct, frozen=True):
    """What the containers of a lot hold, as it was written when they first came, by `entry`; `ndc` is the number of its
    package."""

    product: str
    lot: str
    expires: date
    unit: str
    per_container: Decimal
    mg_per_unit: Decimal
    entry: UUID
    ndc: str | None = None

    @property
    def counted(self) -> bool:
        """Pieces are drawn; there are no opened containers."""
        return is_counted(self.unit)


class Draw(msgspec.Struct, frozen=True):
    """What was taken out for a session. `id` is the first entry of its line: what follows names it."""

    id: UUID
    entry: Entry
    body: said.DrugDrawn


class Case(msgspec.Struct, frozen=True):
    """A discrepancy: how it began, what was done since, how it ended."""

    id: UUID
    entry: Entry
    body: said.CaseOpened
    notes: tuple[tuple[Entry, said.CaseNoted], ...]
    closed: tuple[Entry, said.CaseClosed] | None

    @property
    def owner(self) -> str:
        given = [note.owner for _, note in self.notes if note.owner]
        return given[-1] if given else self.body.owner


class Ledger(msgspec.Struct, frozen=True):
    """The books as they stand."""

    lots: dict[Key, Lot]
    balances: dict[Account, Decimal]
    draws: dict[UUID, Draw]
    cases: dict[UUID, Case]
    held: dict[Key, tuple[Entry, said.LotHeld]]
    opened: dict[Account, datetime]
    postings: tuple[Posting, ...]
    faults: tuple[Fault, ...]

    def balance(self, *account: str) -> Decimal:
        return self.balances.get(Account(*account), ZERO)

    def containers(self, key: Key) -> int:
        """How many sealed containers of the lot are here."""
        lot = self.lots.get(key)
        return int(self.balance(*key, SEALED) / lot.per_container) if lot else 0

    def vials(self, key: Key) -> dict[str, Decimal]:
        """The opened vials of the lot with what is left in each; empty ones are gone."""
        found = ((a, q) for a, q in self.balances.items() if a[:3] == (*key, VIAL) and q)
        return {a.name: q for a, q in sorted(found)}

    def on_hand(self, key: Key) -> Decimal:
        """What lies in the safe of the lot, sealed and opened."""
        return self.balance(*key, SEALED) + sum(self.vials(key).values(), ZERO)

    def in_hand(self, draw: UUID) -> Decimal:
        """What of the draw is not accounted for yet."""
        body = self.draws[draw].body
        return self.balance(body.product, body.lot, HAND, str(draw))

    def went(self, draw: UUID, kind: str) -> Decimal:
        """How much of the draw went one way: given, wasted, lost, or back."""
        kinds = (SEALED, VIAL) if kind == "returned" else (kind,)
        return sum((p.quantity for p in self.postings if _of(p.source, draw) and p.target.kind in kinds), ZERO)  # fmt: skip

    def of_session(self, session: UUID) -> list[Draw]:
        return [d for d in self.draws.values() if d.entry.session == session]

    def open_draws(self, session: UUID | None = None) -> list[Draw]:
        """The draws that are not closed: drawn is not yet given, wasted, returned or lost; of one session, or all."""
        found = self.draws.values() if session is None else self.of_session(session)
        return [d for d in found if self.in_hand(d.id)]

    def open_cases(self) -> list[Case]:
        """The cases that wait for somebody, the earliest deadline first."""
        return sorted((c for c in self.cases.values() if not c.closed), key=lambda c: c.body.due_at)

    def stocked(self) -> list[Key]:
        """The lots of which there is something here, the earliest expiry first within a product."""
        here = [key for key in self.lots if self.on_hand(key)]
        return sorted(here, key=lambda key: (key[0], self.lots[key].expires, key[1]))

    def is_held(self, key: Key) -> bool:
        return key in self.held and self.held[key][1].held


def _of(account: Account, draw: UUID) -> bool:
    return account.kind == HAND and account.name == str(draw)


def fold(chart: Chart) -> Ledger:
    """The books of a safe's stream, corrections applied, in the order in which things happened."""
    faults: list[Fault] = []
    lots = _lots(chart, faults)
    draws = {root: Draw(root, e, b) for e, b in chart.said(said.DrugDrawn) if (root := _root(chart, e.id))}
    moving = sorted(((e, b) for kind in MOVES for e, b in chart.said(kind)), key=lambda pair: pair[0].order)
    postings: list[Posting] = []
    for entry, body in moving:
        try:
            postings += _postings(chart, entry, body, lots, draws)
        except LookupError as error:
            faults.append(Fault(*error.args) if len(error.args) == 2 else Fault(str(error.args[0]), MOVED))
    balances = _run(postings, lots, faults)
    opened = _opened(postings, faults)
    return Ledger(lots, balances, draws, _cases(chart), _held(chart), opened, tuple(postings), tuple(faults))


def _root(chart: Chart, entry: UUID) -> UUID | None:
    """The entry that a line of corrections began with."""
    return chart.line(entry)[0].id if entry in chart.entries else None


def _lots(chart: Chart, faults: list[Fault]) -> dict[Key, Lot]:
    """Each lot as its receipts say it; two that differ are one of them misread."""
    found: dict[Key, Lot] = {}
    came: list[tuple[Entry, Any]] = sorted(
        [*chart.said(said.StockReceived), *chart.said(said.StockTaken)], key=lambda p: p[0].order
    )
    for entry, b in came:
        lot = Lot(b.product, b.lot, b.expires, b.unit, b.per_container, b.mg_per_unit, entry.id, b.ndc)
        known = found.setdefault((b.product, b.lot), lot)
        if known.ndc is None and b.ndc:
            known = found[b.product, b.lot] = msgspec.structs.replace(known, ndc=b.ndc)
        if msgspec.structs.replace(lot, entry=known.entry, ndc=known.ndc) != known:
            faults.append(
                Fault(
                    f"lot {b.lot} is here already with the expiry date {found[b.product, b.lot].expires}",
                    "Read lot and expiry date off the container again.",
                )
            )
    return found


def _postings(
    chart: Chart, entry: Entry, body: Body, lots: dict[Key, Lot], draws: dict[UUID, Draw]
) -> Iterator[Posting]:
    """What one entry moves. LookupError when it names a lot or a draw that is not there."""
    match body:
        case said.DrugDrawn():
            yield from _drawn(chart, entry, body, _lot(body, lots))
        case said.DrugGiven() | said.DrugReturned():
            yield _out_of_hand(chart, entry, body.draw, body, lots, draws)
        case said.DrugWasted() | said.StockLost() if body.draw is not None:
            yield _out_of_hand(chart, entry, body.draw, body, lots, draws)
        case said.DrugWasted() if not body.vial:
            raise LookupError("what was wasted names neither a draw nor an opened vial")
        case _:
            yield from _stock(entry, body, _lot(body, lots))


def _lot(body: Body, lots: dict[Key, Lot]) -> Lot:
    key = (getattr(body, "product", None), getattr(body, "lot", None))
    if key not in lots:
        raise LookupError(f"lot {key[1]} of this product was never here")
    return lots[key]


def _drawn(chart: Chart, entry: Entry, body: said.DrugDrawn, lot: Lot) -> Iterator[Posting]:
    hand = Account(lot.product, lot.lot, HAND, str(_root(chart, entry.id)))
    sealed = Account(lot.product, lot.lot, SEALED)
    if lot.counted:
        if body.quantity % lot.per_container:
            said_of = f"{lot.unit}s"
            raise LookupError(
                f"{said_of} are whole",
                f"Write how many {said_of} you took; a part that is not given is wasted.",
            )
        yield Posting(entry, sealed, hand, body.quantity)
        return
    if not body.vial:
        raise LookupError("the vial it was drawn from is missing")
    vial = Account(lot.product, lot.lot, VIAL, body.vial)
    if body.opens:
        yield Posting(entry, sealed, vial, lot.per_container)
    yield Posting(entry, vial, hand, body.quantity)


def _out_of_hand(
    chart: Chart, entry: Entry, of: UUID, body: Body, lots: dict[Key, Lot], draws: dict[UUID, Draw]
) -> Posting:
    draw = draws.get(_root(chart, of) or of)
    if draw is None:
        raise LookupError("what it was taken from was not drawn, or its line was struck through")
    lot = _lot(draw.body, lots)
    if isinstance(body, said.DrugReturned) and lot.counted and body.quantity % lot.per_container:
        raise LookupError(f"a part of a {lot.unit} is not put back", "Waste it: why, and how.")
    hand = Account(lot.product, lot.lot, HAND, str(draw.id))
    return Posting(entry, hand, _way(body, draw, lot), body.quantity)  # type: ignore[attr-defined]


def _way(body: Body, draw: Draw, lot: Lot) -> Account:
    match body:
        case said.DrugGiven():
            return Account(lot.product, lot.lot, PATIENT, str(draw.entry.session))
        case said.DrugWasted():
            return Account(lot.product, lot.lot, WASTE)
        case said.StockLost():
            return Account(lot.product, lot.lot, LOST)
    if lot.counted:
        return Account(lot.product, lot.lot, SEALED)
    return Account(lot.product, lot.lot, VIAL, draw.body.vial or "")


def _stock(entry: Entry, body: Body, lot: Lot) -> Iterator[Posting]:
    """Sealed containers and the content of an opened vial, coming or going."""
    other = Account(lot.product, lot.lot, OUTSIDE[type(body)])
    comes = isinstance(body, said.StockReceived | said.StockTaken | said.StockAdjusted)
    sealed = getattr(body, "containers", 0) * lot.per_container
    parts = [(Account(lot.product, lot.lot, SEALED), sealed)]
    if name := getattr(body, "vial", None):
        parts.append((Account(lot.product, lot.lot, VIAL, name), body.quantity))  # type: ignore[attr-defined]
    for inside, quantity in parts:
        if quantity:
            yield _posting(entry, other, inside, quantity if comes else -quantity)


def _posting(entry: Entry, other: Account, inside: Account, quantity: Decimal) -> Posting:
    if quantity < 0:
        return Posting(entry, inside, other, -quantity)
    return Posting(entry, other, inside, quantity)


OUTSIDE: dict[type[Body], str] = {
    said.StockReceived: SUPPLIER,
    said.StockTaken: OTHER_SAFE,
    said.StockSent: OTHER_SAFE,
    said.StockAdjusted: ADJUSTED,
    said.StockDestroyed: DESTROYED,
    said.StockLost: LOST,
    said.DrugWasted: WASTE,
}


def _run(postings: Iterable[Posting], lots: dict[Key, Lot], faults: list[Fault]) -> dict[Account, Decimal]:
    """The balances after everything; what would be below nothing after any instant is a fault."""
    balances: dict[Account, Decimal] = {}
    wrong: set[Account] = set()
    for _, together in groupby(postings, key=lambda p: p.entry.at):
        touched: set[Account] = set()
        for _, source, target, quantity in together:
            balances[source] = balances.get(source, ZERO) - quantity
            balances[target] = balances.get(target, ZERO) + quantity
            touched |= {source, target}
        for account in sorted(touched - wrong):
            if account.kind in INSIDE and balances[account] < 0:
                wrong.add(account)
                faults.append(_below(account, balances[account], lots))
    return balances


def _below(account: Account, balance: Decimal, lots: dict[Key, Lot]) -> Fault:
    unit = lots[account.product, account.lot].unit
    where = {
        SEALED: f"sealed stock of lot {account.lot}",
        VIAL: f"vial {account.name}",
        HAND: "what is in hand of this draw",
    }[account.kind]
    return Fault(
        f"{where} would be {-balance:f} {unit} short",
        "There is not so much. Look at the safe again, and at the quantity.",
    )


def _opened(postings: Iterable[Posting], faults: list[Fault]) -> dict[Account, datetime]:
    """When each opened vial was opened, or came here; a name is used once."""
    found: dict[Account, datetime] = {}
    for entry, source, target, _ in postings:
        if target.kind == VIAL and source.kind in (SEALED, OTHER_SAFE):
            if target in found and source.kind == SEALED:
                faults.append(Fault(f"a vial {target.name} was opened before", "Open the page again."))
            found.setdefault(target, entry.at)
    return found


def _held(chart: Chart) -> dict[Key, tuple[Entry, said.LotHeld]]:
    """The latest word on each lot that was ever held."""
    return {(b.product, b.lot): (e, b) for e, b in chart.said(said.LotHeld)}


def _cases(chart: Chart) -> dict[UUID, Case]:
    notes: dict[UUID | None, list[tuple[Entry, said.CaseNoted]]] = {}
    for entry, note in chart.said(said.CaseNoted):
        notes.setdefault(_root(chart, note.case), []).append((entry, note))
    closed = {_root(chart, b.case): (e, b) for e, b in chart.said(said.CaseClosed)}
    return {
        root: Case(root, e, b, tuple(notes.get(root, ())), closed.get(root))
        for e, b in chart.said(said.CaseOpened)
        if (root := _root(chart, e.id))
    }
