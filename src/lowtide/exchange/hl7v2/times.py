"""HL7's times, `YYYYMMDDHHMM[SS[.S]][+ZZZZ]`, as instants; ISO's, with dashes, colons or a Z, mean the same. A time without a zone is no instant until a zone is known."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_ZONE = r"Z|[+-]\d\d:?\d\d"
_SHAPE = re.compile(
    rf"(\d{{4}})(-?)(\d\d)\2(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{{1,9}}))?)?)?({_ZONE})?",
    re.ASCII,
)
_OFFSET = re.compile(rf"(?<=\d)(?:{_ZONE})$", re.ASCII)
LARGEST_OFFSET_H = 14


class NotATime(Exception):
    """Text that is no time of day; `what` says why."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class NoZone(NotATime):
    """A time of day whose zone nobody has told."""


def instant(text: str, default: tzinfo | None) -> datetime:
    """The instant in UTC. `default` is the zone of a time that names none. Raises NotATime, NoZone."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise NotATime(f"“{text[:32]}” is not a time")
    year, _, month, day, hour, minute, second, fraction, offset = found.groups()
    if hour is None:
        raise NotATime(f"“{text}” is a day without a time")
    zone = _zone(offset) if offset else default
    if zone is None:
        raise NoZone(f"“{text}” has no time zone, and none is known for this device")
    micro = int((fraction or "0").ljust(6, "0")[:6])
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro, zone
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotATime(f"“{text[:32]}” is not a time ({error})") from error


def zone_of(text: str) -> tzinfo | None:
    """The offset that a time ends in, if it has one; HL7 makes that of MSH-7 the message's own."""
    found = _OFFSET.search(text.strip())
    try:
        return _zone(found[0]) if found else None
    except NotATime:
        return None


def _zone(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > LARGEST_OFFSET_H or minutes >= 60:
        raise NotATime(f"“{offset}” is no offset from UTC")
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if offset[0] == "-" else span)
