"""Entries of the controlled-drug safe, in streams `safe:<place>`. Quantities are in the unit of the product: mL as
measured, or whole devices. What concerns a session carries its id in the envelope. `witness` signed in for the entry."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.problems import Problem
from lowtide.record.entries.base import Body

NOTHING = Decimal(0)


class SafeOpened(Body, tag="safe_opened.1", frozen=True, kw_only=True):
    """A place where controlled drugs are kept; a change is a correction. `registration` is the authority's number."""

    label: str
    registration: str | None = None
    active: bool = True

    def problems(self) -> Iterator[Problem]:
        if not self.label.strip():
            yield Problem("a safe needs a name", "label", "Write what people call it, such as Main safe.")


class StockReceived(Body, tag="stock_received.1", frozen=True, kw_only=True):
    """`containers` of a lot came from a supplier. What a container holds is kept as it was then."""

    product: str
    lot: str
    expires: date
    containers: int
    unit: str
    per_container: Decimal
    mg_per_unit: Decimal
    supplier: str
    supplier_registration: str | None = None
    supplier_address: str | None = None
    invoice: str | None = None
    ndc: str | None = None
    witness: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _above_zero(self.containers, "containers")
        if not self.lot.strip():
            yield Problem("the lot is missing", "lot", "Read it off the container.")
        if not self.supplier.strip():
            yield Problem("the supplier is missing", "supplier", "Write who delivered it.")


class StockSent(Body, tag="stock_sent.1", frozen=True, kw_only=True):
    """Handed to the safe `to`: sealed containers, or the opened vial `vial` with `quantity` in it."""

    transfer: UUID
    to: str
    product: str
    lot: str
    containers: int = 0
    vial: str | None = None
    quantity: Decimal = NOTHING
    witness: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _something(self.containers, self.quantity)


class StockTaken(Body, tag="stock_taken.1", frozen=True, kw_only=True):
    """The other half of a transfer: taken over from the safe `came_from`."""

    transfer: UUID
    came_from: str
    product: str
    lot: str
    expires: date
    unit: str
    per_container: Decimal
    mg_per_unit: Decimal
    containers: int = 0
    vial: str | None = None
    quantity: Decimal = NOTHING
    ndc: str | None = None
    witness: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _something(self.containers, self.quantity)


class DrugDrawn(Body, tag="drug_drawn.1", frozen=True, kw_only=True):
    """Taken out for one session: `quantity` from the vial `vial` (`opens`: its seal was broken for it), or whole devices."""

    product: str
    lot: str
    quantity: Decimal
    patient: UUID
    vial: str | None = None
    opens: bool = False
    witness: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _above_zero(self.quantity, "quantity")


class DrugGiven(Body, tag="drug_given.1", frozen=True, kw_only=True):
    """Of the draw `draw`, this went into the patient, as measured (drawn less what was left).

    `since` and `until` are when it did by the chart; the entry's `at` is when it was written down.
    """

    draw: UUID
    quantity: Decimal
    since: datetime | None = None
    until: datetime | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _above_zero(self.quantity, "given")


class DrugWasted(Body, tag="drug_wasted.1", frozen=True, kw_only=True):
    """Poured away: of the draw `draw`, or of the opened vial `vial` of a lot. `how` says how it was made unusable."""

    quantity: Decimal
    why: str
    how: str
    draw: UUID | None = None
    product: str | None = None
    lot: str | None = None
    vial: str | None = None
    witness: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _above_zero(self.quantity, "quantity")
        if self.draw is None and not (self.product and self.lot and self.vial):
            yield Problem("what was wasted is missing", "vial", "Name the draw, or the opened vial.")


class DrugReturned(Body, tag="drug_returned.1", frozen=True, kw_only=True):
    """Of the draw `draw`, this went back where it came from, unused."""

    draw: UUID
    quantity: Decimal
    witness: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _above_zero(self.quantity, "returned")


class VialSeen(msgspec.Struct, frozen=True):
    """What was read off an opened vial."""

    vial: str
    quantity: Decimal


class CountLine(msgspec.Struct, frozen=True):
    """What two people found of one lot. None is written as 0, never left out."""

    product: str
    lot: str
    containers: int
    vials: tuple[VialSeen, ...] = ()


class StockCounted(Body, tag="stock_counted.1", frozen=True, kw_only=True):
    """A blind count of everything. `inventory` (opening or close of business) makes it the statutory inventory.

    It changes no balance: what differs opens a case.
    """

    lines: tuple[CountLine, ...]
    inventory: str | None = None
    also_found: str | None = None
    witness: str | None = None

    def problems(self) -> Iterator[Problem]:
        if any(line.containers < 0 or any(v.quantity < 0 for v in line.vials) for line in self.lines):
            yield Problem("a count cannot be negative", "lines", "Write 0 where there is none.")


class StockAdjusted(Body, tag="stock_adjusted.1", frozen=True, kw_only=True):
    """The books are brought in line with what was found, up or down; the reason is the entry's."""

    product: str
    lot: str
    containers: int = 0
    vial: str | None = None
    quantity: Decimal = NOTHING
    case: UUID | None = None
    witness: str | None = None

    def problems(self) -> Iterator[Problem]:
        if not self.containers and not self.quantity:
            yield Problem("nothing would change", "quantity", "Say by how much, with its sign.")


class StockDestroyed(Body, tag="stock_destroyed.1", frozen=True, kw_only=True):
    """Expired, recalled or unwanted stock left for good: sealed containers, or an opened vial."""

    product: str
    lot: str
    how: str
    firm: str
    containers: int = 0
    vial: str | None = None
    quantity: Decimal = NOTHING
    reference: str | None = None
    witness: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _something(self.containers, self.quantity)


class StockLost(Body, tag="stock_lost.1", frozen=True, kw_only=True):
    """Stolen, missing or broken: of sealed containers, of an opened vial, or of the draw `draw`."""

    product: str
    lot: str
    how: str
    circumstances: str
    containers: int = 0
    vial: str | None = None
    quantity: Decimal = NOTHING
    draw: UUID | None = None
    witness: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _something(self.containers, self.quantity)
        if not self.circumstances.strip():
            yield Problem("the circumstances are missing", "circumstances", "Say what was seen, and when.")


class CaseOpened(Body, tag="case_opened.1", frozen=True, kw_only=True):
    """Something does not agree: `about` is the entry that showed it, `owner` clears it up until `due_at`."""

    about: UUID
    what: str
    told: str
    owner: str
    due_at: datetime
    product: str | None = None
    lot: str | None = None
    vial: str | None = None
    unit: str | None = None
    expected: Decimal | None = None
    found: Decimal | None = None


class CaseNoted(Body, tag="case_noted.1", frozen=True, kw_only=True):
    """A step in clearing up the case `case`: what was done, whom it was spoken over with; or who owns it from now on."""

    case: UUID
    text: str
    contact: str | None = None
    owner: str | None = None

    def problems(self) -> Iterator[Problem]:
        if not self.text.strip():
            yield Problem("the note is empty", "text", "Say what was done or found.")


class CaseClosed(Body, tag="case_closed.1", frozen=True, kw_only=True):
    """The case `case` is cleared up: what was found, and the number of a report if one was sent."""

    case: UUID
    finding: str
    text: str
    reference: str | None = None
    witness: str | None = None

    def problems(self) -> Iterator[Problem]:
        if not self.text.strip():
            yield Problem("the explanation is missing", "text", "Say what was found.")


class LotHeld(Body, tag="lot_held.1", frozen=True, kw_only=True):
    """A lot may not be drawn (`held`), as a recall or a doubt asks; or it may again. `notice` names the recall."""

    product: str
    lot: str
    held: bool
    notice: str

    def problems(self) -> Iterator[Problem]:
        if not self.notice.strip():
            yield Problem("what it rests on is missing", "notice", "Name the recall notice or the doubt.")


class StruckWitnessed(Body, tag="struck_witnessed.1", frozen=True, kw_only=True):
    """The second person who looked on when the entry `entry` was struck through."""

    entry: UUID
    witness: str


def _above_zero(value: Decimal | int, where: str) -> Iterator[Problem]:
    if value <= 0:
        yield Problem("this is not above zero", where, "Write the quantity as it was measured or counted.")


def _something(containers: int, quantity: Decimal) -> Iterator[Problem]:
    if containers < 0 or quantity < 0:
        yield Problem("a quantity cannot be negative", "quantity", "Write how much it was.")
    elif not containers and not quantity:
        yield Problem(
            "how much is missing", "quantity", "Write containers, or the content of an opened vial."
        )
