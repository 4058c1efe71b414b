"""Entries about days, hours and reviews of a course in plain language (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from lowtide.record.dates import PartialDate

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LABELS = {
    "course_reviewed": "Course reviewed",
    "availability": "When they can come",
    "opening_hours": "Opening hours",
    "closed_days": "Closed",
}

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(value: PartialDate) -> str:
    """A clinical date with its month as a word, as exactly as it is known: 14 Mar 1983, Mar 1983, 1983."""
    parts = value.split("-")
    month = [MONTHS[int(parts[1]) - 1]] if len(parts) > 1 else []
    return " ".join([*(str(int(d)) for d in parts[2:]), *month, parts[0]])


def days(stretch: Any) -> str:
    """One day, or the first and the last."""
    if stretch.first == stretch.last:
        return day(str(stretch.first))
    return f"{day(str(stretch.first))} to {day(str(stretch.last))}"


def hours(body: Any) -> str:
    return ", ".join(f"{WEEKDAYS[s.weekday]} {s.opens}–{s.closes}" for s in body.spans)


def availability(body: Any) -> str:
    said = [f"away {days(a)}" + (f" ({a.why})" if a.why else "") for a in body.away]
    if body.never:
        said.append(f"never on {', '.join(WEEKDAYS[n] for n in body.never)}")
    if body.from_time or body.to_time:
        said.append(f"best {body.from_time or 'any time'} to {body.to_time or 'any time'}")
    return ", ".join(said) or "at any time"


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "course_reviewed": lambda b, z: ", ".join((b.choice, *b.findings)),
    "availability": lambda b, z: availability(b),
    "opening_hours": lambda b, z: hours(b),
    "closed_days": lambda b, z: f"{days(b)}, {b.why}",
}
