"""Print the controlled-drug safes: stock by lot and vial, what is in hand, cases, and whether the books close.

lowtide safe
lowtide safe main --json
lowtide safe --since 2026-11-01 --until 2026-11-30     what a period used, lot by lot

Quantities are exact, in mL or whole devices. The statutory inventory and the ledger are tables on the pages of the safe.
"""

import argparse
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lowtide.problems import bad
from lowtide.record.dates import instant
from lowtide.science.units import plain
from lowtide.site.answers import add_json, answer
from lowtide.site.setup import ready

if TYPE_CHECKING:
    from lowtide.safe.ledger import Key, Ledger

BY = "system:command-line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("place", nargs="?", metavar="SAFE", help="one safe, by its address; all by default")
    parser.add_argument("--since", help="first day of a period, YYYY-MM-DD")
    parser.add_argument("--until", help="last day of the period; today by default")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    period = _day(args.since, "--since"), _day(args.until, "--until")
    ready()
    from lowtide.record import access_log
    from lowtide.safe import places

    wanted = [args.place] if args.place else places.places()
    found = []
    for place in wanted:
        _, books = places.load(place)
        access_log.log(BY, "lowtide safe", stream=places.stream_of(place))
        found.append(_document(place, places.label(place), books) | _used(books, *period))
    return answer({"safes": found}, _lines(found), as_json=args.json)


def _day(text: str | None, where: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise bad(f"“{text}” is no day", where, "Write it as 2026-11-30.") from None


def _document(place: str, label: str, books: "Ledger") -> dict[str, Any]:
    return {
        "place": place,
        "label": label,
        "closed": not books.faults and not books.open_draws(),
        "faults": [fault.what for fault in books.faults],
        "lots": [_lot(books, key) for key in books.stocked()],
        "in_hand": [
            {
                "draw": draw.id,
                "session": draw.entry.session,
                "patient": draw.body.patient,
                "product": draw.body.product,
                "lot": draw.body.lot,
                "drawn": plain(draw.body.quantity),
                "left": plain(books.in_hand(draw.id)),
            }
            for draw in books.open_draws()
        ],
        "cases": [
            {"case": c.id, "what": c.body.told, "due_at": instant(c.body.due_at), "owner": c.owner}
            for c in books.open_cases()
        ],
    }


def _lot(books: "Ledger", key: "Key") -> dict[str, Any]:
    lot, total = books.lots[key], books.on_hand(key)
    return {
        "product": lot.product,
        "lot": lot.lot,
        "expires": lot.expires,
        "sealed": books.containers(key),
        "opened": {vial: plain(left) for vial, left in books.vials(key).items()},
        "total": plain(total),
        "unit": lot.unit,
        "mg": plain(total * lot.mg_per_unit),
        "held": books.is_held(key),
    }


def _used(books: "Ledger", since: date | None, until: date | None) -> dict[str, Any]:
    """What a period used; nothing when none was asked for."""
    if since is None:
        return {}
    from django.utils import timezone

    from lowtide.people.clinic import zone
    from lowtide.safe.reports import usage

    last = (until or timezone.localdate(timezone=zone())) + timedelta(days=1)
    begin, end = (datetime.combine(day, time.min, zone()) for day in (since, last))
    return {
        "usage": [
            {"product": u.key[0], "lot": u.key[1], "unit": u.unit, "opening": plain(u.opening)}
            | {way.replace(" ", "_"): plain(quantity) for way, quantity in u.ways.items()}
            | {
                "closing": plain(u.closing),
                "mg_given": plain(u.ways.get("given", Decimal(0)) * u.mg_per_unit),
            }
            for u in usage(books, begin, end)
        ]
    }


def _lines(found: list[dict[str, Any]]) -> Iterator[str]:
    for safe in found:
        yield f"{safe['label']} ({safe['place']}): {'the books close' if safe['closed'] else 'something is in hand, or the books contradict themselves'}"
        for lot in safe["lots"]:
            opened = "".join(f", {vial} with {left}" for vial, left in lot["opened"].items())
            held = ", held" if lot["held"] else ""
            yield f"  {lot['product']} lot {lot['lot']}: {lot['total']} {lot['unit']}, {lot['sealed']} sealed{opened}, expires {lot['expires']}{held}"
        yield from (f"  in hand: {h['left']} of {h['product']} lot {h['lot']}" for h in safe["in_hand"])
        yield from (f"  case: {c['what']}, until {c['due_at']}" for c in safe["cases"])
        yield from (f"  fault: {fault}" for fault in safe["faults"])
        for u in safe.get("usage", ()):
            ways = ", ".join(f"{k} {v}" for k, v in u.items() if k not in ("product", "lot", "unit"))
            yield f"  used {u['product']} lot {u['lot']}, {u['unit']}: {ways}"
    if not found:
        yield "No safe is open."
