"""The words of what was done about raised answers, and of a person's own goals (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from lowtide.data.risk import closings
from lowtide.data.trajectory import goal_scale

LABELS = {"risk_reviewed": "Risk reviewed", "goal_set": "Own goal", "goal_rated": "Goal rated"}


def _reviewed(b: Any, zone: tzinfo) -> str:
    known = closings().get(b.because)
    end = (f"closed: {known.label}" if known else "closed") if b.closed else "still open"
    return f"{b.action}, {end}"


def _goal(b: Any, zone: tzinfo) -> str:
    return ", ".join(filter(None, (b.text, b.reached and "reached", b.dropped and "no longer wanted")))


def _rated(b: Any, zone: tzinfo) -> str:
    return ", ".join(filter(None, (f"{b.value} of {goal_scale().high}", b.words)))


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "risk_reviewed": _reviewed,
    "goal_set": _goal,
    "goal_rated": _rated,
}
