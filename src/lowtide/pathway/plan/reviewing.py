"""When a course must be looked at again or stopped: the protocol's rules and the long-term ones, as findings (pure).

A finding asks for a prescriber's word; it stops nothing by itself. A review holds until the next dose.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from lowtide.data import schedules
from lowtide.data.monitoring import Item, items
from lowtide.data.protocols import Protocol, Stopping
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.response import Verdict
from lowtide.pathway.course.sessions import Dose
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.people.roles import P
from lowtide.record.chart import Chart
from lowtide.record.entries.care import CourseReviewed
from lowtide.science.units import plain

EXPOSURE, RESPONSE = "M38", "M39"
REVIEW = Task(
    "course_review", "Review the course", 42, Group.DECISION, P.DECIDE, "plan:plan", "caution", "Review"
)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that asks for a review, with the numbers it rests on. `known` is False where it asks for a score."""

    id: str
    text: str
    then: str
    source: tuple[str, ...] = ()
    verified: bool = True
    known: bool = True
    second_clinician: bool = False

    @property
    def concerns_dose(self) -> bool:
        """It speaks against another dose as before, rather than of what was given in all."""
        return self.known and not self.second_clinician


def findings(state: CourseState, plan: Protocol) -> Iterator[Finding]:
    """What asks for a review after the sessions held so far."""
    if not state.given:
        return
    held = [s for s in state.given if state.course and s.course == state.course.course]
    for number, rule in enumerate(plan.stopping, start=1):
        yield from _by_protocol(state, plan, rule, f"{plan.id}.stopping.{number}", len(held))
    if state.course and _concerns(items()[RESPONSE], state.course.indication):
        yield from _by_response(state, items()[RESPONSE])
    yield from _by_exposure(state.doses, items()[EXPOSURE])


def _concerns(item: Item, indication: str) -> bool:
    return not item.scope.indications or indication in item.scope.indications


def _by_protocol(
    state: CourseState, plan: Protocol, rule: Stopping, name: str, held: int
) -> Iterator[Finding]:
    said = JUDGE.get(rule.because, _nothing)(state, plan, rule, held)
    if said:
        yield Finding(
            id=name,
            text=said[0],
            then=rule.then,
            known=said[1],
            source=plan.source,
            verified=plan.verified and "stopping" not in plan.unverified,
        )


Said = tuple[str, bool] | None
"""What a rule has to say, and whether it rests on a known response; None where it does not ask for anything."""


def _nothing(state: CourseState, plan: Protocol, rule: Stopping, held: int) -> Said:
    return None


def _reached(rule: Stopping, held: int) -> bool:
    return rule.after_sessions is not None and held >= rule.after_sessions


def _no_response(state: CourseState, plan: Protocol, rule: Stopping, held: int) -> Said:
    if not _reached(rule, held) or state.response.helped:
        return None
    if state.response.latest is Verdict.UNKNOWN:
        text = f"whether there is a response is not known; without one {plan.id} says {rule.then}."
        return f"After session {held}: {text}", False
    text = f"no response; {plan.id} says {rule.then} from session {rule.after_sessions} on."
    return f"After session {held}: {text}", True


def _end_of_induction(state: CourseState, plan: Protocol, rule: Stopping, held: int) -> Said:
    if not (_reached(rule, held) or _weeks(state, rule.after_weeks)):
        return None
    return (
        f"The induction of {plan.id} is over after {held} sessions: judge the benefit.",
        rule.then == "stop",
    )


def _little_change(state: CourseState, plan: Protocol, rule: Stopping, held: int) -> Said:
    fall, least = state.response.fall_pct, rule.below_pct
    if not _reached(rule, held) or fall is None or least is None or fall >= least:
        return None
    return f"{_fall(state)} better; {plan.id} asks for {plain(least)} %.", True


def _remission(state: CourseState, plan: Protocol, rule: Stopping, held: int) -> Said:
    if rule.instrument not in (None, state.measure.id) or state.response.latest is not Verdict.REMISSION:
        return None
    return f"Remission after session {held}: {plan.id} ends the series there.", True


def _time(state: CourseState, plan: Protocol, rule: Stopping, held: int) -> Said:
    if not _weeks(state, rule.after_weeks):
        return None
    return f"{rule.after_weeks} weeks after the first dose: {plan.id} asks for a review.", False


JUDGE: dict[str, Callable[[CourseState, Protocol, Stopping, int], Said]] = {
    "no_response": _no_response,
    "end_of_induction": _end_of_induction,
    "little_change": _little_change,
    "remission": _remission,
    "time": _time,
}


def _weeks(state: CourseState, weeks: int | None) -> bool:
    """The last dose came this many weeks after the first: no clock is asked."""
    if weeks is None or not state.given:
        return False
    return state.given[-1].at - state.given[0].at >= timedelta(weeks=weeks)


def _fall(state: CourseState) -> str:
    return f"{float(state.response.fall_pct or 0):.0f} %"


def _by_response(state: CourseState, item: Item) -> Iterator[Finding]:
    """Each alternative holds one count of sessions and one bound on the response."""
    if state.response.fall_pct is None or item.trigger is None:
        return
    known: dict[str, Decimal | bool] = {
        "sessions_done": Decimal(len(state.given)),
        "improvement_pct": Decimal(float(state.response.fall_pct)),
        "response": state.response.helped,
    }
    for alternative in item.trigger.when:
        if all(_holds(known[c.value], c) for c in alternative):
            text = (
                f"{_fall(state)} better after {len(state.given)} sessions ({item.id}: {item.trigger_text})."
            )
            yield Finding(id=item.id, text=text, then="change", source=item.source, verified=item.verified)
            return


def _holds(value: Decimal | bool, bound: object) -> bool:
    at_least, below, above, holds = (getattr(bound, name) for name in ("at_least", "below", "above", "holds"))
    if isinstance(value, bool):
        return holds is value
    return (
        (at_least is None or value >= at_least)
        and (below is None or value < below)
        and (above is None or value > above)
    )


def _by_exposure(doses: tuple[Dose, ...], item: Item) -> Iterator[Finding]:
    """Sessions in the days that the name of each value says, ending with the last dose."""
    if not doses or item.trigger is None:
        return
    last = max(d.started_at for d in doses)
    for alternative in item.trigger.when:
        for bound in alternative:
            days = int("".join(c for c in bound.value if c.isdigit()))
            count = within(doses, last, days)
            if _holds(Decimal(count), bound):
                text = f"{count} sessions within {days} days; over {plain(bound.above or Decimal(0))} a second clinician looks at it ({item.id})."
                yield Finding(
                    id=f"{item.id}.{days}",
                    text=text,
                    then="review",
                    source=item.source,
                    verified=item.verified,
                    second_clinician=True,
                )


def within(doses: tuple[Dose, ...], until: datetime, days: int) -> int:
    """How many doses were begun in the days up to an instant."""
    return sum(timedelta(0) <= until - d.started_at < timedelta(days=days) for d in doses)


def unreviewed(chart: Chart, state: CourseState, plan: Protocol) -> tuple[Finding, ...]:
    """The findings that nobody has spoken to since the last dose."""
    last = state.given[-1].at if state.given else None
    seen = {
        name for e, body in chart.said(CourseReviewed) if last is None or e.at >= last for name in body.rules
    }
    return tuple(f for f in findings(state, plan) if f.id not in seen)


def of_the_plan(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """One item for everything that asks for a review."""
    plan = protocol_of(state.course) if state.course else None
    if plan is None or state.phase is Phase.ENDED or not state.given or state.given[-1].is_under_way:
        return
    waiting = unreviewed(chart, state, plan)
    if not waiting:
        return
    last, rule = state.given[-1], schedules.rules()["course_review"]
    yield DueItem.after(
        REVIEW,
        rule,
        last.ended_at or last.at,
        "Course to review",
        " ".join(f.text for f in waiting),
        title=f"Review the course after {last.name}",
        opens_at=last.ended_at or last.at,
    )
