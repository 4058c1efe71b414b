"""By which measure the benefit of a treatment is told: the one that its condition is judged by, where it was asked (pure).

Each measure stands on its own scores. Nothing is converted from one scale into another for a single person.
"""

from datetime import datetime

from lowtide.data import pharmacology
from lowtide.data.designs import designs
from lowtide.data.instruments import Instrument, instrument
from lowtide.data.schedules import course_measure, measures_of
from lowtide.pathway.course.response import Tracked, response
from lowtide.pathway.course.scores import scores
from lowtide.record.chart import Chart


def preferred(indication: str) -> tuple[str, ...]:
    """Measures of the condition itself, the preferred one first; none where the course's own questionnaire judges it."""
    model = designs().instrument
    named = (
        *measures_of(indication),
        *(
            name
            for name, about in model.items()
            if about.condition == indication and instrument(name).total != "none"
        ),
    )
    return () if course_measure() in named else tuple(dict.fromkeys(named))


def speaks_of(measure: Instrument, indication: str) -> bool:
    """Whether the response model answers for the measure in this condition: a scale of mood says nothing of pain."""
    conditions, about = pharmacology.response().conditions, designs().instrument.get(measure.id)
    if about is None or indication not in conditions:
        return False
    return conditions[about.condition].process == conditions[indication].process


def told_by(leads: Tracked, own: Tracked, indication: str | None) -> Tracked:
    """The measure in which what lies ahead is told: the leading one where the model answers for it."""
    return leads if indication and speaks_of(leads.measure, indication) else own


def lead(
    chart: Chart,
    own: Tracked,
    indication: str | None,
    first_dose_at: datetime | None,
    anew_at: datetime | None,
) -> Tracked:
    """The first measure of the condition with a score before the first dose and one since; else the course's own."""
    for name in preferred(indication) if indication else ():
        measure = instrument(name)
        found = scores(chart, measure)
        judged = response(measure, found, first_dose_at, anew_at)
        if judged.baseline and judged.since:
            return Tracked(measure, found, judged)
    return own
