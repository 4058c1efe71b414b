"""The demonstration's two safes: deliveries, draws for the sessions of the last weeks, counts, one case that is open."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import partial
from uuid import UUID, uuid5

from lowtide.data.safe import products
from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.safe import CaseOpened, CountLine, VialSeen
from lowtide.safe.actions import clearing, counting, session, stock
from lowtide.safe.actions.common import Act, books
from lowtide.safe.actions.session import Waste
from lowtide.safe.ledger import Key, Ledger
from lowtide.safe.places import is_active, stream_of
from lowtide.site.demo.acting import acting
from lowtide.site.demo.staff import NAMESPACE

MAIN, ROOM = "main", "room"
WEEKS, HOUR, DAY = 4, timedelta(hours=1), timedelta(days=1)
RACEMIC, SHORT = ("ketamine_50_10", "6K221"), ("ketamine_50_10", "5H107")
MIDAZOLAM, NASAL = ("midazolam_1_5", "MZ4410"), ("esketamine_nasal_28", "24BG113")
CAPSULES = ("ketamine_capsule_25", "CK2507")
STEP = Decimal("0.1")
Event = tuple[datetime, Callable[[], None]]


def events(now: datetime) -> Iterator[Event]:
    """What happens at the safes beside the sessions, in no order."""
    began = now - timedelta(weeks=WEEKS)
    yield began, partial(_open, began)
    for week in range(1, WEEKS):
        yield began + week * timedelta(weeks=1), partial(_count, began + week * timedelta(weeks=1), week == 2)
    yield now - 30 * HOUR, partial(_count, now - 30 * HOUR, place=ROOM)
    yield now - 9 * DAY, partial(_short_dated, now - 9 * DAY)
    yield now - 6 * DAY, partial(_to_the_room, now - 6 * DAY)
    yield now - 15 * HOUR, partial(_count, now - 15 * HOUR, True, True)


def _act(who: str, at: datetime, what: str, place: str = MAIN, witness: str = "nurse2") -> Act:
    entry = uuid5(NAMESPACE, f"safe {place} {what} {at.isoformat()}")
    return Act(person=_who(who), place=place, entry_id=entry, witness=_who(witness), now=at)


def _who(login: str) -> Person:
    return acting(login)


def _open(at: datetime) -> None:
    """Two safes, their first stock, and the inventory with which the books begin."""
    for place, name in ((MAIN, "Main safe"), (ROOM, "Treatment room")):
        stock.open_safe(_act("director", at, "open", place), name=name, registration="DEMO-0000")
    minute = timedelta(minutes=1)
    _receive(at + minute, RACEMIC, 14, date(at.year + 2, 8, 31))
    _receive(at + 2 * minute, MIDAZOLAM, 10, date(at.year + 1, 11, 30))
    _receive(at + 3 * minute, NASAL, 24, date(at.year + 1, 10, 31))
    _receive(at + 4 * minute, CAPSULES, 60, date(at.year + 1, 6, 30))
    _count(at + HOUR, inventory="opening")
    _count(at + HOUR, inventory="opening", place=ROOM)


def _receive(at: datetime, key: Key, containers: int, expires: date) -> None:
    stock.receive(
        _act("nurse", at, f"receive {key}"),
        product=key[0],
        lot=key[1],
        expires=expires,
        containers=containers,
        supplier="Harbor Supply (invented)",
        supplier_registration="DEMO-1111",
        supplier_address="1 Harbour Street",
        invoice="4471",
    )


def _short_dated(at: datetime) -> None:
    """A delivery with little time left: the safe marks it."""
    _receive(at, SHORT, 3, (at + timedelta(days=44)).date())


def _to_the_room(at: datetime) -> None:
    stock.transfer(_act("nurse", at, "transfer"), to=ROOM, key=MIDAZOLAM, containers=2)


def _count(
    at: datetime,
    differs: bool = False,
    stays: bool = False,
    *,
    place: str = MAIN,
    inventory: str | None = None,
) -> None:
    """A count that agrees, or one in which a vial was overlooked: cleared up at once, or still open."""
    found = books(place)
    lines = tuple(_seen(found, key, short=differs and key == MIDAZOLAM) for key in found.stocked())
    known = store.load(stream_of(place)).seq
    written = counting.count(_act("nurse", at, "count", place), lines=lines, known=known, inventory=inventory)
    cases = [e.id for e in written if isinstance(e.body, CaseOpened)]
    if cases:
        _look_into(cases[0], at, stays)


def _seen(found: Ledger, key: Key, *, short: bool) -> CountLine:
    vials = tuple(VialSeen(vial, left) for vial, left in found.vials(key).items())
    return CountLine(*key, containers=found.containers(key) - short, vials=vials)


def _look_into(case: UUID, at: datetime, stays: bool) -> None:
    clearing.note(
        _act("nurse", at + HOUR, "note"),
        case=case,
        text="Counted again, the same. The lines of the day look right.",
        contact="the day shift",
    )
    if not stays:
        clearing.close(
            _act("director", at + 3 * HOUR, "close"),
            case=case,
            finding="miscounted",
            text="The vial lay behind the tray; counted a third time, all there.",
        )


# -- for a session ---------------------------------------------------------------------------------------------


def draw(at: datetime, patient: UUID, of: UUID, order: OrderSigned) -> None:
    """What the order asks for, drawn a little over; nothing before the safe was in use."""
    key, quantity = _from(order)
    if key is None or not is_active(store.load(stream_of(MAIN))):
        return
    vial = None
    if key == RACEMIC:
        quantity = quantity.quantize(STEP, ROUND_CEILING)
        vial = next((v for v, left in books(MAIN).vials(key).items() if left >= quantity), None)
        if vial is None:
            _pour_away(at - timedelta(minutes=1), books(MAIN))
    session.draw(
        _act("nurse", at, f"draw {of}"), key=key, quantity=quantity, patient=patient, session=of, vial=vial
    )


def draw_volume(at: datetime, patient: UUID, of: UUID, quantity: Decimal) -> None:
    """So much of a vial, for one bag of several."""
    vial = next((v for v, left in books(MAIN).vials(RACEMIC).items() if left >= quantity), None)
    if vial is None:
        _pour_away(at - timedelta(minutes=1), books(MAIN))
    act = _act("nurse", at, f"draw {of} {quantity}")
    session.draw(act, key=RACEMIC, quantity=quantity, patient=patient, session=of, vial=vial)


def account_draw(at: datetime, draw: UUID | None, given: Decimal, rest: Decimal) -> None:
    """One bag is accounted for: what went in, and what was left of it."""
    assert draw
    poured = (Waste(rest, "residual", "sequestration"),)
    session.account(_act("nurse", at, f"account {draw}"), draw=draw, given=given, wasted=poured)


def _from(order: OrderSigned) -> tuple[Key | None, Decimal]:
    """The lot that an order is drawn from and how much; nothing for what the safe does not keep."""
    for key in (RACEMIC, NASAL, CAPSULES):
        product = products()[key[0]]
        strength, quantity = (
            (order.each_mg, order.count) if product.counted else (order.vial_mg_per_ml, order.vial_volume_ml)
        )
        if (order.drug, strength) == (product.drug, product.mg_per_unit) and order.route in product.routes:
            return key, quantity or Decimal(0)
    return None, Decimal(0)


def _pour_away(at: datetime, found: Ledger) -> None:
    """What is too little for a dose is wasted before another vial is opened."""
    for vial, left in found.vials(RACEMIC).items():
        rest = Waste(left, "opened_vial", "sequestration")
        session.waste_vial(_act("nurse", at, f"rest {vial}"), key=RACEMIC, vial=vial, waste=rest)


def account(at: datetime, of: UUID, order: OrderSigned) -> None:
    """All of the dose was given; what was drawn over is poured away in front of a colleague."""
    _, given = _from(order)
    for one in books(MAIN).of_session(of):
        rest = one.body.quantity - given
        wasted = (Waste(rest, "residual", "sequestration"),) if rest else ()
        session.account(_act("nurse", at, f"account {of}"), draw=one.id, given=given, wasted=wasted)
