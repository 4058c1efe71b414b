"""Stock: a safe is opened, deliveries come, go to another safe, are destroyed, adjusted or lost."""

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from lowtide.data.safe import limits, products
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.safe import (
    CaseOpened,
    SafeOpened,
    StockAdjusted,
    StockDestroyed,
    StockLost,
    StockReceived,
    StockSent,
    StockTaken,
)
from lowtide.safe.actions.common import Act, Charts, append, books, require
from lowtide.safe.due import business_days_after, expired
from lowtide.safe.ledger import Key, Lot
from lowtide.safe.places import every_safe, held_because, is_active, label, stream_of

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NOTHING = Decimal(0)


def open_safe(act: Act, *, name: str, registration: str | None = None) -> list[Entry]:
    """Open a place where controlled drugs are kept. Its address is `act.place`."""
    require(act, Permission.KEEP_SAFE, "receive" if act.witness else "draw")
    if not NAME.fullmatch(act.place):
        raise bad(f"“{act.place}” is no address", "place", "Use small letters, digits and hyphens.")
    body = SafeOpened(label=name.strip(), registration=registration or None)

    def check(charts: Charts) -> None:
        if is_active(charts[act.stream]):
            raise refuse(f"there is a safe “{act.place}” already", "place", "Choose another name.")

    return append(act, [act.draft(body)], check)


def receive(
    act: Act,
    *,
    product: str,
    lot: str,
    expires: date,
    containers: int,
    supplier: str,
    supplier_registration: str | None = None,
    supplier_address: str | None = None,
    invoice: str | None = None,
    ndc: str | None = None,
) -> list[Entry]:
    """A delivery of one lot, opened and counted by two."""
    require(act, Permission.USE_SAFE, "receive")
    known = products().get(product)
    if known is None:
        raise bad(f"“{product}” is not stocked", "product", f"One of: {', '.join(products())}.")
    if expired(expires, act.today):
        raise refuse(
            f"this lot expired on {expires:%d %b %Y}",
            "expires",
            "Read the date again; send expired stock back.",
        )
    body = StockReceived(
        product=product,
        lot=tidy(lot),
        expires=expires,
        containers=containers,
        unit=known.unit,
        per_container=known.per_container,
        mg_per_unit=known.mg_per_unit,
        supplier=supplier.strip(),
        supplier_registration=supplier_registration or None,
        supplier_address=supplier_address or None,
        invoice=invoice or None,
        ndc=(ndc or "").strip() or None,
        witness=act.seen_by,
    )
    key = product, tidy(lot)
    return append(act, [act.draft(body)], lambda charts: _not_recalled(charts, key), streams=every_safe())


def _not_recalled(charts: Charts, key: Key) -> None:
    if held_because(key, charts.values()):
        raise refuse(
            f"lot {key[1]} is held", "lot", "It is under a recall: send it back, or release it first."
        )


def tidy(lot: str) -> str:
    """One spelling of a lot: as on the label, in capitals, without blanks."""
    return re.sub(r"\s+", "", lot).upper()


def transfer(act: Act, *, to: str, key: Key, containers: int = 0, vial: str | None = None) -> list[Entry]:
    """Hand sealed containers, or an opened vial with all that is in it, to another safe: one act, two streams."""
    require(act, Permission.USE_SAFE, "transfer")
    if to == act.place:
        raise bad("it is in this safe already", "to", "Choose the other safe.")
    lot = _lot(act, key)
    quantity = _content(act, key, vial)
    same: dict[str, Any] = {
        "product": lot.product,
        "lot": lot.lot,
        "containers": containers,
        "vial": vial,
        "quantity": quantity,
    }
    link = uuid5(act.entry_id, "transfer")
    out = StockSent(transfer=link, to=to, witness=act.seen_by, **same)
    into = StockTaken(
        transfer=link,
        came_from=act.place,
        expires=lot.expires,
        unit=lot.unit,
        per_container=lot.per_container,
        mg_per_unit=lot.mg_per_unit,
        ndc=lot.ndc,
        witness=act.seen_by,
        **same,
    )
    drafts = [act.draft(out), act.draft(into, "taken", stream=stream_of(to))]
    return append(act, drafts)


def adjust(
    act: Act,
    *,
    key: Key,
    reason: str,
    containers: int = 0,
    vial: str | None = None,
    quantity: Decimal = NOTHING,
    case: UUID | None = None,
) -> list[Entry]:
    """Bring the books in line with what was found. Only with a reason, and never by one person."""
    require(act, Permission.KEEP_SAFE, "adjust")
    if not reason.strip():
        raise bad(
            "an adjustment needs its reason", "reason", "Say what was found, and how often it was counted."
        )
    body = StockAdjusted(
        product=key[0],
        lot=key[1],
        containers=containers,
        vial=vial or None,
        quantity=quantity,
        case=case,
        witness=act.seen_by,
    )
    if quantity and not vial:
        raise bad(
            "a quantity belongs to an opened vial", "vial", "Choose the vial, or adjust sealed containers."
        )
    return append(act, [act.draft(body, reason=reason.strip())])


def destroy(
    act: Act,
    *,
    key: Key,
    how: str,
    firm: str,
    containers: int = 0,
    vial: str | None = None,
    reference: str | None = None,
) -> list[Entry]:
    """Expired, recalled or unwanted stock leaves for good: not the way of waste at the chair."""
    require(act, Permission.KEEP_SAFE, "destroy")
    if not firm.strip():
        raise bad("who took it is missing", "firm", "Write the firm, or who destroyed it here.")
    body = StockDestroyed(
        product=key[0],
        lot=key[1],
        how=how,
        firm=firm.strip(),
        containers=containers,
        vial=vial or None,
        quantity=_content(act, key, vial),
        reference=reference or None,
        witness=act.seen_by,
    )
    return append(act, [act.draft(body)])


def lose(
    act: Act,
    *,
    key: Key,
    how: str,
    circumstances: str,
    containers: int = 0,
    vial: str | None = None,
    quantity: Decimal = NOTHING,
    draw: UUID | None = None,
) -> list[Entry]:
    """Stolen, missing or broken: it leaves the books, and a case begins in the same breath."""
    require(act, Permission.USE_SAFE, "lose")
    body = StockLost(
        product=key[0],
        lot=key[1],
        how=how,
        circumstances=circumstances.strip(),
        containers=containers,
        vial=vial or None,
        quantity=quantity,
        draw=draw,
        witness=act.seen_by,
    )
    drawn = books(act.place).draws.get(draw) if draw else None
    if draw and drawn is None:
        raise bad("this was not drawn here", "draw", "Look at the safe again.")
    session = drawn.entry.session if drawn else None
    return append(act, [act.draft(body, session=session), _loss_case(act, body)])


def _loss_case(act: Act, body: StockLost) -> Draft:
    lost = f"{body.containers} sealed" if body.containers else f"{body.quantity:f}"
    case = CaseOpened(
        about=act.entry_id,
        what="loss",
        told=f"{lost} of lot {body.lot} lost ({body.how}) in {label(act.place)}",
        owner=act.person.by,
        due_at=business_days_after(act.now, limits().loss_due_business_days, zone()),
        product=body.product,
        lot=body.lot,
        vial=body.vial,
    )
    return act.draft(case, "case")


def _lot(act: Act, key: Key) -> Lot:
    found = books(act.place).lots.get(key)
    if found is None:
        raise bad(f"lot {key[1]} is not here", "lot", "Choose one of the list.")
    return found


def _content(act: Act, key: Key, vial: str | None) -> Decimal:
    """All that is in an opened vial; nothing where none is named. What was sent before says what it was then."""
    sent = store.find(act.entry_id)
    if sent is not None:
        return getattr(sent.body, "quantity", NOTHING)
    return books(act.place).vials(key).get(vial, NOTHING) if vial else NOTHING
