"""The planner's table as a pure function of a chart."""

import hashlib
from datetime import UTC, timedelta

from lowtide.data import read, schedules
from lowtide.pathway.course.projections import SESSION_KINDS
from lowtide.pathway.course.response import Tracked
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState, Phase, fold
from lowtide.pathway.course.staying import length
from lowtide.pathway.maintenance.due_rules import end_of
from lowtide.pathway.maintenance.heard import heard_at, lost_at
from lowtide.pathway.maintenance.models import UpkeepRow
from lowtide.pathway.maintenance.rules import propose
from lowtide.pathway.maintenance.steps import drifting, is_paused, standing
from lowtide.pathway.outcomes.drift import drifts
from lowtide.record.chart import Chart
from lowtide.record.entries import care, events
from lowtide.record.entries.base import Body
from lowtide.record.projections import Projection, Row, register

KINDS: tuple[type[Body], ...] = (
    *SESSION_KINDS,
    care.CourseEnded,
    care.NextSessionDecided,
    care.ContactTried,
    care.Answers,
    care.Total,
    care.RiskReviewed,
    events.FollowUpCall,
)
RULES = 3  # raised with each change of what a row holds


def rows(chart: Chart) -> list[Row]:
    state = fold(chart)
    if state.phase is Phase.ENDED or not state.given or state.course is None:
        return []
    return [_row(chart, state)]


def _row(chart: Chart, state: CourseState) -> Row:
    assert state.course
    ahead, now = state.next_session, standing(state, UTC)
    stays = length(protocol_of(state.course))
    return {
        "key": chart.stream,
        "state": now.state.id,
        "since": now.since,
        "protocol": state.course.protocol,
        "indication": state.course.indication,
        "given": len(state.given),
        "last_at": state.given[-1].at,
        "next_at": ahead.planned_at if ahead else None,
        "next_session": str(ahead.id) if ahead else "",
        "next_booked": bool(ahead and ahead.booked),
        "heard_at": heard_at(chart, state),
        "lost_at": lost_at(chart, state),
        "stay_min": int((stays.before + stays.after) / timedelta(minutes=1)),
        **_windows(state),
        **_scored(chart, state),
    }


def _windows(state: CourseState) -> Row:
    """The protocol's window where no session lies ahead, and the day set with a pause."""
    proposal = propose(state)
    opens, closes = (None, None) if state.next_session or proposal.window is None else proposal.window
    again = None
    if is_paused(state) and state.standing_decision:
        day = state.standing_decision.body.look_again_on
        at = state.standing_decision.at + schedules.rules()["paused"].span
        opens, closes, again = None, None, end_of(day) if day else at
    return {"window_from": opens, "window_to": closes, "again_at": again}


def _scored(chart: Chart, state: CourseState) -> Row:
    """By the measure that leads the course; `scored_at` is the last score of whatever a prediction may rest on."""
    one, found = state.lead, state.lead.found
    last = found.since[-1] if found.since else None
    newest = [s.at for s in (*found.since[-1:], *state.told_by.found.since[-1:])]
    return {
        "scored_at": max(newest, default=None),
        "score": _told(one, last),
        "best": _told(one, found.best),
        "drifting": drifting(state, next(drifts(chart, state), None)) is not None,
        "relapsed": found.relapse is not None,
        "lost": found.lost,
    }


def _told(one: Tracked, score: Score | None) -> str:
    unsure = ", not confirmed" if score and score.unconfirmed else ""
    return f"{one.measure.name} {float(score.value):g}{unsure}" if score else ""


def mark(state: CourseState) -> str:
    """What a prediction was made on: doses and scores."""
    scores = state.told_by.scores
    said = [f"{s.id} {s.at}" for s in state.given] + [f"{s.entry} {s.total}" for s in scores]
    return hashlib.sha256("|".join(said).encode()).hexdigest()[:16]


def register_all() -> None:
    version = schedules.revision() + int(read.digest("maintenance.toml")[:7], 16) + RULES
    register(Projection("maintenance.upkeep", version % 2**31, UpkeepRow, "chart:", KINDS, rows))
