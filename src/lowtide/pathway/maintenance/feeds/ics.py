"""A calendar as RFC 5545 text: escaping, folding, times with their zone and its rules written out (pure).

Lines end in CR LF and are folded before they pass 75 octets, never inside a character (sections 3.1 and 3.3.11). A time
stands on the clock of its zone, and the zone's changes of offset over the time of the calendar are written out as
observances (section 3.6.5), so that no reader has to know the zone by name.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

OCTETS = 75
PRODUCT = "-//Lowtide//Calendar//EN"
LOOK = timedelta(days=1)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of time. `uid` stays the same through every move, `sequence` counts the moves; `stamp` is when this was
    last said."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    stamp: datetime
    sequence: int = 0
    description: str = ""
    location: str = ""
    url: str = ""
    transparent: bool = False
    alarm_before: timedelta | None = None
    alarm: str = ""


def calendar(name: str, events: Sequence[Event], zone: ZoneInfo, refresh_h: int = 6) -> str:
    """The whole calendar, in order of time."""
    found = sorted(events, key=lambda e: (e.starts_at, e.uid))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{text(name)}",
        f"X-WR-CALNAME:{text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:PT{refresh_h}H",
        f"X-PUBLISHED-TTL:PT{refresh_h}H",
        *(_zone(zone, found[0].starts_at, found[-1].ends_at) if found else ()),
        *(line for event in found for line in _event(event, zone)),
        "END:VCALENDAR",
    ]
    return "".join(f"{fold(line)}\r\n" for line in lines)


def _event(event: Event, zone: ZoneInfo) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{text(event.uid)}"
    yield f"DTSTAMP:{utc(event.stamp)}"
    yield f"LAST-MODIFIED:{utc(event.stamp)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART;{_local(event.starts_at, zone)}"
    yield f"DTEND;{_local(event.ends_at, zone)}"
    yield f"SUMMARY:{text(event.summary)}"
    for name, said in (("DESCRIPTION", event.description), ("LOCATION", event.location)):
        if said:
            yield f"{name}:{text(said)}"
    if event.url:
        yield f"URL:{event.url}"
    yield "CLASS:PRIVATE"
    yield f"TRANSP:{'TRANSPARENT' if event.transparent else 'OPAQUE'}"
    yield "STATUS:CONFIRMED"
    yield from _alarm(event)
    yield "END:VEVENT"


def _alarm(event: Event) -> Iterator[str]:
    """A note that the calendar shows so long before the event begins (section 3.6.6)."""
    if event.alarm_before is None:
        return
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"TRIGGER:-PT{event.alarm_before // timedelta(hours=1)}H"
    yield f"DESCRIPTION:{text(event.alarm or event.summary)}"
    yield "END:VALARM"


# -- text --------------------------------------------------------------------------------------------------------------


def text(value: str) -> str:
    """A value of type TEXT: backslash, semicolon, comma and line ends escaped, other controls left out."""
    kept = "".join(c for c in value.replace("\r\n", "\n").replace("\r", "\n") if c == "\n" or c >= " ")
    kept = kept.replace("\x7f", "")
    escaped = kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")


def fold(line: str) -> str:
    """The line in pieces of at most 75 octets, each further one led by a space; a character is never cut."""
    pieces, piece, size, room = [], "", 0, OCTETS
    for character in line:
        width = len(character.encode())
        if size + width > room:
            pieces.append(piece)
            piece, size, room = "", 0, OCTETS - 1
        piece, size = piece + character, size + width
    return "\r\n ".join([*pieces, piece])


# -- time --------------------------------------------------------------------------------------------------------------


def utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _local(at: datetime, zone: ZoneInfo) -> str:
    if zone.key == "UTC":
        return f"VALUE=DATE-TIME:{utc(at)}"
    return f"TZID={zone.key}:{at.astimezone(zone):%Y%m%dT%H%M%S}"


def _zone(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[str]:
    """The zone's observances: what holds at first, and every change up to the end."""
    if zone.key == "UTC":
        return
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{zone.key}"
    start = first.astimezone(UTC).replace(microsecond=0) - LOOK
    yield from _observance(zone, start - timedelta(days=366), start)
    for change in changes(zone, start, last.astimezone(UTC) + LOOK):
        yield from _observance(zone, change, change)
    yield "END:VTIMEZONE"


def _observance(zone: ZoneInfo, begins: datetime, holds: datetime) -> Iterator[str]:
    """One stretch with one offset; it begins on the clock that was in force before it."""
    before = _offset(zone, begins - timedelta(seconds=1)) if begins == holds else _offset(zone, holds)
    after, name = _offset(zone, holds), holds.astimezone(zone).tzname() or ""
    kind = "DAYLIGHT" if holds.astimezone(zone).dst() else "STANDARD"
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{(begins + before).replace(tzinfo=None):%Y%m%dT%H%M%S}"
    yield f"TZOFFSETFROM:{_signed(before)}"
    yield f"TZOFFSETTO:{_signed(after)}"
    yield f"TZNAME:{text(name)}"
    yield f"END:{kind}"


def changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The instants (UTC, to the second) at which the zone's offset changes."""
    at = first
    while at < last:
        ahead = min(at + LOOK, last)
        if _offset(zone, at) != _offset(zone, ahead):
            yield _between(zone, at, ahead)
        at = ahead


def _between(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The change within a day, by halving."""
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if _offset(zone, middle) == _offset(zone, low) else (low, middle)
    return high.replace(microsecond=0)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _signed(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}{minutes:02}{f'{left:02}' if left else ''}"
