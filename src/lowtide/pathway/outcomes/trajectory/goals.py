"""The person's own goals and how near they rate themselves to each, over time (pure)."""

from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from lowtide.data.trajectory import goal_scale
from lowtide.record.chart import Chart
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.goals import GoalRated, GoalSet


class Rating(msgspec.Struct, frozen=True):
    entry: UUID
    at: datetime
    by: str
    value: int
    mode: str
    words: str


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is its first entry; a goal that so far stands only in a plan has one from its words, and no entry yet."""

    id: UUID
    text: str
    since: datetime
    is_entry: bool
    reached: bool
    dropped: bool
    ratings: tuple[Rating, ...]

    @property
    def is_open(self) -> bool:
        return not (self.reached or self.dropped)

    @property
    def nearer(self) -> bool | None:
        """Nearer than at first by a change that is told, further by one, or neither."""
        if len(self.ratings) < 2:
            return None
        change = self.ratings[-1].value - self.ratings[0].value
        return None if abs(change) < goal_scale().better_by else change > 0


def goals(chart: Chart) -> tuple[Goal, ...]:
    """Goals of the plans and those set since, in order of time, each with its ratings."""
    rated: dict[UUID, list[Rating]] = {}
    for entry, body in chart.said(GoalRated):
        rating = Rating(entry.id, entry.at, entry.by, body.value, body.mode, body.words or "")
        rated.setdefault(body.goal, []).append(rating)
    said = {chart.line(e.id)[0].id: (chart.line(e.id)[0].at, b) for e, b in chart.said(GoalSet)}
    planned = {
        i: (at, text) for i, at, text in _planned(chart) if i not in said and not _taken_back(chart, i)
    }
    found = [_goal(i, at, b.text, rated, True, b.reached, b.dropped) for i, (at, b) in said.items()]
    found += [_goal(i, at, text, rated, False) for i, (at, text) in planned.items()]
    return tuple(sorted(found, key=lambda g: (g.since, str(g.id))))


def _taken_back(chart: Chart, goal: UUID) -> bool:
    return goal in chart.entries


def _goal(
    goal: UUID,
    since: datetime,
    text: str,
    rated: dict[UUID, list[Rating]],
    is_entry: bool,
    reached: bool = False,
    dropped: bool = False,
) -> Goal:
    return Goal(
        id=goal,
        text=text,
        since=since,
        is_entry=is_entry,
        reached=reached,
        dropped=dropped,
        ratings=tuple(rated.get(goal, ())),
    )


def _planned(chart: Chart) -> list[tuple[UUID, datetime, str]]:
    """What the plans name, each wording once."""
    found: dict[str, tuple[UUID, datetime, str]] = {}
    for entry, plan in chart.said(CoursePlanned):
        for text in plan.goals or ((plan.goal,) if plan.goal else ()):
            root = chart.line(entry.id)[0].id
            found.setdefault(text.strip(), (uuid5(root, text.strip()), entry.at, text.strip()))
    return list(found.values())
