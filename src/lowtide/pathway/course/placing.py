"""Sessions laid on days on which they can be held: opening hours, chairs, the person, the minimum interval (pure).

The same question has the same answer: the earliest day that can be, and on it the time nearest to the one wanted. A
session that is not on its wanted day says why. Intervals are counted in real hours (hazards H009, H024).
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from lowtide.data.opening import defaults
from lowtide.people.opening import Opening, short
from lowtide.people.staffing import Staffing
from lowtide.problems import refuse
from lowtide.record.entries.care import Availability

DAY = timedelta(days=1)


class Taken(msgspec.Struct, frozen=True):
    """A chair from one instant to another."""

    chair: str
    starts_at: datetime
    ends_at: datetime


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What a session must fit into. Without chairs, how many people can be treated at once is not known."""

    opening: Opening
    chairs: tuple[str, ...] = ()
    taken: tuple[Taken, ...] = ()
    availability: Availability | None = None
    staffing: Staffing | None = None


class Length(msgspec.Struct, frozen=True):
    """How long the chair is needed before the planned instant and after it, observation included."""

    before: timedelta
    after: timedelta


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The days of the rhythm and the hour aimed at. `fixed` are doses given or booked that keep their distance too."""

    days: tuple[date, ...]
    hour: time
    apart: timedelta
    length: Length
    not_before: datetime
    fixed: tuple[datetime, ...] = ()


class Placed(msgspec.Struct, frozen=True):
    """`chair` is None where the clinic has listed none; `moved` is empty on the wanted day."""

    at: datetime
    chair: str | None
    moved: str


def place(wanted: Wanted, room: Room) -> tuple[Placed, ...]:
    """One place a wanted day, in order. Raises Refused where none is found within the days looked ahead."""
    placed: list[Placed] = []
    for number, day in enumerate(wanted.days, start=1):
        placed.append(_one(number, day, wanted, room, placed))
    return tuple(placed)


def _one(number: int, day: date, wanted: Wanted, room: Room, placed: Sequence[Placed]) -> Placed:
    reasons: list[str] = []
    for ahead in range(defaults().look_ahead_days):
        on = day + ahead * DAY
        found = _on_day(on, wanted, room, placed, reasons)
        if found:
            at, chair = found
            moved = f"{'; '.join(dict.fromkeys(reasons))}; moved to {short(on)}" if ahead else ""
            return Placed(at, chair, moved or "; ".join(dict.fromkeys(reasons)))
    why = "; ".join(list(dict.fromkeys(reasons))[:3])
    raise refuse(
        f"no day was found for session {number} within {defaults().look_ahead_days} days ({why})",
        "start",
        "Look at the opening hours, the chairs and when the person can come.",
    )


def _on_day(
    on: date, wanted: Wanted, room: Room, placed: Sequence[Placed], reasons: list[str]
) -> tuple[datetime, str | None] | None:
    """The best time of a day with a chair that is free then; else the reason is added."""
    if why := room.opening.shut(on) or away(room.availability, on):
        reasons.append(why)
        return None
    times = tuple(_times(on, wanted.length, room.opening))
    late = [at for at in times if at >= wanted.not_before]
    spaced = [at for at in late if _far(at, wanted, placed)]
    with_chair = [(at, chair) for at in spaced if (chair := _chair(at, wanted.length, room, placed)) != ""]
    if not with_chair:
        reasons.append(_why_not(on, times, late, spaced, wanted, room))
        return None
    target = _target(on, wanted.hour, room)
    best = min(with_chair, key=lambda pair: (not _liked(pair[0], room), abs(pair[0] - target), pair[0]))
    if not _liked(best[0], room):
        reasons.append("no chair is free in the hours they like")
    elif target in spaced and best[0] != target:
        reasons.append(f"no chair is free at {target.astimezone(room.opening.zone):%H:%M}")
    return best


def _why_not(
    on: date,
    times: Sequence[datetime],
    late: Sequence[datetime],
    spaced: Sequence[datetime],
    wanted: Wanted,
    room: Room,
) -> str:
    if not times:
        return f"the hours of {short(on)} are too short"
    if not late:
        return f"the hours of {short(on)} are over"
    if not spaced:
        return f"less than {wanted.apart / timedelta(hours=1):g} hours from another dose on {short(on)}"
    return f"no chair is free{', or nobody to watch one more,' if room.staffing else ''} on {short(on)}"


def _times(on: date, length: Length, opening: Opening) -> Iterator[datetime]:
    """The grid of a day on which the whole stay lies within the hours; of a stay longer than any day, its start."""
    step = timedelta(minutes=defaults().step_min)
    fits = length.before + length.after <= opening.longest()
    for opens, closes in opening.on(on):
        at, last = opens + length.before, closes - length.after if fits else closes - step
        while at <= last:
            yield at
            at += step


def _far(at: datetime, wanted: Wanted, placed: Sequence[Placed]) -> bool:
    if placed and at < placed[-1].at + max(wanted.apart, timedelta(minutes=1)):
        return False
    return all(abs(at - other) >= wanted.apart for other in wanted.fixed)


def _chair(at: datetime, length: Length, room: Room, placed: Sequence[Placed]) -> str | None:
    """A free chair, the one of the session before if it can be; "" where all are taken or nobody could watch one more, None
    where none is listed."""
    start, end = at - length.before, at + length.after
    if room.staffing and room.staffing.full(start, end, _stretches(length, room, placed)):
        return ""
    if not room.chairs:
        return None
    busy = {t.chair for t in room.taken if t.starts_at < end and start < t.ends_at}
    busy |= {
        p.chair for p in placed if p.chair and p.at - length.before < end and start < p.at + length.after
    }
    free = [chair for chair in room.chairs if chair not in busy]
    usual = placed[-1].chair if placed else None
    return usual if usual in free else free[0] if free else ""


def _stretches(length: Length, room: Room, placed: Sequence[Placed]) -> list[tuple[datetime, datetime]]:
    """Every stretch in which somebody has to be watched."""
    booked = [(t.starts_at, t.ends_at) for t in room.taken]
    return booked + [(p.at - length.before, p.at + length.after) for p in placed]


def away(availability: Availability | None, on: date) -> str | None:
    """Why the person cannot come on a day."""
    for one in availability.away if availability else ():
        if one.first <= on <= one.last:
            return f"away {short(on)}" + (f" ({one.why})" if one.why else "")
    if availability and on.weekday() in availability.never:
        return f"cannot come on {on:%A}s"
    return None


def _target(on: date, hour: time, room: Room) -> datetime:
    said = room.availability
    if said and said.from_time and f"{hour:%H:%M}" < said.from_time:
        hour = time.fromisoformat(said.from_time)
    if said and said.to_time and f"{hour:%H:%M}" > said.to_time:
        hour = time.fromisoformat(said.to_time)
    return datetime.combine(on, hour, room.opening.zone).astimezone(UTC)


def _liked(at: datetime, room: Room) -> bool:
    """Within the hours the person likes, where they said any."""
    said, clock = room.availability, f"{at.astimezone(room.opening.zone):%H:%M}"
    if said is None:
        return True
    return (not said.from_time or clock >= said.from_time) and (not said.to_time or clock <= said.to_time)
