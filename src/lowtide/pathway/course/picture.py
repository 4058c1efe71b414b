"""The course as a picture: scores, doses, phases and the window for the next session, from the folded state (pure)."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from math import floor

from lowtide.data.instruments import Instrument
from lowtide.pathway.course.drawing import timeline_data as drawn
from lowtide.pathway.course.due import DueItem
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState, Phase, planned_since


def timeline(state: CourseState, items: Iterable[DueItem], now: datetime, zone: tzinfo) -> drawn.Timeline:
    """What the course drawing shows. Scores of unfinished forms are not drawn as points: they have no total."""
    measure = state.measure
    low, high = scale(measure)
    return drawn.Timeline(
        key="course",
        title=f"{measure.name} and sessions",
        instrument=measure.name,
        low=low,
        high=high,
        today=now.astimezone(zone),
        bands=bands(measure),
        scores=tuple(_score(s) for s in state.scores if s.total is not None),
        has_item_nine=True,
        sessions=tuple(_sessions(state)),
        route=next((d.route.upper() for d in reversed(state.doses)), ""),
        response=response_line(state),
        remission=remission_line(measure),
        phases=tuple(_phases(state)),
        window=_window(state, items),
    )


def scale(measure: Instrument) -> tuple[int, int]:
    """The lowest and the highest total of an instrument whose items are summed."""
    low, high = measure.range
    return low * len(measure.ids), high * len(measure.ids)


def bands(measure: Instrument) -> tuple[drawn.Band, ...]:
    starts = [band.at_least for band in measure.bands]
    ends = [*(start - 1 for start in starts[1:]), scale(measure)[1]]
    return tuple(
        drawn.Band(label=band.label, low=start, high=end)
        for band, start, end in zip(measure.bands, starts, ends, strict=True)
    )


def response_line(state: CourseState) -> drawn.Goal | None:
    """The highest total that is a response to this course's baseline."""
    cut = response_cut(state)
    if cut is None:
        return None
    return drawn.Goal(value=cut, text=f"response: {cut} or less")


def response_cut(state: CourseState) -> int | None:
    rule, baseline = state.measure.change, state.response.baseline
    if baseline is None or rule is None or rule.response_fall_pct is None:
        return None
    return floor(baseline.value * (100 - Fraction(rule.response_fall_pct)) / 100)


def remission_line(measure: Instrument) -> drawn.Goal | None:
    cut = measure.change and measure.change.remission_below
    return drawn.Goal(value=float(cut), text=f"remission: under {cut}") if cut else None


def _score(score: Score) -> drawn.Score:
    return drawn.Score(at=score.at, value=float(score.value), item_nine=score.item_nine)


def _sessions(state: CourseState) -> Iterable[drawn.Session]:
    for session in state.sessions:
        if session.dose:
            yield drawn.Session(at=session.at, dose_mg=session.dose.given_mg)
        elif session.is_ahead and session in state.treated and state.phase is not Phase.ENDED:
            yield drawn.Session(at=session.at, dose_mg=_ordered(session), planned=True)


def _ordered(session: Session) -> Decimal | None:
    return session.order.dose_mg if session.order else None


def _phases(state: CourseState) -> Iterable[drawn.Phase]:
    """Evaluation until the first plan, induction until its last dose, maintenance after it."""
    if state.opened_at is None:
        return
    if not state.plans:
        yield drawn.Phase(label="evaluation", start=state.opened_at)
        return
    planned_at = planned_since(state.plans)
    if state.opened_at < planned_at:
        yield drawn.Phase(label="evaluation", start=state.opened_at, end=planned_at)
    yield from _treatment_phases(state, planned_at)


def _treatment_phases(state: CourseState, planned_at: datetime) -> Iterable[drawn.Phase]:
    induction = {p.session for _, plan in state.plans if plan.phase == "induction" for p in plan.sessions}
    held = [s.at for s in state.given if s.id in induction]
    begins = held[0] if held else planned_at
    if state.phase is Phase.INDUCTION or not held:
        yield drawn.Phase(label="induction", start=begins, end=state.ended_at)
        return
    yield drawn.Phase(label=f"induction, {len(held)} sessions", start=begins, end=held[-1])
    yield drawn.Phase(label="maintenance", start=held[-1], end=state.ended_at)


def _window(state: CourseState, items: Iterable[DueItem]) -> drawn.Window | None:
    """The window that a rule proposes, or the one that the standing decision was made beside."""
    proposed = next((i.window for i in items if i.task.name == "next_session" and i.window), None)
    decision = state.standing_decision
    if proposed is None and decision and decision.body.proposed_from and decision.body.proposed_to:
        proposed = (decision.body.proposed_from, decision.body.proposed_to)
    return drawn.Window(start=proposed[0], end=proposed[1]) if proposed else None
