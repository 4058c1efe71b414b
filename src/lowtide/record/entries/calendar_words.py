"""Entries about days and hours in plain language (pure). A day is told by the function that is handed in."""

from collections.abc import Callable
from typing import Any

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Tell = Callable[[str], str]


def days(stretch: Any, tell: Tell) -> str:
    """One day, or the first and the last."""
    if stretch.first == stretch.last:
        return tell(str(stretch.first))
    return f"{tell(str(stretch.first))} to {tell(str(stretch.last))}"


def hours(body: Any) -> str:
    return ", ".join(f"{WEEKDAYS[s.weekday]} {s.opens}–{s.closes}" for s in body.spans)


def availability(body: Any, tell: Tell) -> str:
    said = [f"away {days(a, tell)}" + (f" ({a.why})" if a.why else "") for a in body.away]
    if body.never:
        said.append(f"never on {', '.join(WEEKDAYS[n] for n in body.never)}")
    if body.from_time or body.to_time:
        said.append(f"best {body.from_time or 'any time'} to {body.to_time or 'any time'}")
    return ", ".join(said) or "at any time"
