"""The prediction for a chart, made once for what it depends on, outside any transaction."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from lowtide.data import pharmacology, schedules
from lowtide.pathway.course.response import Tracked
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.outcomes.fade.asking import Fade, FadeAsk, NoFade, ask
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.care import FadeKept, RelapseBy


def fade(
    chart: Chart, state: CourseState, on: date, zone: ZoneInfo, by: Tracked | None = None
) -> Fade | NoFade:
    """When the answer will likely be gone with the numbers in force; or why nothing is said."""
    asked = ask(chart, state, on, zone, by)
    if isinstance(asked, NoFade):
        return asked
    try:
        return _cached(asked, state.given[0].at, _version(), _shares())
    except BadInput as error:
        return NoFade(f"{error.problems[0].what[:1].upper()}{error.problems[0].what[1:]}.")


def _version() -> str:
    return pharmacology.version()


def _shares() -> tuple[int, ...]:
    """The numbers of the clinic that the answer depends on."""
    names = ("fade_opens_pct", "fade_closes_pct", "fade_weeks")
    return tuple(schedules.thresholds()[name].value for name in names)


@lru_cache(maxsize=512)
def _cached(asked: FadeAsk, first_at: datetime, version: str, shares: tuple[int, ...]) -> Fade | NoFade:
    # numba and scipy take seconds to load: the server does it when it starts, others when they first ask
    from lowtide.pathway.outcomes.fade.run import run

    return run(asked, first_at, version)


def kept(found: Fade | NoFade) -> FadeKept | None:
    """What of a prediction is kept with a choice."""
    if isinstance(found, NoFade):
        return None
    return FadeKept(
        relapse=tuple(RelapseBy(at, pct) for _, at, pct in found.weeks),
        instrument=found.asked.instrument,
        scores=len(found.asked.seen),
        numbers=found.numbers,
        opens_at=found.opens_at,
        closes_at=found.closes_at,
    )
