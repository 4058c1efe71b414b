"""Capacity against demand: chair hours that are open and watched, what is booked, planned and expected (pure).

What is expected is the windows of those who have no date: spread evenly over the window's days, and again an interval
later while the weeks last. A window that has passed is wanted now.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import msgspec

from lowtide.people.opening import Opening
from lowtide.people.staffing import Staffing

DAY = timedelta(days=1)
WEEKS, WEEK_DAYS = 4, 7
STEP = timedelta(minutes=15)
Stretch = tuple[datetime, datetime]


class House(msgspec.Struct, frozen=True):
    """When the clinic is open, how many chairs it has, who watches (None where it does not say)."""

    opening: Opening
    chairs: int
    staffing: Staffing | None


class Wish(msgspec.Struct, frozen=True):
    """A session that somebody without a date will need: its window, how long it keeps a chair, how far apart they come."""

    opens_at: datetime
    closes_at: datetime
    stay: timedelta
    apart: timedelta | None = None


class Week(msgspec.Struct, frozen=True):
    """Seven days from `first` on, in chair hours. `sessions` is how many the expected ones are."""

    first: date
    last: date
    open_h: float
    booked_h: float
    planned_h: float
    expected_h: float
    sessions: float

    @property
    def wanted_h(self) -> float:
        return self.booked_h + self.planned_h + self.expected_h

    @property
    def left_h(self) -> float:
        return self.open_h - self.wanted_h

    @property
    def is_over(self) -> bool:
        return self.left_h < 0


def weeks(
    house: House, booked: Sequence[Stretch], planned: Sequence[Stretch], wishes: Iterable[Wish], now: datetime
) -> tuple[Week, ...]:
    """The next four weeks from now."""
    today = now.astimezone(house.opening.zone).date()
    bounds = [_instant(house, today + WEEK_DAYS * n * DAY) for n in range(WEEKS + 1)]
    spans = [(max(now, a), b) for a, b in pairwise(bounds)]
    expected = _expected(tuple(wishes), spans, now)
    return tuple(
        Week(
            first=today + WEEK_DAYS * n * DAY,
            last=today + (WEEK_DAYS * (n + 1) - 1) * DAY,
            open_h=_open_h(house, span),
            booked_h=_overlap_h(booked, span),
            planned_h=_overlap_h(planned, span),
            expected_h=expected[n][0],
            sessions=expected[n][1],
        )
        for n, span in enumerate(spans)
    )


def _instant(house: House, day: date) -> datetime:
    return datetime.combine(day, time(), house.opening.zone).astimezone(UTC)


def _open_h(house: House, span: Stretch) -> float:
    """Chair hours that are open and can be watched, quarter hour by quarter hour where somebody said who watches."""
    total = timedelta(0)
    day = span[0].astimezone(house.opening.zone).date()
    while _instant(house, day) < span[1]:
        for opens, closes in house.opening.on(day):
            start, end = max(opens, span[0]), min(closes, span[1])
            total += _watched(house, start, end) if end > start else timedelta(0)
        day += DAY
    return total / timedelta(hours=1)


def _watched(house: House, start: datetime, end: datetime) -> timedelta:
    if house.staffing is None:
        return (end - start) * house.chairs
    total, at = timedelta(0), start
    while at < end:
        step = min(STEP, end - at)
        total += step * min(house.chairs, house.staffing.seats(at))
        at += step
    return total


def _overlap_h(stretches: Iterable[Stretch], span: Stretch) -> float:
    found = (min(e, span[1]) - max(s, span[0]) for s, e in stretches)
    return sum((one for one in found if one > timedelta(0)), timedelta(0)) / timedelta(hours=1)


def _expected(wishes: Sequence[Wish], spans: Sequence[Stretch], now: datetime) -> list[tuple[float, float]]:
    """(chair hours, sessions) by week."""
    found = [(0.0, 0.0) for _ in spans]
    for wish in wishes:
        for share_of in _shares(wish, spans, now):
            for n, share in enumerate(share_of):
                hours, sessions = found[n]
                found[n] = (hours + share * (wish.stay / timedelta(hours=1)), sessions + share)
    return found


def _shares(wish: Wish, spans: Sequence[Stretch], now: datetime) -> Iterable[list[float]]:
    """For each session of this person: which share of it falls into each week. Worked out in seconds: a clinic may have
    thousands of them."""
    at = now.timestamp()
    ends = [(a.timestamp(), b.timestamp()) for a, b in spans]
    opens = wish.opens_at.timestamp()
    closes = max(wish.closes_at.timestamp(), opens + DAY.total_seconds())
    if closes <= at:  # wanted now
        opens, closes = ends[0]
    apart = wish.apart.total_seconds() if wish.apart else 0.0
    while opens < ends[-1][1]:
        start = max(opens, at)
        length = max(closes - start, 60.0)
        yield [max(0.0, min(closes, b) - max(start, a)) / length for a, b in ends]
        if apart < DAY.total_seconds():
            return
        opens, closes = opens + apart, closes + apart
