"""Where the upkeep of a treatment stands, what may be chosen from there, and which rules point at a step (pure).

A state is what the last choice led to; a rule is data with a source and proposes, never decides.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

import msgspec

from lowtide.data import maintenance, schedules
from lowtide.data.maintenance import State, Step, StepRule
from lowtide.pathway.course import upkeep
from lowtide.pathway.course.response import HOLDS, Outcome
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.outcomes.drift import Drift, drift

EMPTY: frozenset[str] = frozenset()


class Advice(msgspec.Struct, frozen=True):
    """A rule that holds, and the step it points at."""

    rule: StepRule
    step: Step


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The state with its instant, the facts it was judged by, the rules that hold and what may be chosen."""

    state: State
    since: datetime | None
    facts: frozenset[str]
    advice: tuple[Advice, ...]
    choices: tuple[Step, ...]


def standing(state: CourseState, zone: tzinfo, *, held: bool = False) -> Standing:
    """`held`: stop and review holds the next session. That is then the state that is told, whatever was chosen before;
    what may be chosen does not change."""
    name, since = _state(state)
    facts = frozenset((*_facts(state, zone), *(("held",) if held else ())))
    known = maintenance.steps()
    advice = tuple(Advice(r, known[r.step]) for r in maintenance.maintenance().rules if _holds(r, facts))
    choices = tuple(one for one in known.values() if name in one.from_ and state.given)
    return Standing(
        state=maintenance.states()["held" if held and name != "ended" else name],
        since=since,
        facts=facts,
        advice=advice,
        choices=choices,
    )


def _holds(rule: StepRule, facts: frozenset[str]) -> bool:
    return facts.issuperset(rule.when) and facts.isdisjoint(rule.unless)


def _state(state: CourseState) -> tuple[str, datetime | None]:
    """What the last choice led to. A series that is not over is an induction, whatever was chosen before it."""
    if state.phase is Phase.ENDED:
        return "ended", state.ended_at
    latest = state.plans[-1] if state.plans else None
    if state.phase in (Phase.INDUCTION, Phase.EVALUATION):
        again = latest is not None and latest[1].again
        paused = _paused(state)
        if paused:
            return "paused", paused
        return ("reinduction" if again else "induction"), latest[0].at if latest else None
    if state.decision is None:
        return "holding", state.given[-1].at if state.given else None
    found = maintenance.steps().get(state.decision.body.choice)
    leads = found.leads_to if found else "holding"
    if leads == "reinduction":  # its series is over
        leads = "holding"
    return ("holding" if leads == "ended" else leads), state.decision.at


def _paused(state: CourseState) -> datetime | None:
    said = state.standing_decision
    return said.at if said and said.body.choice == "pause" and state.next_session is None else None


def is_paused(state: CourseState) -> bool:
    """Nothing lies ahead because somebody chose so."""
    return state.phase is not Phase.ENDED and _paused(state) is not None


# -- facts ---------------------------------------------------------------------------------------------------------


def _facts(state: CourseState, zone: tzinfo) -> Iterator[str]:
    found = state.response
    if found.outcome is Outcome.UNKNOWN:
        yield "unknown"
    if found.unanswered:
        yield "no_response"
    elif found.lost:
        yield "response_lost"
        if found.relapse:
            yield "relapsed"
    if found.helped:
        yield "responding"
    if found.outcome is Outcome.REMISSION:
        yield "remitted"
    if drifting(state):
        yield "drifting"
    if is_paused(state):
        yield "paused"
    if state.phase is Phase.MAINTENANCE and state.given:
        yield "induction_over"
    yield from _of_the_ladder(state, zone)


def _of_the_ladder(state: CourseState, zone: tzinfo) -> Iterator[str]:
    running = protocol_of(state.course) if state.course else None
    plan = upkeep.maintenance_of(running) if running else None
    if plan is None or not state.given or state.phase is not Phase.MAINTENANCE:
        return
    one = upkeep.step(state, plan, zone, holds=state.response.helped)
    if one.number < len(upkeep.rungs(plan)):
        return
    yield "at_longest"
    if _held_since(state, one.apart, zone):
        yield "held_long"


def _held_since(state: CourseState, longest: upkeep.Span, zone: tzinfo) -> bool:
    """Whether the response was held for long enough, at this interval, up to the last score."""
    needed = timedelta(days=schedules.thresholds()["taper_after_days"].value)
    given, last = state.since_induction, state.response.since[-1] if state.response.since else None
    if last is None or len(given) < 2:
        return False
    begun = given[-1].at
    for before, after in zip(reversed(given[:-1]), reversed(given[1:]), strict=True):
        if after.at < longest.after(before.at, zone) - timedelta(days=1):
            break
        begun = before.at
    return last.at - begun >= needed and all(_well(state, begun))


def _well(state: CourseState, begun: datetime) -> Iterator[bool]:
    """Of each score since then, whether the response held."""
    found = state.response
    for score, outcome in zip(found.since, found.outcomes, strict=False):
        if score.at >= begun:
            yield outcome in HOLDS


def drifting(state: CourseState, drifted: Drift | None = None) -> Score | None:
    """The latest score where it worsens, in somebody whom this treatment helped and whose response is not lost yet."""
    found = drifted or drift(state)
    if found is None or HOLDS.isdisjoint(state.response.outcomes) or state.response.lost:
        return None
    return found.latest
