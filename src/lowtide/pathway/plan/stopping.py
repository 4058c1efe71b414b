"""Each kind of stopping or review rule that protocols name, judged on one course (pure).

A judgement says what it rests on and what it lacks. It may hold only from an instant on: that is a fact of the chart,
and whether it has come is asked with the clock. Weeks are real time, months the calendar's in the zone that is given.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction

import msgspec

from lowtide.data import chair, schedules
from lowtide.data.instruments import Instrument, instrument
from lowtide.data.protocols import Protocol, Stopping, protocols
from lowtide.pathway.course.response import Outcome, Response, response
from lowtide.pathway.course.scores import scores
from lowtide.pathway.course.sessions import Session, Status
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.course.tolerated import tolerated
from lowtide.pathway.course.upkeep import Span, under
from lowtide.record.chart import Chart
from lowtide.record.entries.care import CourseReviewed
from lowtide.record.entries.chair import ChairEvent
from lowtide.record.entries.words import day
from lowtide.science.units import plain


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A course under one protocol. `held` are its sessions given in this treatment."""

    chart: Chart
    state: CourseState
    plan: Protocol
    held: tuple[Session, ...]
    zone: tzinfo = UTC

    @classmethod
    def of(cls, chart: Chart, state: CourseState, plan: Protocol, zone: tzinfo = UTC) -> "Case":
        return cls(chart=chart, state=state, plan=plan, held=under(state, plan.id), zone=zone)

    @property
    def first(self) -> datetime:
        return self.held[0].at

    @property
    def last(self) -> Session:
        return self.held[-1]

    def told(self, at: datetime) -> str:
        return day(at.astimezone(self.zone).date().isoformat())


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule has to say. `at`: it holds only from then on. `known` is False where it rests on no response;
    `missing` names what would have to be known, `stand_ins` the limits of this project that it borrows."""

    text: str
    at: datetime | None = None
    known: bool = True
    inputs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()


Judge = Callable[[Case, Stopping], Said | None]
PLATEAU, WORSE = ("plateau_scores", "plateau_points"), ("drift_points",)


def rules_of(plan: Protocol) -> Iterator[tuple[str, Protocol, Stopping]]:
    """The protocol's own rules, and those of a sheet of rules for its product, route and condition: (id, whose, rule)."""
    for whose in (plan, *(p for p in protocols().values() if _goes_with(p, plan))):
        for number, rule in enumerate(whose.stopping, start=1):
            yield f"{whose.id}.stopping.{number}", whose, rule


def _goes_with(sheet: Protocol, plan: Protocol) -> bool:
    """It gives no dose and no schedule of its own, only rules."""
    return (
        sheet.id != plan.id
        and sheet.dose is None
        and sheet.schedule is None
        and (sheet.product, sheet.route) == (plan.product, plan.route)
        and not set(sheet.indications).isdisjoint(plan.indications)
    )


def judged(case: Case, rule: Stopping) -> Said | None:
    """None where the rule does not ask for anything now or at an instant to come."""
    return JUDGE[rule.because](case, rule) if case.held else None


# -- measures ------------------------------------------------------------------------------------------------------


def _by(case: Case, name: str) -> tuple[Instrument, Response]:
    """How the course went by one instrument."""
    found = instrument(name)
    return found, response(found, scores(case.chart, found), case.first)


def _relief(case: Case) -> tuple[Instrument, Response]:
    """By the first instrument for the condition that was scored before the first dose; else by the first of them."""
    names = schedules.measures_of(case.state.course.indication) if case.state.course else ()
    if not names:
        return case.state.measure, case.state.response
    every = [_by(case, name) for name in names]
    return next((pair for pair in every if pair[1].baseline), every[0])


def _inputs(case: Case, measure: Instrument, found: Response) -> tuple[str, ...]:
    """The numbers that a judgement by response rests on, as far as they are known."""
    given = f"{len(case.held)} session{'' if len(case.held) == 1 else 's'} under {case.plan.id}"
    if found.baseline is None or not found.since:
        return (given,)
    latest = found.since[-1]
    fall = f", {better(found)}" if found.fall_pct is not None else ""
    return given, f"{measure.name} {found.baseline.value} → {latest.value}{fall} ({case.told(latest.at)})"


def _lacking(measure: Instrument, found: Response) -> tuple[str, ...]:
    lacks = []
    if found.baseline is None:
        lacks.append(f"{measure.name} before the first dose")
    if not found.since:
        lacks.append(f"{measure.name} since the first dose")
    return tuple(lacks)


def better(found: Response) -> str:
    """“10 % better”, “11 % worse”."""
    fall = float(found.fall_pct or 0)
    return f"{abs(fall):.0f} % {'worse' if fall < 0 else 'better'}"


# -- by response ---------------------------------------------------------------------------------------------------


def _no_response(case: Case, rule: Stopping) -> Said | None:
    held, found, measure = len(case.held), case.state.response, case.state.measure
    if held < (rule.after_sessions or 1):
        return None
    inputs = _inputs(case, measure, found)
    if found.outcome is not Outcome.UNKNOWN and not found.unanswered:
        return (
            None  # it holds, or it was lost: that is maintenance's, and no rule for those who never responded
        )
    if found.outcome is Outcome.UNKNOWN:
        text = f"whether there is a response is not known; without one {case.plan.id} says {rule.then}."
        return Said(
            text=f"After session {held}: {text}", known=False, inputs=inputs, missing=_lacking(measure, found)
        )
    since = (
        f" from session {rule.after_sessions} on"
        if rule.after_sessions
        else ", and names no number of sessions"
    )
    until = f", at the latest after session {rule.by_sessions}" if rule.by_sessions else ""
    whom = "no response to the new series" if found.anew_at else "no response"
    text = f"After session {held}: {whom}; {case.plan.id} says {rule.then}{since}{until}."
    return Said(text=text, known=rule.after_sessions is not None, inputs=inputs)


def _little_change(case: Case, rule: Stopping) -> Said | None:
    if len(case.held) < (rule.after_sessions or 1) or rule.below_pct is None:
        return None
    measure, found = _relief(case)
    ended = case.last.ended_at or case.last.at
    if rule.after_weeks and not any(s.at > ended for s in found.since):
        return _unproven(case, rule, measure, found, ended + timedelta(weeks=rule.after_weeks))
    inputs, asked = _inputs(case, measure, found), f"{case.plan.id} asks for {plain(rule.below_pct)} %"
    if found.fall_pct is None:
        lacks = _lacking(measure, found) or (f"{measure.name} above 0 before the first dose",)
        text = f"How much better it is is not known; {asked}."
        return Said(text=text, known=False, inputs=inputs, missing=lacks)
    if found.fall_pct >= Fraction(rule.below_pct) or (found.lost and not rule.after_weeks):
        return None
    return Said(text=f"{better(found)}; {asked}.", inputs=inputs)


def _unproven(case: Case, rule: Stopping, measure: Instrument, found: Response, at: datetime) -> Said:
    """Nothing was scored since the last dose: it is asked for once the weeks are over."""
    assert rule.below_pct is not None
    after, least = f"{rule.after_weeks} weeks after the last dose", plain(rule.below_pct)
    text = f"{after} it is not known whether it is still {least} % better, as {case.plan.id} asks."
    lacks = (*(() if found.baseline else _lacking(measure, found)[:1]), f"{measure.name} since the last dose")
    return Said(text=text, at=at, known=False, inputs=_inputs(case, measure, found), missing=lacks)


def _remission(case: Case, rule: Stopping) -> Said | None:
    measure, found = case.state.measure, case.state.response
    if rule.instrument is None or rule.at_most is None:
        if found.outcome is not Outcome.REMISSION:
            return None
        text = f"Remission after session {len(case.held)}: {case.plan.id} ends the series there."
        return Said(text=text, inputs=_inputs(case, measure, found))
    asked, by = _by(case, rule.instrument)
    bound = f"{asked.name} of {plain(rule.at_most)} or less"
    if by.since:
        if by.since[-1].value > rule.at_most:
            return None
        text = f"Remission, {bound}: {case.plan.id} asks for a review."
        return Said(text=text, inputs=_inputs(case, asked, by))
    if found.outcome is not Outcome.REMISSION:
        return None
    text = f"{measure.name} says remission; {case.plan.id} goes by a {bound}, and none was scored."
    lacks = (f"{asked.name} since the first dose",)
    return Said(text=text, known=False, inputs=_inputs(case, measure, found), missing=lacks)


def _plateau(case: Case, rule: Stopping) -> Said | None:
    count, points = (schedules.thresholds()[n].value for n in PLATEAU)
    measure, found = case.state.measure, case.state.response
    if len(case.held) < count or found.lost:
        return None
    inputs = _inputs(case, measure, found)
    if len(found.since) < count:
        text = f"Whether it has come to a plateau is not known: {len(found.since)} of {count} scores."
        return Said(
            text=text,
            known=False,
            inputs=inputs,
            missing=(f"{measure.name} after each session",),
            stand_ins=PLATEAU,
        )
    latest = [s.value for s in found.since[-count:]]
    if max(latest) - min(latest) > points:
        return None
    row = ", ".join(str(value) for value in latest)
    text = f"A plateau, {measure.name} {row}: {case.plan.id} says {rule.then}."
    return Said(text=text, inputs=inputs, stand_ins=PLATEAU)


def _improvement(case: Case, rule: Stopping) -> Said | None:
    found, measure = case.state.response, case.state.measure
    since = found.held_from
    if since is None:
        return None
    until = Span(months=rule.for_months or 0).after(since, case.zone)
    text = f"Better since {case.told(since)}: {case.plan.id} continues at least until {case.told(until)}."
    return Said(text=text, inputs=_inputs(case, measure, found))


# -- by time and number --------------------------------------------------------------------------------------------


def _end_of_induction(case: Case, rule: Stopping) -> Said | None:
    """At the last session of the induction, or so many weeks after the first dose."""
    text = f"The induction of {case.plan.id} is over: judge the benefit"
    inputs = _inputs(case, case.state.measure, case.state.response)
    lacks = _lacking(case.state.measure, case.state.response)
    if rule.after_weeks:
        at, also = case.first + timedelta(weeks=rule.after_weeks), _unless(rule)
        text = f"{text}; {rule.after_weeks} weeks after the first dose {case.plan.id} says {rule.then}{also}."
        return Said(text=text, at=at, known=rule.then == "stop", inputs=inputs, missing=lacks)
    count = rule.after_sessions or 1
    if len(case.held) < count:
        return None
    end = case.held[count - 1]
    return Said(text=f"{text}.", at=end.ended_at or end.at, known=False, inputs=inputs, missing=lacks)


def _unless(rule: Stopping) -> str:
    return " unless a specialist decides otherwise" if rule.unless_decided else ""


def _time(case: Case, rule: Stopping) -> Said:
    at, after = _instant(case, rule)
    measure, found = (
        _by(case, rule.instrument) if rule.instrument else (case.state.measure, case.state.response)
    )
    looked = f" with {measure.name}" if rule.instrument else ""
    text = f"{after}: {case.plan.id} asks for a review{looked}."
    lacks = _lacking(measure, found)
    return Said(text=text, at=at, known=False, inputs=_inputs(case, measure, found), missing=lacks)


def _instant(case: Case, rule: Stopping) -> tuple[datetime, str]:
    if rule.after_weeks:
        return case.first + timedelta(
            weeks=rule.after_weeks
        ), f"{rule.after_weeks} weeks after the first dose"
    if rule.after_months:
        span = Span(months=rule.after_months)
        return span.after(case.first, case.zone), f"{span} after the first dose"
    every = rule.every_months or 1
    return _next_round(case, every), f"Every {Span(months=every)} in treatment"


def _next_round(case: Case, months: int) -> datetime:
    """The first whole number of periods after the first dose that no review has come after."""
    reviews = [e.at for e, body in case.chart.said(CourseReviewed) if _names(body, case.plan.id)]
    last, rounds = max(reviews, default=case.first), 1
    while (at := Span(months=months * rounds).after(case.first, case.zone)) <= last:
        rounds += 1
    return at


def _names(body: CourseReviewed, protocol: str) -> bool:
    return any(rule.startswith(f"{protocol}.stopping.") for rule in body.rules)


# -- by what happened ----------------------------------------------------------------------------------------------


def _adverse_effect(case: Case, rule: Stopping) -> Said | None:
    """Counted within the latest session: limits passed, effects charted, a dose that was broken off."""
    borne = tolerated(case.chart, case.last.id, case.last.at)
    effects = {chip.label.casefold(): chip.label for chip in chair.chair().chips if chip.means}
    seen = [
        effects[b.what.casefold()]
        for e, b in case.chart.said(ChairEvent)
        if e.session == case.last.id and b.what.casefold() in effects
    ]
    found = [*(x.text for x in borne.excesses), *seen, *(["stopped early"] if borne.stopped_early else [])]
    wanted = rule.occurrence or 1
    if len(found) >= wanted:
        pause = f", pause {rule.pause_min} min" if rule.pause_min else ""
        nth = {1: "First", 2: "Second"}.get(wanted, f"{wanted}th")
        text = f"{nth} adverse effect in {case.last.name}: {case.plan.id} says {rule.then}{pause}."
        return Said(text=text, inputs=tuple(found))
    if borne.unknown and wanted == 1:
        text = f"How {case.last.name} was borne is not known."
        return Said(text=text, known=False, missing=borne.unknown)
    return None


def _missed(case: Case) -> Session | None:
    """A session after the last dose that was cancelled, and not because the course is paused or ended.

    One whose day has passed unheld is asked about by itself: held, moved or cancelled.
    """
    decision = case.state.standing_decision
    if decision and decision.body.choice in ("pause", "stop"):
        return None
    gone = [s for s in case.state.treated if s.status is Status.CANCELLED and s.planned_at > case.last.at]
    return gone[-1] if gone else None


def _missed_session(case: Case, rule: Stopping) -> Said | None:
    missed = _missed(case)
    if missed is None or _worse(case) is not False:
        return None
    text = f"{missed.name.capitalize()} was missed and it is no worse: keep the schedule."
    return Said(text=text, inputs=_inputs(case, case.state.measure, case.state.response), stand_ins=WORSE)


def _missed_and_worse(case: Case, rule: Stopping) -> Said | None:
    missed, worse = _missed(case), _worse(case)
    if missed is None or worse is False:
        return None
    inputs, name = _inputs(case, case.state.measure, case.state.response), case.state.measure.name
    begun = f"{missed.name.capitalize()} was missed"
    if worse is None:
        text, lacks = f"{begun}; whether it is worse is not known.", (f"{name} since the last dose",)
        return Said(text=text, known=False, inputs=inputs, missing=lacks, stand_ins=WORSE)
    text = f"{begun} and it is worse: consider the earlier, more frequent schedule."
    return Said(text=text, inputs=inputs, stand_ins=WORSE)


def _worse(case: Case) -> bool | None:
    """Well above the best of the course since the last dose; None while nothing was scored since."""
    found, limit = case.state.response, schedules.thresholds()["drift_points"].value
    if found.best is None or found.since[-1].at < (case.last.ended_at or case.last.at):
        return None
    return found.since[-1].value - found.best.value >= limit


JUDGE: dict[str, Judge] = {
    "no_response": _no_response,
    "little_change": _little_change,
    "remission": _remission,
    "plateau": _plateau,
    "improvement": _improvement,
    "end_of_induction": _end_of_induction,
    "time": _time,
    "adverse_effect": _adverse_effect,
    "missed_session": _missed_session,
    "missed_and_worse": _missed_and_worse,
}


def more_than_named(case: Case) -> Said | None:
    """More sessions are held or planned in inductions than the protocol names."""
    most = case.plan.schedule.sessions if case.plan.schedule else None
    if most is None or case.plan.phase != "induction":
        return None
    courses = {p.course for _, p in case.state.plans if (p.protocol, p.phase) == (case.plan.id, "induction")}
    held = sum(s.course in courses for s in case.held)
    ahead = sum(s.is_ahead and s.course in courses for s in case.state.treated)
    if held + ahead <= most:
        return None
    text = f"{case.plan.id} names {most} session{'' if most == 1 else 's'}; {held} were held and {ahead} lie ahead."
    return Said(text=text, known=False, inputs=(f"{held} held", f"{ahead} ahead", f"{most} named"))
