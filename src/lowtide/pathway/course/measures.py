"""The measures of a chart, each with its scores and what they say against its own baseline (pure)."""

from collections.abc import Iterator

from lowtide.data.instruments import Instrument, instrument
from lowtide.data.schedules import measures_of
from lowtide.data.trajectory import no_outcome
from lowtide.pathway.course.response import Tracked, response
from lowtide.pathway.course.scores import scores
from lowtide.pathway.course.state import CourseState
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.care import Answers, Total

__all__ = ["Tracked", "of", "tracked"]


def tracked(chart: Chart, state: CourseState) -> tuple[Tracked, ...]:
    """The course's own measure first, then those that judge its condition, then the others by name."""
    others = [of(chart, state, each) for each in _others(chart, state)]
    first = measures_of(state.course.indication) if state.course else ()
    told = sorted((t for t in others if t.scores), key=lambda t: (t.measure.id not in first, t.measure.name))
    return (Tracked(state.measure, state.scores, state.response), *told)


def of(chart: Chart, state: CourseState, measure: Instrument) -> Tracked:
    """How the treatment goes by one measure."""
    found = scores(chart, measure)
    return Tracked(
        measure, found, response(measure, found, state.response.first_dose_at, state.response.anew_at)
    )


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
