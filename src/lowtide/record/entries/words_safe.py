"""Entries of the controlled-drug safe in plain language (pure)."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from lowtide.data.safe import label, safe
from lowtide.record.entries.calendar_words import day

LABELS = {
    "safe_opened": "Safe",
    "stock_received": "Received",
    "stock_sent": "Transferred out",
    "stock_taken": "Transferred in",
    "drug_drawn": "Drawn",
    "drug_given": "Given",
    "drug_wasted": "Wasted",
    "drug_returned": "Returned",
    "stock_counted": "Blind count",
    "stock_adjusted": "Adjusted",
    "stock_destroyed": "Destroyed",
    "stock_lost": "Lost",
    "case_opened": "Case opened",
    "case_noted": "Case, note",
    "case_closed": "Case closed",
    "lot_held": "Lot held",
    "struck_witnessed": "Striking witnessed",
}


def _plain(value: Decimal) -> str:
    """The digits that mean something."""
    return f"{value.normalize():f}"


def amount(b: Any) -> str:
    """Containers, or the content of one opened vial."""
    parts = (
        b.containers and f"{b.containers} sealed",
        b.vial and f"vial {b.vial}",
        b.quantity and _plain(b.quantity),
    )
    return ", ".join(str(part) for part in parts if part)


def _stock(b: Any) -> str:
    return f"{label(b.product)}, lot {b.lot}"


def _received(b: Any, zone: tzinfo) -> str:
    invoice = f", invoice {b.invoice}" if b.invoice else ""
    return f"{b.containers} of {_stock(b)}, expires {b.expires:%d %b %Y}, from {b.supplier}{invoice}"


def _drawn(b: Any, zone: tzinfo) -> str:
    vial = f", vial {b.vial}{' opened' if b.opens else ''}" if b.vial else ""
    return f"{_plain(b.quantity)} of {_stock(b)}{vial}"


def _went_in(b: Any, zone: tzinfo) -> str:
    """When, by the chart."""
    return f", {between(b.since, b.until, zone)}" if b.since and b.until else ""


def between(since: datetime, until: datetime, zone: tzinfo) -> str:
    """28 Nov 2026, 04:30 to 05:08."""
    (on, at), (on_later, later) = (_wall(instant, zone) for instant in (since, until))
    if on != on_later:
        return f"{on}, {at} to {on_later}, {later}"
    return f"{on}, {at} to {later}" if at != later else f"{on}, {at}"


def _wall(at: datetime, zone: tzinfo) -> tuple[str, str]:
    local = at.astimezone(zone)
    return day(local.date().isoformat()), f"{local:%H:%M}"


def _wasted(b: Any, zone: tzinfo) -> str:
    why = safe().wasted.get(b.why, b.why)
    return f"{_plain(b.quantity)}, {why[:1].lower() + why[1:]}, {safe().methods.get(b.how, b.how).lower()}"


def _counted(b: Any, zone: tzinfo) -> str:
    what = f"inventory at {b.inventory} of business, " if b.inventory else ""
    also = f", also found: {b.also_found}" if b.also_found else ""
    return f"{what}{len(b.lines)} lot{'' if len(b.lines) == 1 else 's'}{also}"


def _adjusted(b: Any, zone: tzinfo) -> str:
    return f"{_stock(b)}: {_signed(b.containers, b.quantity)}{f', vial {b.vial}' if b.vial else ''}"


def _signed(containers: int, quantity: Decimal) -> str:
    return f"{containers:+d} sealed" if containers else f"{'+' * (quantity > 0)}{_plain(quantity)}"


def _destroyed(b: Any, zone: tzinfo) -> str:
    return f"{_stock(b)}: {amount(b)}, {safe().destroyed.get(b.how, b.how).lower()}, {b.firm}"


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "safe_opened": lambda b, z: f"{b.label}{'' if b.active else ', no longer used'}",
    "stock_received": _received,
    "stock_sent": lambda b, z: f"{_stock(b)}: {amount(b)}, to {b.to}",
    "stock_taken": lambda b, z: f"{_stock(b)}: {amount(b)}, from {b.came_from}",
    "drug_drawn": _drawn,
    "drug_given": lambda b, z: f"{_plain(b.quantity)} into the patient{_went_in(b, z)}",
    "drug_wasted": _wasted,
    "drug_returned": lambda b, z: f"{_plain(b.quantity)} back, unused",
    "stock_counted": _counted,
    "stock_adjusted": _adjusted,
    "stock_destroyed": _destroyed,
    "stock_lost": lambda b, z: f"{_stock(b)}: {amount(b)}, {safe().lost.get(b.how, b.how).lower()}",
    "case_opened": lambda b, z: b.told,
    "case_noted": lambda b, z: ", ".join(filter(None, (b.text, b.contact and f"with {b.contact}"))),
    "case_closed": lambda b, z: f"{safe().found.get(b.finding, b.finding)}: {b.text}",
    "lot_held": lambda b, z: (
        f"{_stock(b)} {'may not be drawn' if b.held else 'may be drawn again'}: {b.notice}"
    ),
    "struck_witnessed": lambda b, z: "a line was struck through in front of a second person",
}
