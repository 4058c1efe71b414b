"""What is in a safe, product by product: sealed, opened, in hand, and what needs an eye."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from lowtide.data.safe import label, limits, products
from lowtide.people.who import names_of
from lowtide.safe.due import expired
from lowtide.safe.ledger import HAND, VIAL, ZERO, Account, Draw, Key, Ledger
from lowtide.safe.shown.patients import patients_of

Row = dict[str, Any]
EXPIRED, HELD, SOON = ("stop", "Expired"), ("stop", "Held"), ("caution", "Expires soon")


def stock(books: Ledger, now: datetime) -> list[Row]:
    """A row a product that is here or in somebody's hand, each with its lots, the first to expire first."""
    here = {key[0] for key in books.lots if books.on_hand(key) or _hand(books, key)}
    return [_product(books, product, now) for product in products() if product in here] + [
        _product(books, product, now) for product in sorted(here - set(products()))
    ]


def _product(books: Ledger, product: str, now: datetime) -> Row:
    lots = [key for key in books.stocked() if key[0] == product]
    keys = [key for key in books.lots if key[0] == product]
    lot = books.lots[keys[0]]
    total = sum((books.on_hand(key) for key in keys), ZERO)
    in_hand = sum((_hand(books, key) for key in keys), ZERO)
    return {
        "id": product,
        "label": label(product),
        "unit": lot.unit,
        "counted": lot.counted,
        "total": total,
        "mg": total * lot.mg_per_unit,
        "in_hand": in_hand,
        "in_hand_mg": in_hand * lot.mg_per_unit,
        "sealed": sum(books.containers(key) for key in keys),
        "opened": sum(len(books.vials(key)) for key in keys),
        "lots": [_lot(books, key, now) for key in lots],
    }


def _hand(books: Ledger, key: Key) -> Decimal:
    return sum((q for a, q in books.balances.items() if a[:3] == (*key, HAND)), ZERO)


def _lot(books: Ledger, key: Key, now: datetime) -> Row:
    lot = books.lots[key]
    opened_before = now - timedelta(hours=limits().opened_vial_h)
    vials = [
        {
            "name": name,
            "left": left,
            "share": int(100 * min(left / lot.per_container, Decimal(1))),
            "opened": (at := books.opened.get(Account(*key, VIAL, name))),
            "old": at is not None and at < opened_before,
        }
        for name, left in books.vials(key).items()
    ]
    return {
        "key": key,
        "lot": key[1],
        "expires": lot.expires,
        "sealed": books.containers(key),
        "vials": vials,
        "total": books.on_hand(key),
        "mg": books.on_hand(key) * lot.mg_per_unit,
        "flag": flag(books, key, now),
        "notice": books.held[key][1].notice if books.is_held(key) else "",
    }


def flag(books: Ledger, key: Key, now: datetime) -> tuple[str, str] | None:
    """(severity, word) of a lot that needs an eye."""
    today, expires = timezone.localdate(now), books.lots[key].expires
    if books.is_held(key):
        return HELD
    if expired(expires, today):
        return EXPIRED
    return SOON if expires <= today + timedelta(days=limits().expiry_warning_days) else None


def hand(books: Ledger) -> list[Row]:
    """What is out of the safe and not accounted for, the oldest first."""
    draws = sorted(books.open_draws(), key=lambda d: d.entry.order)
    names = names_of({d.entry.by for d in draws})
    patients = patients_of(d.body.patient for d in draws)
    return [_in_hand(books, d, names, patients) for d in draws]


def _in_hand(books: Ledger, draw: Draw, names: dict[str, str], patients: dict[Any, Any]) -> Row:
    lot = books.lots[draw.body.product, draw.body.lot]
    who, left = patients.get(draw.body.patient), books.in_hand(draw.id)
    return {
        "id": draw.id,
        "at": draw.entry.at,
        "label": label(draw.body.product),
        "lot": draw.body.lot,
        "vial": draw.body.vial,
        "drawn": draw.body.quantity,
        "left": left,
        "mg": left * lot.mg_per_unit,
        "unit": lot.unit,
        "by": names[draw.entry.by],
        "name": f"{who.given} {who.family}" if who else "unknown patient",
        "patient": draw.body.patient,
        "session": draw.entry.session,
    }
