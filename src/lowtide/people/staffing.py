"""How many people watch chairs at an instant, and whether one more person can be watched (pure).

A clinic that has not said how many there are is held to nothing: unknown is not nobody, and the pages say that it is
not known.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data.schedules import thresholds
from lowtide.record.chart import Chart
from lowtide.record.entries.clinic import NursesOn, NursesSet

Stretch = tuple[datetime, datetime]


class Staffing(msgspec.Struct, frozen=True):
    """The stretches of the week with how many watch; `chairs_each` is how many chairs one person watches at most."""

    spans: tuple[NursesOn, ...]
    chairs_each: int
    zone: ZoneInfo

    def count(self, at: datetime) -> int:
        """How many people watch chairs at an instant."""
        local = at.astimezone(self.zone)
        clock = f"{local:%H:%M}"
        on = (s for s in self.spans if s.weekday == local.weekday())
        return sum(s.count for s in on if s.opens <= clock < s.closes)

    def seats(self, at: datetime) -> int:
        """How many chairs can be watched then."""
        return self.count(at) * self.chairs_each

    def full(self, start: datetime, end: datetime, taken: Iterable[Stretch]) -> datetime | None:
        """The first instant at which one more from `start` to `end` could not be watched; None where that never is."""
        others = [one for one in taken if one[0] < end and start < one[1]]
        marks = {start, *(s for s, _ in others if s > start), *self._changes(start, end)}
        for at in sorted(marks):
            if sum(s <= at < e for s, e in others) + 1 > self.seats(at):
                return at
        return None

    def _changes(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The instants between at which somebody comes or goes."""
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            for span in (s for s in self.spans if s.weekday == day.weekday()):
                for clock in (span.opens, span.closes):
                    hours, minutes = map(int, clock.split(":"))
                    shift, hours = divmod(hours, 24)
                    local = datetime.combine(day + timedelta(days=shift), time(hours, minutes), self.zone)
                    if start < (at := local.astimezone(UTC)) < end:
                        yield at
            day += timedelta(days=1)


def staffing(clinic: Chart, zone: ZoneInfo) -> Staffing | None:
    """What the clinic says of who watches; None where it says nothing."""
    said = clinic.last(NursesSet)
    return Staffing(said[1].spans, thresholds()["chairs_per_nurse"].value, zone) if said else None
