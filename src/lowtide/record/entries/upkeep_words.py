"""Entries of maintenance in plain language: the choice of what comes next, how a course ended, who was looked for (pure)."""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from typing import Any

from lowtide.data.maintenance import endings, steps
from lowtide.record.entries.calendar_words import MONTHS, WEEKDAYS, day

LABELS = {
    "course_ended": "Course ended",
    "next_session_decided": "Next session",
    "contact_tried": "Contact tried",
    "nurses_set": "Who watches chairs",
}


def choice(name: str) -> str:
    """What was chosen, in a few words: “Step up”, “Re-induce”."""
    found = steps().get(name)
    return found.label.partition(":")[0] if found else name.replace("_", " ")


def ending(name: str | None) -> str:
    found = endings().get(name or "")
    return found.label.partition(":")[0] if found else (name or "")


def _join(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)


def _moment(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"


def _days(found: tuple[date, ...]) -> str:
    return " and ".join(day(one.isoformat()) for one in found)


def _decided(b: Any, zone: tzinfo) -> str:
    again = b.look_again_on and f"look again on {day(b.look_again_on.isoformat())}"
    fade = (
        b.fade and b.fade.opens_at and f"predicted from {_moment(b.fade.opens_at, zone).rpartition(',')[0]}"
    )
    held = b.held and f"while held by stop and review: {'; '.join(b.held)}"
    return _join(choice(b.choice), b.planned_at and _moment(b.planned_at, zone), again, fade, held)


def _ended(b: Any, zone: tzinfo) -> str:
    asks = b.ask_on and f"asks again on {_days(b.ask_on)}"
    on = b.goes_on_with and f"goes on with {b.goes_on_with}"
    achieved = "; ".join(b.achieved)
    return _join(ending(b.why), b.outcome.replace("_", " "), achieved, on, asks)


def _tried(b: Any, zone: tzinfo) -> str:
    return _join(b.how, "reached" if b.reached else "not reached", b.said)


def _nurses(b: Any, zone: tzinfo) -> str:
    return ", ".join(f"{WEEKDAYS[s.weekday]} {s.opens}–{s.closes}: {s.count}" for s in b.spans) or "nobody"


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "next_session_decided": _decided,
    "course_ended": _ended,
    "contact_tried": _tried,
    "nurses_set": _nurses,
}
