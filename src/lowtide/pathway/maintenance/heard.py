"""When a patient was last heard of, from when on they are lost sight of, and who looked for them (pure)."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from lowtide.data import schedules
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.maintenance.steps import is_paused
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import ContactTried, CourseEnded
from lowtide.record.entries.events import FollowUpCall

DAY = timedelta(days=1)


def tried(chart: Chart) -> list[tuple[Entry, ContactTried]]:
    """Who looked for the patient or asked how things are, in order of time."""
    return list(chart.said(ContactTried))


def ended(chart: Chart) -> CourseEnded | None:
    """How the course ended last."""
    found = chart.last(CourseEnded)
    if found is None:
        return None
    return max((b for e, b in chart.said(CourseEnded) if e.at == found[0].at), key=lambda b: len(b.ask_on))


def heard_at(chart: Chart, state: CourseState) -> datetime | None:
    """The last instant at which the patient was here, answered, or was reached."""
    return max(_heard(chart, state), default=None)


def _heard(chart: Chart, state: CourseState) -> Iterator[datetime]:
    yield from (s.ended_at or s.at for s in state.given)
    yield from (s.at for s in state.scores)
    yield from (e.at for e, body in tried(chart) if body.reached)
    yield from (e.at for e, _ in chart.said(FollowUpCall))


def lost_at(chart: Chart, state: CourseState) -> datetime | None:
    """From when on nobody has heard of somebody in treatment; None while a session lies ahead, or nothing was given.

    In a pause the day that was set with it comes first: until then nobody expects a word.
    """
    heard = heard_at(chart, state)
    if heard is None or state.phase is Phase.ENDED or not state.given or state.next_session:
        return None
    since = heard + schedules.thresholds()["lost_after_days"].value * DAY
    decision = state.standing_decision
    again = decision.body.look_again_on if decision and is_paused(state) else None
    return max(since, datetime.combine(again + DAY, time(), UTC)) if again else since
