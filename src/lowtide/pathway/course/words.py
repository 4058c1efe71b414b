"""Instants in words, as the clinic's wall shows them (pure)."""

from datetime import datetime, timedelta, tzinfo

from lowtide.record.entries.words import MONTHS

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTE, HOUR, DAY = 60, 3600, 86400


def day(at: datetime, zone: tzinfo, *, weekday: bool = True) -> str:
    """Tue 24 Nov"""
    local = at.astimezone(zone)
    words = f"{local.day} {MONTHS[local.month - 1]}"
    return f"{DAYS[local.weekday()]} {words}" if weekday else words


def clock(at: datetime, zone: tzinfo) -> str:
    """10:00"""
    return f"{at.astimezone(zone):%H:%M}"


def when(at: datetime, zone: tzinfo, now: datetime) -> str:
    """“today 10:00”, “yesterday 10:00”, “Tue 24 Nov, 10:00”; another year is named."""
    local, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get((local - today).days)
    if near:
        return f"{near} {clock(at, zone)}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{day(at, zone)}{year}, {clock(at, zone)}"


def by(at: datetime, zone: tzinfo, now: datetime) -> str:
    """A limit: the time alone when it is today."""
    is_today = at.astimezone(zone).date() == now.astimezone(zone).date()
    return clock(at, zone) if is_today else when(at, zone, now)


def window(span: tuple[datetime, datetime], zone: tzinfo) -> str:
    """24 to 27 Nov, or 28 Nov to 1 Dec"""
    start, end = (day(at, zone, weekday=False) for at in span)
    if start == end:
        return day(span[0], zone)
    same_month = start.split()[1] == end.split()[1] and span[1] - span[0] < timedelta(days=31)
    return f"{start.split()[0]} to {end}" if same_month else f"{start} to {end}"


def due(due_at: datetime, now: datetime) -> str:
    """How late, or how long from now, in the words that the page's clock keeps on telling."""
    seconds = int((due_at - now).total_seconds())
    if seconds <= -MINUTE:
        return f"late {_span(-seconds)}"
    return "due now" if seconds < MINUTE else f"in {_span(seconds)}"


def _span(seconds: int) -> str:
    if seconds < 90 * MINUTE:
        return f"{seconds // MINUTE} min"
    if seconds < 48 * HOUR:
        return f"{seconds // HOUR} h"
    return f"{seconds // DAY} days"


def few(things: list[str], most: int = 3) -> str:
    """The first of them, and how many more."""
    more = len(things) - most
    return ", ".join(things) if more <= 0 else f"{', '.join(things[:most])} and {more} more"
