"""The next session by the protocol, and why: an interval proposed for a clinician to decide on (pure).

Instants are compared as such, so a change of the clocks never shortens the minimum interval (hazard H009). Weeks and
months are the calendar's in the zone that is given; a row of the worklist, which knows no clinic, counts them in UTC.
"""

from datetime import UTC, datetime, timedelta, tzinfo

import msgspec

from lowtide.data import schedules
from lowtide.data.protocols import Protocol, Schedule
from lowtide.pathway.course import upkeep
from lowtide.pathway.course.response import Outcome, outcome_words
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.course.upkeep import maintenance_of, under

EARLY = ("early_review_sessions", "early_review_fall_pct")
"""The numbers that a review after the first sessions rests on."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What the protocol says about the next session.

    No session may start before `earliest`. `window` is None where the protocol proposes none: `advice` then says
    what it asks for (`review`, `score`, `nothing`). `unverified` names what of it is recalled or a default.
    """

    advice: str
    rule: str
    reasons: tuple[str, ...]
    earliest: datetime | None = None
    window: tuple[datetime, datetime] | None = None
    protocol: str = ""
    source: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    phases: tuple[tuple[str, bool], ...] = ()


def propose(state: CourseState, zone: tzinfo = UTC) -> Proposal:
    """The next session by the protocol of the course, from the last dose and the response so far."""
    if state.course is None or not state.given:
        return Proposal(advice="nothing", rule="No session has been held yet.", reasons=())
    plan = protocol_of(state.course)
    if plan is None:
        rule = f"Protocol {state.course.protocol} is not known here: the protocol proposes nothing."
        return Proposal(advice="nothing", rule=rule, reasons=())
    held = len(under(state, plan.id))
    if state.course.phase == "induction" and plan.phase == "induction" and held < _sessions(plan):
        return _within_induction(state, plan, held)
    if state.response.unanswered:
        return _no_response(state, plan)
    return _maintenance(state, plan, zone)


def earliest(state: CourseState, plan: Protocol) -> datetime | None:
    """The first instant at which the protocol's minimum interval since the last dose of any course is over."""
    last = max((d.started_at for d in state.doses), default=None)
    if last is None or plan.min_interval_h is None:
        return None
    return last + timedelta(hours=float(plan.min_interval_h))


def _sessions(plan: Protocol) -> int:
    return (plan.schedule.sessions if plan.schedule else None) or 0


def _within_induction(state: CourseState, plan: Protocol, held: int) -> Proposal:
    last, first_possible = state.given[-1].at, earliest(state, plan)
    gap = _longest_gap(plan.schedule) if plan.schedule else None
    opens = max(first_possible or last, last)
    reasons = [
        f"{held} of {_sessions(plan)} sessions of the induction have been held.",
        _interval_words(plan),
    ]
    early = _early_review(state, held)
    reasons += early
    return Proposal(
        advice="next",
        rule=f"{plan.id}: {_lower(plan.schedule_note)}",
        reasons=tuple(reasons),
        earliest=first_possible,
        window=(opens, max(opens, last + timedelta(days=gap))) if gap else None,
        protocol=plan.id,
        source=plan.source,
        unverified=(*_marks(plan, "schedule", "min_interval_h"), *(EARLY if early else ())),
    )


def _longest_gap(schedule: Schedule) -> int | None:
    """Whole days from one session to the next, at most: twice a week is 3 or 4."""
    if schedule.per_week:
        return -(-7 // schedule.per_week)
    return schedule.every_days or max(schedule.gaps_days, default=None)


def _no_response(state: CourseState, plan: Protocol) -> Proposal:
    return Proposal(
        advice="review",
        rule=f"{plan.id}: {_lower(plan.stopping_note)}"
        if plan.stopping_note
        else f"{plan.id} names no rule for when there is no response.",
        reasons=(_held(len(state.given)), _response_words(state)),
        earliest=earliest(state, plan),
        protocol=plan.id,
        source=plan.source,
        unverified=_marks(plan, "stopping"),
    )


def _score_first(state: CourseState, plan: Protocol) -> Proposal:
    return Proposal(
        advice="score",
        rule="The interval depends on the response, and the response is not known.",
        reasons=(f"There is {_unscored(state)}.",),
        earliest=earliest(state, plan),
        protocol=plan.id,
    )


def _maintenance(state: CourseState, running: Protocol, zone: tzinfo) -> Proposal:
    plan = maintenance_of(running)
    if plan is None:
        return _undescribed(state, running)
    holds, known = state.response.helped, state.response.outcome is not Outcome.UNKNOWN
    one = upkeep.step(state, plan, zone, holds=holds and known)
    phases = tuple(upkeep.lines(plan, one.number))
    if one.rung.by_response and not known:
        return msgspec.structs.replace(_score_first(state, plan), phases=phases)
    if one.over:
        return _phase_over(state, plan, one, phases)
    first_possible = earliest(state, plan)
    opens = max(one.opens_at, first_possible or one.opens_at)
    slack = timedelta(days=schedules.thresholds()["maintenance_slack_days"].value)
    note = plan.schedule_note if plan.phase == "maintenance" else ""
    return Proposal(
        advice="next",
        rule=f"{plan.id}: {'; '.join(_lower(text) for text in (note, plan.maintenance_note) if text)}",
        reasons=(
            *one.reasons,
            _known_words(state),
            _interval_words(plan),
            *([f"{plan.note}."] if plan.note else []),
        ),
        earliest=first_possible,
        window=(opens, max(opens, one.closes_at) if one.closes_at else opens + slack),
        protocol=plan.id,
        source=plan.source,
        unverified=_marks(plan, "maintenance", *_rhythm(plan), "min_interval_h"),
        phases=phases,
    )


def _rhythm(plan: Protocol) -> tuple[str, ...]:
    """The schedule decides where it is the ladder itself."""
    return ("schedule",) if plan.phase == "maintenance" else ()


def _undescribed(state: CourseState, running: Protocol) -> Proposal:
    """Nothing with numbers is held for what follows: the source's own words, and a clinician."""
    said = f": {_lower(running.maintenance_note)}" if running.maintenance_note not in ("", "None") else ""
    return Proposal(
        advice="review",
        rule=f"{running.id} names no interval for after its sessions{said}.",
        reasons=(_known_words(state),),
        earliest=earliest(state, running),
        protocol=running.id,
        source=running.source,
    )


def _phase_over(
    state: CourseState, plan: Protocol, one: upkeep.Step, phases: tuple[tuple[str, bool], ...]
) -> Proposal:
    months = upkeep.Span(months=one.rung.for_months or 0)
    return Proposal(
        advice="review",
        rule=f"{plan.id}: {_lower(plan.maintenance_note)}",
        reasons=(f"{months} since the first dose are over.", _known_words(state)),
        earliest=earliest(state, plan),
        protocol=plan.id,
        source=plan.source,
        unverified=_marks(plan, "maintenance"),
        phases=phases,
    )


# -- words -------------------------------------------------------------------------------------------------------


def _known_words(state: CourseState) -> str:
    if state.response.outcome is Outcome.UNKNOWN:
        return f"The response is not known: {_unscored(state)}."
    return _response_words(state)


def _unscored(state: CourseState) -> str:
    if state.response.baseline is None:
        return "no baseline before the first dose"
    return "no score since the first dose"


def _held(sessions: int) -> str:
    return f"{sessions} {'session was' if sessions == 1 else 'sessions were'} held."


def _response_words(state: CourseState) -> str:
    """What the latest score says, with the numbers it says it on."""
    found, name = state.response, state.measure.name
    assert found.baseline is not None
    latest = found.since[-1]
    verdict = outcome_words(found)
    stale = " It is from before the last session." if latest.at < state.given[-1].at else ""
    return f"{name} {found.baseline.value} before the first dose, {latest.value} now: {verdict}.{stale}"


def _early_review(state: CourseState, held: int) -> list[str]:
    """Too little change after the first sessions is said, not acted on; nothing of it where a response was there."""
    if not state.response.unanswered:
        return []
    after, fall = (schedules.thresholds()[n] for n in ("early_review_sessions", "early_review_fall_pct"))
    if held < after.value or state.response.fall_pct is None or state.response.fall_pct >= fall.value:
        return []
    return [f"{state.measure.name} fell by {round(state.response.fall_pct)} %. {fall.text}."]


def _interval_words(plan: Protocol) -> str:
    if plan.min_interval_h is None:
        return f"{plan.id} names no minimum interval."
    return f"At least {plan.min_interval_h} hours from the start of one dose to the next."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _marks(plan: Protocol, *fields: str) -> tuple[str, ...]:
    """Which of the fields that decided are recalled or defaults; all of them in an unverified protocol."""
    return tuple(f for f in fields if f in plan.unverified or not plan.verified)
