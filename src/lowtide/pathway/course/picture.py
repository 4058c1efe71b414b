"""The course as a picture: scores, doses, phases and the window for the next session, from the folded state (pure)."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from math import floor

import msgspec

from lowtide.data.instruments import Instrument
from lowtide.data.trajectory import late_after_hours
from lowtide.pathway.course.drawing import timeline_data as drawn
from lowtide.pathway.course.due import DueItem
from lowtide.pathway.course.measures import Tracked
from lowtide.pathway.course.onset import onsets, soon
from lowtide.pathway.course.response import Response
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState, Phase, planned_since


def timeline(state: CourseState, items: Iterable[DueItem], now: datetime, zone: tzinfo) -> drawn.Timeline:
    """What the course drawing shows. Scores of unfinished forms are not drawn as points: they have no total."""
    found = of_measure(state, state.measure, state.scores, state.response, now, zone)
    return msgspec.structs.replace(found, key="course", has_item_nine=True, window=_window(state, items))


def of_measure(
    state: CourseState,
    measure: Instrument,
    scores: Sequence[Score],
    found: Response,
    now: datetime,
    zone: tzinfo,
) -> drawn.Timeline:
    """One measure over its bands, with the sessions and doses of the chart. A total that is off the scale is not drawn."""
    low, high = scale(measure)
    return drawn.Timeline(
        key=f"measure-{measure.id}",
        title=f"{measure.name} and sessions",
        instrument=measure.name,
        low=low,
        high=high,
        today=now.astimezone(zone),
        bands=bands(measure),
        scores=tuple(_score(s) for s in scores if s.total is not None and low <= s.total <= high),
        unscored=tuple(drawn.Unscored(at=s.at) for s in scores if s.total is None),
        sessions=tuple(_sessions(state)),
        route=next((d.route.upper() for d in reversed(state.doses)), ""),
        response=response_line(measure, found),
        remission=remission_line(measure),
        phases=tuple(_phases(state)),
        onset=_onset(Tracked(measure, tuple(scores), found), state),
    )


def _onset(one: Tracked, state: CourseState) -> drawn.Flag | None:
    """The greatest fall that is told and was seen: how much, and how soon after the first dose."""
    seen = [o for o in onsets(one, [s.at for s in state.given]) if o.score and o.after is not None]
    if not seen:
        return None
    found = seen[-1]
    assert found.score
    return drawn.Flag(
        at=found.score.at,
        text=f"{found.fall.fall_pct} % lower"
        if one.measure.better == "lower"
        else f"{found.fall.fall_pct} % better",
        detail=f"within {soon(found)}",
    )


RANGE = re.compile(r"(-?\d+)(?:-| to )(\d+)")


def scale(measure: Instrument) -> tuple[int, int]:
    """The lowest and the highest total, as the instrument's table says it, else of items that are summed."""
    if said := RANGE.match(measure.total_range):
        return int(said[1]), int(said[2])
    low, high = measure.range
    return low * len(measure.ids), high * len(measure.ids)


def bands(measure: Instrument) -> tuple[drawn.Band, ...]:
    starts = [band.at_least for band in measure.bands]
    ends = [*(start - 1 for start in starts[1:]), scale(measure)[1]][: len(starts)]
    return tuple(
        drawn.Band(label=band.label, low=start, high=end)
        for band, start, end in zip(measure.bands, starts, ends, strict=True)
    )


def response_line(measure: Instrument, found: Response) -> drawn.Goal | None:
    """The highest total that is a response to this course's baseline."""
    cut = response_cut(measure, found)
    if cut is None:
        return None
    return drawn.Goal(value=cut, text=f"response: {cut} or less")


def response_cut(measure: Instrument, found: Response) -> int | None:
    """The highest whole total that is a response, by whichever of the measure's bounds is met first."""
    rule, baseline = measure.change, found.baseline
    if baseline is None or rule is None or measure.better != "lower":
        return None
    cuts = [rule.response_at_most and Fraction(rule.response_at_most)]
    if rule.response_fall_pct is not None:
        cuts.append(baseline.value * (100 - Fraction(rule.response_fall_pct)) / 100)
    if rule.response_points is not None:
        cuts.append(baseline.value - Fraction(rule.response_points))
    given = [cut for cut in cuts if cut is not None]
    return floor(max(given)) if given and max(given) >= scale(measure)[0] else None


def remission_line(measure: Instrument) -> drawn.Goal | None:
    rule = measure.change
    if rule is None or measure.better != "lower":
        return None
    if rule.remission_at_most is not None:
        at_most = rule.remission_at_most
        return drawn.Goal(value=float(at_most), text=f"remission: {at_most} or less")
    cut = rule.remission_below
    return drawn.Goal(value=float(cut), text=f"remission: under {cut}") if cut else None


def _score(score: Score) -> drawn.Score:
    return drawn.Score(
        at=score.at,
        value=float(score.value),
        item_nine=score.item_nine,
        item_nine_words=score.nine,
        note=", ".join(marks(score)),
    )


def marks(score: Score) -> tuple[str, ...]:
    """What sets a score apart from one that was answered on the day: paper, entered late, corrected, another record."""
    late = score.known_at and score.known_at - score.at > timedelta(hours=late_after_hours())
    said = (
        (score.unconfirmed, f"not confirmed: {score.unconfirmed}"),
        (score.mode == "paper", "from paper"),
        (score.mode == "import", "from another record"),
        (
            late and score.mode != "import",
            f"entered {(score.known_at - score.at).days} d later" if late and score.known_at else "",
        ),
        (score.day_only, "time of day not known"),
        (score.corrected, "corrected"),
    )
    return tuple(words for holds, words in said if holds)


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
