"""The next session by the protocol, and why: an interval proposed for a clinician to decide on (pure).

Instants are compared as such, so a change of the clocks never shortens the minimum interval (hazard H009).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from lowtide.data import schedules
from lowtide.data.protocols import Protocol, Schedule, protocol, protocols
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.response import Verdict
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.people.roles import P
from lowtide.problems import BadInput
from lowtide.record.chart import Chart

DECIDE = Task(
    "next_session",
    "Decide next date",
    80,
    Group.DECISION,
    P.DECIDE,
    "maintenance:maintenance",
    "note",
    "Next",
)
PAUSED = Task(
    "paused", "Look again", 84, Group.DECISION, P.DECIDE, "maintenance:maintenance", "hold", "Paused"
)


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


def propose(state: CourseState) -> Proposal:
    """The next session by the protocol of the course, from the last dose and the response so far."""
    if state.course is None or not state.given:
        return Proposal(advice="nothing", rule="No session has been held yet.", reasons=())
    try:
        plan = protocol(state.course.protocol)
    except BadInput:
        rule = f"Protocol {state.course.protocol} is not known here: the protocol proposes nothing."
        return Proposal(advice="nothing", rule=rule, reasons=())
    held = len(state.given)
    if plan.phase == "induction" and held < _sessions(plan):
        return _within_induction(state, plan, held)
    if state.response.latest is Verdict.UNKNOWN:
        return _score_first(state, plan)
    if state.response.latest is Verdict.NONE and not state.response.lost:
        return _no_response(state, plan)
    return _maintenance(state, plan)


def earliest(state: CourseState, plan: Protocol) -> datetime | None:
    """The first instant at which the protocol's minimum interval since the last dose of any course is over."""
    last = max((d.started_at for d in state.doses), default=None)
    if last is None or plan.min_interval_h is None:
        return None
    return last + timedelta(hours=float(plan.min_interval_h))


def maintenance_of(plan: Protocol) -> Protocol | None:
    """The maintenance protocol that follows: same product, route and indication."""
    if plan.phase == "maintenance":
        return plan
    return next(
        (
            p
            for p in protocols().values()
            if p.phase == "maintenance"
            and (p.product, p.route) == (plan.product, plan.route)
            and set(p.indications) & set(plan.indications)
        ),
        None,
    )


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
        rule=f"{plan.id}: {_lower(plan.stopping_note)}",
        reasons=(f"{len(state.given)} sessions were held.", _response_words(state)),
        earliest=earliest(state, plan),
        protocol=plan.id,
        source=plan.source,
        unverified=_marks(plan, "stopping"),
    )


def _score_first(state: CourseState, plan: Protocol) -> Proposal:
    reason = (
        "no baseline before the first dose"
        if state.response.baseline is None
        else "no score since the first dose"
    )
    return Proposal(
        advice="score",
        rule="The interval depends on the response, and the response is not known.",
        reasons=(f"There is {reason}.",),
        earliest=earliest(state, plan),
        protocol=plan.id,
    )


def _maintenance(state: CourseState, running: Protocol) -> Proposal:
    plan = maintenance_of(running)
    if plan is None or plan.schedule is None or not plan.schedule.gaps_days:
        rule = f"No maintenance protocol is held for {running.product} {running.route or ''}.".replace(
            "_", " "
        )
        return Proposal(advice="review", rule=rule, reasons=(_response_words(state),), protocol=running.id)
    given = len(state.since_induction)
    gaps, reason = plan.schedule.gaps_days, _response_words(state)
    step = min(given if state.has_induction else given - 1, len(gaps) - 1)
    if not state.response.helped:
        step, reason = max(step - 1, 0), f"{reason} The interval is not stretched further but taken back."
    last, first_possible = state.given[-1].at, earliest(state, plan)
    opens = max(last + timedelta(days=gaps[step]), first_possible or last)
    slack = schedules.thresholds()["maintenance_slack_days"].value
    return Proposal(
        advice="next",
        rule=f"{plan.id}: {_lower(plan.schedule_note)}; {_lower(plan.maintenance_note)}",
        reasons=(
            f"Maintenance session {given + 1}: {_weeks(gaps[step])} after the last dose.",
            reason,
            _interval_words(plan),
            *([f"{plan.note}."] if plan.note else []),
        ),
        earliest=first_possible,
        window=(opens, opens + timedelta(days=slack)),
        protocol=plan.id,
        source=plan.source,
        unverified=_marks(plan, "schedule", "min_interval_h"),
    )


# -- words -------------------------------------------------------------------------------------------------------


def _response_words(state: CourseState) -> str:
    """What the latest score says, with the numbers it says it on."""
    found, name = state.response, state.measure.name
    assert found.baseline is not None
    latest = found.since[-1]
    verdict = "response lost" if found.lost else found.latest.value
    stale = " It is from before the last session." if latest.at < state.given[-1].at else ""
    return f"{name} {found.baseline.value} before the first dose, {latest.value} now: {verdict}.{stale}"


def _early_review(state: CourseState, held: int) -> list[str]:
    """Too little change after the first sessions is said, not acted on."""
    after, fall = (schedules.thresholds()[n] for n in ("early_review_sessions", "early_review_fall_pct"))
    if held < after.value or state.response.fall_pct is None or state.response.fall_pct >= fall.value:
        return []
    return [f"{state.measure.name} fell by {round(state.response.fall_pct)} %. {fall.text}."]


def _interval_words(plan: Protocol) -> str:
    if plan.min_interval_h is None:
        return f"{plan.id} names no minimum interval."
    return f"At least {plan.min_interval_h} hours from the start of one dose to the next."


def _weeks(days: int) -> str:
    weeks, rest = divmod(days, 7)
    if rest:
        return f"{days} days"
    return "1 week" if weeks == 1 else f"{weeks} weeks"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _marks(plan: Protocol, *fields: str) -> tuple[str, ...]:
    """Which of the fields that decided are recalled or defaults; all of them in an unverified protocol."""
    return tuple(f for f in fields if f in plan.unverified or not plan.verified)


# -- what is due -------------------------------------------------------------------------------------------------


def of_maintenance(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """A decision once no session lies ahead, and a look at who is paused."""
    if state.phase is Phase.ENDED or not state.given or state.next_session or state.given[-1].is_under_way:
        return
    decision = state.standing_decision
    if decision and decision.body.choice == "pause":
        rule = schedules.rules()["paused"]
        opens = decision.at + rule.span - timedelta(days=1)
        yield DueItem.after(PAUSED, rule, decision.at, "Paused", decision.reason, opens_at=opens)
    else:
        yield _to_decide(state)


def _to_decide(state: CourseState) -> DueItem:
    proposal, last = propose(state), state.given[-1]
    ended = last.ended_at or last.at
    why = proposal.reasons[0] if proposal.window else f"{proposal.rule.rstrip('.')}."
    rule = schedules.rules()["next_session"]
    item = DueItem.after(DECIDE, rule, ended, "Next session open", why, opens_at=ended)
    if proposal.window is None:
        return item
    # what is proposed for a day ahead can be decided until that day comes
    due_at = max(item.due_at, proposal.window[0])
    return msgspec.structs.replace(item, window=proposal.window, due_at=due_at)
