"""The person's own goals on a page: words, ratings over time as a small picture, what changed (pure)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from lowtide.data.trajectory import goal_scale
from lowtide.pathway.course import words
from lowtide.pathway.course.drawing import sparkline
from lowtide.pathway.outcomes.trajectory.goals import Goal, Rating


def rows(
    goals: Sequence[Goal], names: Mapping[str, str], zone: tzinfo, now: datetime
) -> list[dict[str, Any]]:
    """Each goal with how near the person says they are."""
    return [_row(goal, names, zone, now) for goal in goals]


def _row(goal: Goal, names: Mapping[str, str], zone: tzinfo, now: datetime) -> dict[str, Any]:
    scale, last = goal_scale(), goal.ratings[-1] if goal.ratings else None
    return {
        "id": goal.id,
        "text": goal.text,
        "since": words.day(goal.since, zone),
        "last": last.value if last else None,
        "first": goal.ratings[0].value if len(goal.ratings) > 1 else None,
        "of": scale.high,
        "when": words.when(last.at, zone, now) if last else "",
        "nearer": goal.nearer,
        "state": "reached" if goal.reached else "dropped" if goal.dropped else "",
        "is_open": goal.is_open,
        "spark": _spark(goal, zone) if len(goal.ratings) > 1 else "",
        "ratings": [_rating(r, names, zone, now) for r in reversed(goal.ratings)],
    }


def _spark(goal: Goal, zone: tzinfo) -> str:
    scale = goal_scale()
    points = tuple((r.at.astimezone(zone), float(r.value)) for r in goal.ratings)
    drawn = sparkline.Spark(
        key=f"goal-{goal.id}",
        title=goal.text,
        points=points,
        low=float(scale.low),
        high=float(scale.high),
        join_within_days=120,
    )
    return sparkline.draw(drawn)


def _rating(rating: Rating, names: Mapping[str, str], zone: tzinfo, now: datetime) -> dict[str, Any]:
    by = "the patient" if rating.by.startswith("patient:") else names.get(rating.by, "")
    return {
        "entry": rating.entry,
        "value": rating.value,
        "when": words.when(rating.at, zone, now),
        "by": by,
        "words": rating.words,
    }
