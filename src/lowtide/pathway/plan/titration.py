"""What a protocol's own rule says about the next dose, after the last response and how the last session was borne.

Pure. It says hold, up, down or review, with the reasons and the numbers they rest on; the prescriber chooses. What is
not known is said as not known, and is never a reason for more.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Literal

import msgspec

from lowtide.data.protocols import Amount, Protocol, Titration, protocols
from lowtide.pathway.course.response import Outcome, Response, outcome_words
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.course.tolerated import Tolerated, told, tolerated
from lowtide.pathway.course.upkeep import under
from lowtide.pathway.plan.reviewing import Finding, unreviewed
from lowtide.pathway.plan.stopping import better
from lowtide.record.chart import Chart
from lowtide.science.units import plain

Action = Literal["start", "continue", "hold", "step_up", "step_down", "review"]
SAID = {
    "start": "Begin with the protocol’s first dose",
    "continue": "Keep the dose",
    "hold": "Hold the dose: too little is known for another",
    "step_up": "A higher dose may be considered",
    "step_down": "A lower dose",
    "review": "Stop and review before another dose",
}


class Reason(msgspec.Struct, frozen=True):
    text: str
    source: tuple[str, ...] = ()
    verified: bool = True


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule says. `dose` is where it leads, None where the protocol names no next dose; `last` was given."""

    action: Action
    dose: Amount | None
    last: Amount | None
    reasons: tuple[Reason, ...]
    protocol: str

    @property
    def words(self) -> str:
        return SAID[self.action]

    @property
    def differs(self) -> bool:
        """It asks for something else than the last dose once more."""
        return self.action in ("step_up", "step_down", "review", "hold")


def advise(chart: Chart, state: CourseState, plan: Protocol, now: datetime | None = None) -> Advice:
    """For the next session of the treatment; without `now` as things stood at the last dose."""
    held = list(under(state, plan.id))
    if not held:
        return _start(state, plan)
    last = held[-1]
    dose = last_dose(plan, last)
    borne = tolerated(chart, last.id, last.at)
    said = unreviewed(
        chart, state, plan, now=now
    )  # what a clinician has spoken to since the last dose is settled
    action, target, reasons = _choose(plan, dose, state.response, borne, said, held)
    return Advice(
        action=action,
        dose=target,
        last=dose,
        reasons=(*reasons, _response(state), *_bearing(borne, last), _rule(plan)),
        protocol=plan.id,
    )


def last_dose(plan: Protocol, session: Session) -> Amount | None:
    """The dose that was ordered, in the protocol's unit; the protocol's first one where the order kept none."""
    kept = session.order.titration if session.order else None
    if kept and plan.dose:
        return Amount(kept.dose, plan.dose.unit)
    return plan.dose


def _start(state: CourseState, plan: Protocol) -> Advice:
    """The first session of this course; what worked before is kept where the rule says so."""
    earlier = [s for s in state.given if s.order]
    reasons = [_rule(plan)]
    action: Action = "start"
    if plan.titration and plan.titration.how == "keep" and earlier and earlier[-1].order:
        order = earlier[-1].order
        by_weight = f", {plain(order.dose_mg_per_kg)} mg/kg" if order.dose_mg_per_kg else ""
        text = f"The last dose was {plain(order.dose_mg)} mg{by_weight}."
        reasons.insert(0, Reason(text))
        if not _keeps(plan, earlier[-1], order.protocol):
            action = "review"
            reasons.insert(
                0, Reason(f"{plan.id} keeps the dose that worked, and its own is {amount(plan.dose)}.")
            )
    dose = None if action == "review" else plan.dose
    return Advice(action=action, dose=dose, last=None, reasons=tuple(reasons), protocol=plan.id)


def _keeps(plan: Protocol, session: Session, protocol_id: str) -> bool:
    """The protocol's own dose is the one that was ordered last, as far as the two have one unit."""
    before = protocols().get(protocol_id)
    given = last_dose(before, session) if before else None
    return given is None or plan.dose is None or given.unit != plan.dose.unit or given == plan.dose


Choice = tuple[Action, Amount | None, tuple[Reason, ...]]


def _choose(
    plan: Protocol,
    dose: Amount | None,
    response: Response,
    borne: Tolerated,
    said: tuple[Finding, ...],
    held: list[Session],
) -> Choice:
    if top := _over_the_top(plan, dose):
        return "review", None, (top,)
    stops = [f for f in said if f.then in ("stop", "review") and f.concerns_dose]
    if stops:
        return "review", None, tuple(Reason(f.text, f.source, f.verified) for f in stops)
    little = tuple(Reason(f.text, f.source, f.verified) for f in said if f.then == "change")
    if borne.well is False:
        return _down(plan, dose, held)
    if borne.well is None:
        text = f"Not known how the last session was borne: {_few(borne)}."
        return "hold", dose, (Reason(text), *little)
    action, target, reasons = _up(plan, dose, response)
    if little and action != "step_up":
        return "review", None, (*little, *reasons)
    return action, target, (*reasons, *little)


def _over_the_top(plan: Protocol, dose: Amount | None) -> Reason | None:
    """The last dose itself lies above what the protocol allows: it is not proposed once more."""
    most = _most(plan, dose.unit) if dose else None
    if dose is None or most is None or dose.value <= most:
        return None
    return Reason(
        f"The last dose, {amount(dose)}, is above {plan.id}’s most, {plain(most)} {dose.unit}.", plan.source
    )


def _most(plan: Protocol, unit: str) -> Decimal | None:
    """The smallest of the protocol's bounds that has this unit."""
    caps = {"mg": plan.max_mg, "mg/kg": plan.max_mg_per_kg, "mg/h": plan.max_mg_per_h}
    top = plan.dose_max.value if plan.dose_max and plan.dose_max.unit == unit else None
    return min((bound for bound in (caps.get(unit), top) if bound is not None), default=None)


def _few(borne: Tolerated) -> str:
    missing = [f"no {name.lower()} was charted" for name in borne.unknown]
    return ", ".join(missing) or "the end of the dose is not recorded"


def _down(plan: Protocol, dose: Amount | None, held: list[Session]) -> Choice:
    rule, lower = plan.titration, neighbour(plan, dose, up=False)
    if rule is None or not rule.down_if_not_tolerated:
        return "hold", dose, (Reason(f"{plan.id} names no lower dose for poor tolerability.", plan.source),)
    if rule.reductions_max is not None and _reductions(plan, held) >= rule.reductions_max:
        return "review", None, (Reason(f"{plan.id} allows {rule.reductions_max} reduction.", plan.source),)
    if lower is None:
        return "review", None, (Reason(f"{plan.id} has no step below this dose.", plan.source),)
    return "step_down", lower, (Reason(f"{plan.id} goes down where a dose is not tolerated.", plan.source),)


def _reductions(plan: Protocol, held: list[Session]) -> int:
    doses = [amount.value for s in held if (amount := last_dose(plan, s))]
    return sum(after < before for before, after in pairwise(doses))


FIXED = ("fixed", "keep", "reduce", "within_session")


def _why_kept(plan: Protocol, rule: Titration | None) -> Iterator[Reason]:
    """Why a protocol leads to no other dose, whatever the response."""
    if rule and rule.how == "within_session":
        yield Reason(f"{plan.id} changes the rate within a session, not from one to the next.", plan.source)
    if rule and rule.needs_reason:
        yield Reason(f"{plan.id} allows another dose only with a rationale.", plan.source, not _open(plan))


def _up(plan: Protocol, dose: Amount | None, response: Response) -> Choice:
    rule = plan.titration
    if rule is None or rule.how in FIXED or not (rule.by_response or rule.every_days):
        return "continue", dose, tuple(_why_kept(plan, rule))
    if response.outcome is Outcome.UNKNOWN or response.fall_pct is None:
        return "hold", dose, (Reason("The response is not known: score it before the dose is changed."),)
    short = tuple(_short(plan, rule, response))
    if not short:
        return "continue", dose, ()
    higher = neighbour(plan, dose, up=True)
    if higher is None and rule.how == "range" and _below_top(plan, dose):
        text = f"{plan.id} names no size of a step, only the range up to {amount(plan.dose_max)}."
        return "step_up", None, (*short, Reason(text, plan.source, not _open(plan)))
    if higher is None:
        return "continue", dose, (*short, Reason("This is the protocol’s highest dose.", plan.source))
    return "step_up", higher, short


def _short(plan: Protocol, rule: Titration, response: Response) -> Iterator[Reason]:
    """Why the response falls short; without a number in the source the measure's own response cut stands in."""
    assert response.fall_pct is not None
    found = f"{better(response)} than the baseline"
    if rule.up_below_pct is not None:
        if response.fall_pct < rule.up_below_pct:
            text = f"{found}; {plan.id} goes up under {plain(rule.up_below_pct)} %."
            yield Reason(text, plan.source, not _open(plan))
    elif not response.helped:
        text = f"{found}, {response.outcome.value}. {plan.id} names no number: the measure’s own response cut stands in."
        yield Reason(text, plan.source, verified=False)


def neighbour(plan: Protocol, dose: Amount | None, *, up: bool) -> Amount | None:
    """The protocol's next step in one direction; None at its end and where it names no steps."""
    if dose is None:
        return None
    steps = sorted(plan.dose_steps)
    if plan.titration and plan.titration.increment and up:
        steps = [dose.value + plan.titration.increment.value]
    most = _most(plan, dose.unit)
    further = [s for s in steps if (s > dose.value if up else s < dose.value) and (most is None or s <= most)]
    return Amount(further[0] if up else further[-1], dose.unit) if further else None


def _below_top(plan: Protocol, dose: Amount | None) -> bool:
    most = _most(plan, dose.unit) if dose else None
    return bool(dose and plan.dose_max and most is not None and dose.value < most)


def _open(plan: Protocol) -> bool:
    """The titration rule itself is recalled or a default."""
    return "titration" in plan.unverified or not plan.verified


def amount(given: Amount | None) -> str:
    return f"{plain(given.value)} {given.unit}" if given else "no dose named"


def same(given: Amount | None, value: Decimal) -> bool:
    return given is not None and given.value == value


# -- words ---------------------------------------------------------------------------------------------------------


def _response(state: CourseState) -> Reason:
    found, name = state.response, state.measure.name
    if found.baseline is None:
        return Reason(f"No {name} before the first dose: the response is not known.")
    if not found.since:
        return Reason(f"No {name} since the first dose: the response is not known.")
    latest = found.since[-1]
    fall = f", {better(found)}" if found.fall_pct is not None else ""
    stale = "; from before the last session" if latest.at < state.given[-1].at else ""
    return Reason(f"{name} {found.baseline.value} → {latest.value}{fall}: {outcome_words(found)}{stale}.")


def _bearing(borne: Tolerated, last: Session) -> Iterator[Reason]:
    name = last.name.capitalize()
    for excess in borne.excesses:
        yield Reason(f"{name}: {excess.text}", excess.source, excess.verified)
    if borne.stopped_early:
        because = f": {borne.early_because}" if borne.early_because else ""
        yield Reason(f"{name} was stopped before its end{because}.")
    if borne.well:
        yield Reason(f"{name} was borne within every limit.")
    from_readings = _peaks(borne)
    if from_readings:
        yield Reason(f"{name}, worst readings: {from_readings}.")


def _peaks(borne: Tolerated) -> str:
    return ", ".join(told(name, value) for name, value in borne.worst.items())


def _rule(plan: Protocol) -> Reason:
    text = plan.titration_note or "no change of the dose is described"
    return Reason(f"{plan.id}, {plan.source_body}: {text}.", plan.source, not _open(plan))
