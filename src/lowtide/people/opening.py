"""When the clinic is open: its own hours and closed days, or the default until it says them (pure but for `opening`)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data.opening import defaults
from lowtide.record.chart import Chart
from lowtide.record.entries.clinic import ClosedDays, OpeningHours, OpenSpan
from lowtide.record.entries.words import day as day_words

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
Span = tuple[datetime, datetime]
LOOKED_AHEAD_DAYS = 21


class Opening(msgspec.Struct, frozen=True):
    """Weekly spans and closed days in the clinic's zone. `stated`: the clinic said its hours itself."""

    spans: tuple[OpenSpan, ...]
    closed: tuple[ClosedDays, ...]
    zone: ZoneInfo
    stated: bool = False

    def shut(self, on: date) -> str | None:
        """Why the clinic is closed all day, in words; None where it opens."""
        for one in self.closed:
            if one.first <= on <= one.last:
                return f"closed {short(on)}" + (f" ({one.why})" if one.why else "")
        if all(span.weekday != on.weekday() for span in self.spans):
            return f"closed on {WEEKDAYS[on.weekday()]}"
        return None

    def on(self, day: date) -> tuple[Span, ...]:
        """The stretches of a day as instants, by the clock of that day."""
        if self.shut(day):
            return ()
        return tuple(
            (self._instant(day, s.opens), self._instant(day, s.closes))
            for s in self.spans
            if s.weekday == day.weekday()
        )

    def holds(self, start: datetime, end: datetime) -> bool:
        """Whether the clinic is open from one instant to the other."""
        return any(opens <= start and end <= closes for opens, closes in self.on(self._day(start)))

    def opens_next(self, now: datetime) -> datetime | None:
        """The next instant at which the clinic opens; None where none is near."""
        days = (self._day(now) + timedelta(days=n) for n in range(LOOKED_AHEAD_DAYS))
        return next((opens for day in days for opens, _ in self.on(day) if opens > now), None)

    def outside(self, start: datetime, end: datetime) -> str | None:
        """Why a stretch does not lie within the hours, in words; None where it does, and where nobody said hours."""
        if not self.stated or self.holds(start, end):
            return None
        day = self._day(start)
        spans = " and ".join(f"{s.opens} to {s.closes}" for s in self.spans if s.weekday == day.weekday())
        return self.shut(day) or f"the clinic is open {spans}"

    def opens_after(self, now: datetime, days: int = 14) -> datetime | None:
        """The next instant at which the clinic opens; None where it stays shut for as long as is looked."""
        ahead = (self._day(now) + timedelta(days=n) for n in range(days))
        return min((start for day in ahead for start, _ in self.on(day) if start > now), default=None)

    def longest(self) -> timedelta:
        """The longest stretch of any day by the clock."""
        return max((_clock(s.closes) - _clock(s.opens) for s in self.spans), default=timedelta(0))

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _instant(self, day: date, clock: str) -> datetime:
        hours, minutes = map(int, clock.split(":"))
        whole, hours = divmod(hours, 24)
        return datetime.combine(day + timedelta(days=whole), time(hours, minutes), self.zone).astimezone(UTC)


def short(on: date) -> str:
    """25 Dec."""
    return day_words(on.isoformat()).rsplit(" ", 1)[0]


def fold(clinic: Chart, zone: ZoneInfo) -> Opening:
    """The hours that stand in the clinic's stream."""
    said = clinic.last(OpeningHours)
    closed = tuple(body for _, body in clinic.said(ClosedDays))
    return Opening(said[1].spans if said else usual(), closed, zone, stated=said is not None)


def usual() -> tuple[OpenSpan, ...]:
    """The default week."""
    return tuple(_usual())


def _usual() -> Iterator[OpenSpan]:
    for hours in defaults().hours:
        for weekday in hours.weekdays:
            yield OpenSpan(weekday, hours.opens, hours.closes)


def _clock(text: str) -> timedelta:
    hours, minutes = map(int, text.split(":"))
    return timedelta(hours=hours, minutes=minutes)
