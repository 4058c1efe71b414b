"""From values and instants to places on the sheet, and the ticks between."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import TypeVar

import msgspec

from lowtide.problems import bad

T = TypeVar("T")


class Scale(msgspec.Struct, frozen=True):
    """A straight scale: `low` is drawn at `at_low`, `high` at `at_high`. low < high."""

    low: float
    high: float
    at_low: float
    at_high: float

    def __call__(self, value: float) -> float:
        """The place of `value`; beyond the ends it stays at the end."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.at_low + share * (self.at_high - self.at_low)


def instants(first: datetime, last: datetime, left: float, right: float) -> "TimeScale":
    return TimeScale(Scale(first.timestamp(), last.timestamp(), left, right))


class TimeScale(msgspec.Struct, frozen=True):
    scale: Scale

    def __call__(self, moment: datetime) -> float:
        return self.scale(moment.timestamp())


def aware(moment: datetime, where: str) -> datetime:
    """The instant itself. Raises BadInput if it has no zone."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise bad("a time without a zone cannot be drawn", where, "Give the instant with its zone.")
    return moment


def runs(items: Sequence[T], moments: Sequence[datetime], within: timedelta) -> list[list[T]]:
    """Items in stretches without a gap longer than `within`: a line is drawn along a stretch, never across a gap."""
    found: list[list[T]] = []
    before: datetime | None = None
    for item, moment in zip(items, moments, strict=True):
        if before is None or moment - before > within:
            found.append([])
        found[-1].append(item)
        before = moment
    return found


def day(moment: datetime, zone: tzinfo | None, year: bool = False) -> str:
    """`3 Dec`, or `3 Dec 2026`, on the calendar of `zone`."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %Y}" if year else f"{local.day} {local:%b}"


def dose(mg: Decimal) -> str:
    """Milligrams without trailing zeros, which are misread by ten."""
    return f"{mg.normalize():f}"


def plain(value: float) -> str:
    """A score or reading as a person writes it."""
    return f"{value:g}"


def date_ticks(first: datetime, last: datetime, zone: tzinfo | None) -> list[tuple[datetime, str]]:
    """Instants of local midnight with their names, spaced to the span: weeks, half months, months, or years."""
    days = (last - first).days
    ticks = _days(first.astimezone(zone).date(), last.astimezone(zone).date(), days)
    name = "%b %Y" if days > 330 else "%b"
    named = ((datetime(d.year, d.month, d.day, tzinfo=zone), d) for d in ticks)
    return [
        (at, f"{d:{name}}" if days > 330 else f"{d.day} {d:{name}}") for at, d in named if first <= at <= last
    ]


def _days(first: date, last: date, days: int) -> Iterator[date]:
    if days <= 45:
        yield from (first + timedelta(offset) for offset in range(0, days + 2, 7))
        return
    months = next((step for limit, step in ((330, 1), (700, 2), (1500, 6)) if days <= limit), 12)
    for year in range(first.year, last.year + 1):
        for month in range(1, 13, months):
            yield date(year, month, 1)
            if days <= 200:
                yield date(year, month, 15)


def round_step(span: float, at_most: int, steps: tuple[int, ...]) -> int:
    """The smallest step that cuts `span` into at most `at_most` parts."""
    return next((step for step in steps if span / step <= at_most), steps[-1])
