"""What a safe asks for and by when: counts, the inventory, cases, lots that expire (pure)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo

import msgspec

from lowtide.data.safe import Limits
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.safe import SafeOpened, StockCounted
from lowtide.safe.ledger import Draw, Key, Ledger
from lowtide.science.units import plain

SATURDAY = 5


class Due(msgspec.Struct, frozen=True):
    """One thing that falls due. `what` is count, inventory, case, expiry or hand; `number` names the limit it rests on."""

    what: str
    title: str
    due_at: datetime
    number: str
    about: str = ""


def due(chart: Chart, books: Ledger, limits: Limits, zone: tzinfo) -> list[Due]:
    """Everything of this safe with its time, the earliest first."""
    found = [
        *_counting(chart, books, limits),
        *(Due("case", c.body.told, c.body.due_at, "case_due_h", str(c.id)) for c in books.open_cases()),
        *(_in_hand(books, draw, limits) for draw in books.open_draws()),
        *(_expiry(books, key, zone) for key in books.stocked()),
    ]
    return sorted(found, key=lambda d: d.due_at)


def _in_hand(books: Ledger, draw: Draw, limits: Limits) -> Due:
    """What was drawn and is not accounted for, also where a signed session's line was struck through later."""
    lot = books.lots[draw.body.product, draw.body.lot]
    title = f"{plain(books.in_hand(draw.id))} {lot.unit} of lot {lot.lot} is in hand"
    return Due("hand", title, draw.entry.at + timedelta(hours=limits.in_hand_h), "in_hand_h", str(draw.id))


def last_count(chart: Chart, *, inventory: bool = False) -> tuple[Entry, StockCounted] | None:
    """The latest blind count, or the latest that was an inventory."""
    return next((pair for pair in chart.newest(StockCounted) if pair[1].inventory or not inventory), None)


def _counting(chart: Chart, books: Ledger, limits: Limits) -> Iterator[Due]:
    """A safe that was never counted owes its first count, and its first inventory, from when it was opened."""
    opened = chart.last(SafeOpened)
    if opened is None or not opened[1].active:
        return
    counted, listed = last_count(chart), last_count(chart, inventory=True)
    if books.stocked():
        since = counted[0].at if counted else books.postings[0].entry.at
        yield Due("count", "Count the safe", since + timedelta(hours=limits.count_every_h), "count_every_h")
    every = timedelta(days=limits.inventory_every_days)
    yield Due(
        "inventory",
        "Take the inventory",
        listed[0].at + every if listed else _begun(chart) + timedelta(hours=limits.count_every_h),
        "inventory_every_days",
    )


def _begun(chart: Chart) -> datetime:
    return min(e.at for e in chart.entries.values())


def _expiry(books: Ledger, key: Key, zone: tzinfo) -> Due:
    """The end of the day on which the lot expires."""
    lot = books.lots[key]
    end = datetime(lot.expires.year, lot.expires.month, lot.expires.day, 23, 59, 59, tzinfo=zone)
    return Due("expiry", f"Lot {lot.lot} expires", end, "expiry_warning_days", lot.lot)


def shown(found: list[Due], limits: Limits, now: datetime) -> list[Due]:
    """What is worth a line now: lots near their expiry, and everything else that is due within a day."""
    near = {"expiry": timedelta(days=limits.expiry_warning_days), "inventory": timedelta(days=30)}
    return [d for d in found if d.due_at <= now + near.get(d.what, timedelta(days=1)) or d.what == "case"]


def expired(expires: date, today: date) -> bool:
    """A lot may be used on the day that stands on it, not after."""
    return expires < today


def business_days_after(start: datetime, days: int, zone: tzinfo) -> datetime:
    """The end of the working day (Monday to Friday, by the clinic's calendar) so many of them later."""
    day = start.astimezone(zone)
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return day.replace(hour=23, minute=59, second=0, microsecond=0)
