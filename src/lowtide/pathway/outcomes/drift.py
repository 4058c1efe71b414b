"""Who drifts: scores that worsen in the course of treatment below a loss, by the clinic's own numbers for the questionnaire
of every course, and by each other instrument's own change that matters (pure)."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

import msgspec

from lowtide.data import schedules
from lowtide.data.instruments import Instrument
from lowtide.pathway.course.measures import Tracked, tracked
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.state import CourseState
from lowtide.record.chart import Chart
from lowtide.record.entries.care import Answers, Total


class Drift(msgspec.Struct, frozen=True):
    """`since` is the score that the latest is compared with, `text` says why it is a drift, `measure` in which."""

    since: Score
    latest: Score
    text: str
    measure: str = ""

    @property
    def label(self) -> str:
        return f"{self.measure} {float(self.since.value):g} → {float(self.latest.value):g}"


class Limits(msgspec.Struct, frozen=True):
    """How many points above the best are a drift, and how many of a row of scores that worsen (None: not looked at)."""

    points: Fraction
    row: Fraction | None


def drift(state: CourseState) -> Drift | None:
    """How the course's measure drifts; None where it does not, and before the first dose."""
    limits = schedules.thresholds()
    numbers = (Fraction(limits[name].value) for name in ("drift_points", "drift_trend_points"))
    return _drift(state.own, Limits(*numbers))


def drifts(chart: Chart, state: CourseState) -> Iterator[Drift]:
    """The course's own measure first, then each other one whose table says what change matters, while it is not lost."""
    own = drift(state)
    if own and not _is_gone(state.own):
        yield own
    if not state.given or not _asked_beside(chart):
        return
    for one in tracked(chart, state)[1:]:
        points = matters(one.measure)
        found = _drift(one, Limits(points, None)) if points and not _is_gone(one) else None
        if found:
            yield found


def matters(measure: Instrument) -> Fraction | None:
    """The change of an instrument that matters to people, else the one beyond its own error; None where neither is known."""
    rule = measure.change
    points = (rule.important_points or rule.reliable_points) if rule else None
    return Fraction(points) if points else None


def _asked_beside(chart: Chart) -> bool:
    """Whether any other instrument was ever scored: most charts hold one."""
    said = {b.instrument for _, b in chart.said(Answers)} | {b.instrument for _, b in chart.said(Total)}
    return len(said) > 1


def _is_gone(one: Tracked) -> bool:
    """A response that is lost is more than a drift, and has its own item."""
    return one.found.lost and not one.found.unanswered


def _drift(one: Tracked, limits: Limits) -> Drift | None:
    return _from_the_best(one, limits) or _in_a_row(one, limits)


def _from_the_best(one: Tracked, limits: Limits) -> Drift | None:
    best = one.best
    if best is None:
        return None
    latest = one.found.since[-1]
    points = _worse(one, best, latest)
    if points < limits.points:
        return None
    text = f"{float(points):g} points {'above' if one.measure.better == 'lower' else 'below'} the best of this course."
    return Drift(best, latest, text, one.measure.name)


def _in_a_row(one: Tracked, limits: Limits) -> Drift | None:
    """The last scores, each worse than the one before, over weeks, and together enough."""
    numbers = schedules.thresholds()
    count = numbers["drift_scores"].value
    last = one.found.since[-count:]
    if limits.row is None or len(last) < count or any(_worse(one, a, b) <= 0 for a, b in pairwise(last)):
        return None
    span = last[-1].at - last[0].at
    if span < timedelta(days=numbers["drift_days"].value) or _worse(one, last[0], last[-1]) < limits.row:
        return None
    said = ", ".join(f"{float(score.value):g}" for score in last)
    text = f"{len(last)} scores in a row, each worse: {said} in {span.days} days."
    return Drift(last[0], last[-1], text, one.measure.name)


def _worse(one: Tracked, before: Score, after: Score) -> Fraction:
    change = after.value - before.value
    return change if one.measure.better == "lower" else -change
