"""The dates of a course: a protocol's rhythm laid on real time.

Instants are kept in UTC and drawn in the clinic's zone; the minimum interval is counted in real hours, so that a
change of the clocks never brings two doses too close (hazards H009, H024).
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data.protocols import Protocol, Schedule
from lowtide.pathway.course.placing import Placed, Room, Wanted, place
from lowtide.pathway.course.staying import length


def sessions_at(
    schedule: Schedule, min_interval_h: Decimal | None, start: date, hour: time, zone: ZoneInfo
) -> tuple[datetime, ...]:
    """One instant (UTC) a session, the first on `start` at the clinic's `hour`.

    A session that would come sooner than the minimum interval after the one before moves to where it no longer does.
    """
    apart = timedelta(hours=float(min_interval_h or 0))
    instants: list[datetime] = []
    for day in day_offsets(schedule):
        wanted = datetime.combine(start + timedelta(days=day), hour, zone).astimezone(UTC)
        instants.append(max(wanted, instants[-1] + apart) if instants else wanted)
    return tuple(instants)


def fitted(
    protocol: Protocol, start: date, hour: time, room: Room, not_before: datetime | None = None
) -> tuple[Placed, ...]:
    """The sessions of a protocol on days on which they can be held; the rhythm counts from the first of them."""
    assert protocol.schedule is not None  # a protocol without one is reference only
    days = day_offsets(protocol.schedule)
    wanted = Wanted(
        days=(start,),
        hour=hour,
        apart=timedelta(hours=float(protocol.min_interval_h or 0)),
        length=length(protocol),
        not_before=not_before or datetime.combine(start, time(0), room.opening.zone).astimezone(UTC),
    )
    first = place(wanted, room)
    began = first[0].at.astimezone(room.opening.zone).date()
    later = tuple(began + timedelta(days=n) for n in days[1:])
    rest = msgspec.structs.replace(wanted, days=later, fixed=(first[0].at,))
    return first + place(rest, room)


def day_offsets(schedule: Schedule) -> tuple[int, ...]:
    """Days from the first session: twice weekly is 0, 3, 7, 10, ... and three times 0, 2, 4, 7, ..."""
    if schedule.gaps_days:
        return tuple(accumulate(schedule.gaps_days, initial=0))
    count = range(schedule.sessions or 0)
    if schedule.per_week:
        return tuple(7 * n // schedule.per_week for n in count)
    return tuple((schedule.every_days or 1) * n for n in count)
