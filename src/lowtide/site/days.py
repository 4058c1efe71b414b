"""Opening hours, closed days and days away as they are typed on the command line."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from lowtide.pathway.course.placing import Room
from lowtide.people.opening import Opening
from lowtide.problems import bad
from lowtide.record.entries.care import Availability, Away
from lowtide.record.entries.clinic import ClosedDays, OpenSpan

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PART = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d\d:\d\d)-(\d\d:\d\d)", re.IGNORECASE)
ALL_DAY = ("00:00", "24:00")


def room(hours: str | None, closed: Sequence[str], away: Sequence[str], zone: ZoneInfo) -> Room | None:
    """What was typed, as what dates must fit into; None when nothing was: then only the interval counts."""
    if not (hours or closed or away):
        return None
    spans = tuple(_spans(hours)) if hours else tuple(OpenSpan(n, *ALL_DAY) for n in range(7))
    days = tuple(ClosedDays(first=first, last=last, why="") for first, last in map(_days, closed))
    gone = tuple(Away(first, last) for first, last in map(_days, away))
    return Room(opening=Opening(spans, days, zone, stated=True), availability=Availability(away=gone))


def _spans(text: str) -> Iterator[OpenSpan]:
    for part in (p.strip() for p in text.split(",")):
        match = PART.fullmatch(part)
        named = [n.lower() for n in match.groups()[:2] if n] if match else []
        if not match or any(n not in NAMES for n in named) or match[3] >= match[4]:
            raise bad(f"“{part}” are no hours", "--hours", "Write them like Mon-Fri 08:00-18:00.")
        first, last = NAMES.index(named[0]), NAMES.index(named[-1])
        for weekday in range(first, last + 1):
            yield OpenSpan(weekday, match[3], match[4])


def _days(text: str) -> tuple[date, date]:
    first, _, last = text.partition("..")
    try:
        return date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError as error:
        raise bad(f"“{text}” is no day", "--closed", "Write 2026-12-25 or 2026-12-24..2026-12-26.") from error
