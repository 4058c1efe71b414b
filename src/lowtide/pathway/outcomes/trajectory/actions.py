"""The verbs of a person's own goal: set it, rate it, put its words right, end it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from lowtide.pathway.outcomes.trajectory.goals import Goal, goals
from lowtide.people import retry
from lowtide.people.charts import whole_chart
from lowtide.problems import refuse
from lowtide.record import store
from lowtide.record.entries.base import Draft, Entry, Source
from lowtide.record.entries.goals import GoalRated, GoalSet


def set_goal(stream: str, text: str, by: str, source: Source, now: datetime, entry_id: UUID) -> Entry:
    """A goal in the person's words."""
    body = GoalSet(text=text.strip())
    return retry.append(
        [Draft(stream=stream, body=body, by=by, at=now, id=entry_id, source=source)], now=now
    )[0]


def rate(
    stream: str, rated: GoalRated, by: str, source: Source, now: datetime, entry_id: UUID
) -> Sequence[Entry]:
    """How near the person is to a goal. One that so far stood only in a plan becomes an entry of its own with it.

    Raises Refused for a goal that is not there or has ended.
    """
    found = _goal(stream, rated.goal)
    if not found.is_open:
        raise refuse("this goal has ended", "goal", "Set a new one.")
    rating = Draft(stream=stream, body=rated, by=by, at=now, id=entry_id, source=source)
    if found.is_entry:
        return retry.append([rating], now=now)
    said = Draft(stream=stream, body=GoalSet(text=found.text), by=by, at=now, id=found.id, source=source)
    return retry.append([said, rating], now=now)


def end(stream: str, goal: UUID, *, reached: bool, by: str, now: datetime, entry_id: UUID) -> Entry:
    """A goal is reached, or no longer wanted."""
    found = _goal(stream, goal)
    body = GoalSet(text=found.text, reached=reached, dropped=not reached)
    why = "reached" if reached else "no longer wanted"
    if not found.is_entry:
        said = Draft(stream=stream, body=body, by=by, at=now, id=found.id)
        return retry.append([said], now=now)[0]
    latest = store.load(stream).line(found.id)[-1]
    if latest.id == entry_id:
        return latest
    draft = Draft(stream=stream, body=body, by=by, at=now, id=entry_id, reason=why).correcting(latest)
    return retry.append([draft], now=now)[0]


def _goal(stream: str, goal: UUID) -> Goal:
    found = next((g for g in goals(whole_chart(stream)) if g.id == goal), None)
    if found is None:
        raise refuse("there is no such goal", "goal", "Open the page again.")
    return found
