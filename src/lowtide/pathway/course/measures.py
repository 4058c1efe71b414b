"""The measures of a chart, each with its scores and what they say against its own baseline (pure)."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from lowtide.data.instruments import Instrument, instrument
from lowtide.data.schedules import measures_of
from lowtide.data.trajectory import no_outcome
from lowtide.pathway.course.response import Response, response
from lowtide.pathway.course.scores import Score, scores
from lowtide.pathway.course.state import CourseState
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.care import Answers, Total
from lowtide.science.instruments.change import Change, change


class Tracked(msgspec.Struct, frozen=True):
    """One measure: every form of it in order of time, and whether it helped."""

    measure: Instrument
    scores: tuple[Score, ...]
    found: Response

    @property
    def whole(self) -> tuple[Score, ...]:
        return tuple(s for s in self.scores if s.total is not None)

    @property
    def unscored(self) -> tuple[Score, ...]:
        """Forms without a total: left half-way, or with an answer that cannot be read."""
        return tuple(s for s in self.scores if s.total is None)

    def against_baseline(self, score: Score) -> Change | None:
        """What the score says against the baseline; None without one."""
        baseline = self.found.baseline
        return change(self.measure, baseline.value, score.value) if baseline else None

    @property
    def best(self) -> Score | None:
        """The best score since the first dose, the earlier of two that are equal."""
        sign = 1 if self.measure.better == "lower" else -1
        return min(self.found.since, key=lambda s: (sign * s.value, s.at), default=None)


def tracked(chart: Chart, state: CourseState) -> tuple[Tracked, ...]:
    """The course's own measure first, then those that judge its condition, then the others by name."""
    others = [_of(chart, each, state.response.first_dose_at) for each in _others(chart, state)]
    first = measures_of(state.course.indication) if state.course else ()
    told = sorted((t for t in others if t.scores), key=lambda t: (t.measure.id not in first, t.measure.name))
    return (Tracked(state.measure, state.scores, state.response), *told)


def _of(chart: Chart, measure: Instrument, first_dose_at: datetime | None) -> Tracked:
    found = scores(chart, measure)
    return Tracked(measure, found, response(measure, found, first_dose_at))


def _others(chart: Chart, state: CourseState) -> Iterator[Instrument]:
    names = {body.instrument for _, body in chart.said(Answers)}
    names |= {body.instrument for _, body in chart.said(Total)}
    found = {each.id: each for name in names if (each := _known(name))}
    for each in found.values():
        if each.id != state.measure.id and each.domain not in no_outcome():
            yield each


def _known(name: str) -> Instrument | None:
    try:
        return instrument(name)
    except BadInput:
        return None
