"""Who drifts: scores that worsen in the course of treatment, by the clinic's own numbers (pure)."""

from datetime import timedelta
from itertools import pairwise

import msgspec

from lowtide.data import schedules
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.state import CourseState


class Drift(msgspec.Struct, frozen=True):
    """`since` is the score that the latest is compared with, `text` says why it is a drift."""

    since: Score
    latest: Score
    text: str


def drift(state: CourseState) -> Drift | None:
    """How the course's measure drifts; None where it does not, and before the first dose."""
    return _from_the_best(state) or _in_a_row(state)


def _from_the_best(state: CourseState) -> Drift | None:
    best = state.response.best
    if best is None:
        return None
    latest = state.response.since[-1]
    points = latest.value - best.value
    if points < schedules.thresholds()["drift_points"].value:
        return None
    return Drift(best, latest, f"{points} points above the best of this course.")


def _in_a_row(state: CourseState) -> Drift | None:
    """The last scores, each worse than the one before, over weeks, and together enough."""
    limits = schedules.thresholds()
    last = state.response.since[-limits["drift_scores"].value :]
    if len(last) < limits["drift_scores"].value or any(b.value <= a.value for a, b in pairwise(last)):
        return None
    span, points = last[-1].at - last[0].at, last[-1].value - last[0].value
    if span < timedelta(days=limits["drift_days"].value) or points < limits["drift_trend_points"].value:
        return None
    said = ", ".join(str(score.value) for score in last)
    return Drift(last[0], last[-1], f"{len(last)} scores in a row, each worse: {said} in {span.days} days.")
