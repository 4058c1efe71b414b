"""What the prediction of one person's fading rests on, gathered from the chart; why there is none where it cannot be (pure)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import pharmacology, schedules
from lowtide.pathway.course import foreseen
from lowtide.pathway.course.leading import speaks_of
from lowtide.pathway.course.response import Outcome, Response, Tracked, relapse_from
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.plan.forecasting import about
from lowtide.pathway.plan.ordering import weighed
from lowtide.record.chart import Chart
from lowtide.record.entries.forecast import ForecastFor

DAY, MONTH = timedelta(days=1), timedelta(days=foreseen.AFTER_SCORE_D)
MEMBERS, SEED = 1024, 1


class GivenDose(msgspec.Struct, frozen=True):
    """A dose of the treatment: days from the first one, mg of the free base, minutes over which it ran."""

    day: float
    drug: str
    route: str
    mg: float
    over_min: float


class FadeAsk(msgspec.Struct, frozen=True):
    """With the numbers in force this is all that a prediction depends on. `seen` are (day, score)."""

    about: ForecastFor
    condition: str
    doses: tuple[GivenDose, ...]
    instrument: str
    baseline: float
    seen: tuple[tuple[float, float], ...]
    cut: int
    until_day: float


class NoFade(msgspec.Struct, frozen=True):
    """Why nothing is predicted."""

    why: str


def ask(
    chart: Chart, state: CourseState, on: date, zone: ZoneInfo, by: Tracked | None = None
) -> FadeAsk | NoFade:
    """What the prediction asks for, told in one measure (the one that leads, without another); or why there is none, in
    words for the page."""
    one = by or state.told_by
    why = _why_not(state, one)
    baseline = one.found.baseline
    cut = relapse_from(one)
    if why or cut is None or state.course is None or baseline is None:
        return NoFade(why)
    weight = weighed(chart, on, zone)
    doses = _doses(state)
    if weight is None or doses is None:
        return NoFade(
            "No weight is recorded." if weight is None else "Of one session drug, way or amount is not known."
        )
    first = state.given[0].at
    return FadeAsk(
        about=about(chart, float(weight.recorded_kg), on, zone),
        condition=state.course.indication,
        doses=doses,
        instrument=one.measure.id,
        baseline=float(baseline.value),
        seen=tuple(((s.at - first) / DAY, float(s.value)) for s in one.found.since),
        cut=cut,
        until_day=_until(state, one.found.since[-1].at, first),
    )


def _until(state: CourseState, scored_at: datetime, first: datetime) -> float:
    """Some weeks after the last dose, and a month beyond the last score where that came late."""
    after_dose = state.given[-1].at + timedelta(weeks=schedules.thresholds()["fade_weeks"].value)
    return round((max(after_dose, scored_at + MONTH) - first) / DAY, 3)


def _why_not(state: CourseState, one: Tracked) -> str:
    if state.phase is Phase.ENDED:
        return "The course has ended."
    if not state.given or state.course is None:
        return "No session has been held yet."
    if state.given[-1].is_under_way:
        return "A session is under way."
    if state.course.indication not in pharmacology.response().conditions:
        return "The model of the response does not speak of this condition."
    if not speaks_of(one.measure, state.course.indication):
        return f"The model of the response does not speak of {one.measure.name} in this condition."
    return _not_by(one)


def _not_by(one: Tracked) -> str:
    found, name = one.found, one.measure.name
    if found.cut is None:
        return f"No table says from which {name} score on a response is taken to be over."
    if found.baseline is None:
        return "There is no score before the first dose to compare with."
    if found.baseline.value <= found.cut.at_least:
        return f"The score before the first dose was not above the relapse cut ({found.cut.text})."
    if found.outcome is Outcome.UNKNOWN:
        return "There is no score since the first dose: nothing is known of this person’s own decay."
    return "" if found.helped else _nothing_to_lose(found, name)


def _nothing_to_lose(found: Response, name: str) -> str:
    assert found.cut
    latest = f"{name} {found.since[-1].value}"
    if found.outcome is Outcome.RELAPSE:
        return f"It has faded already: {latest} is a relapse ({found.cut.text})."
    if found.outcome is Outcome.LOST:
        return f"It has faded already: {latest} is no response any more, and no relapse ({found.cut.text})."
    return f"There is no response to lose: {latest}."


def _doses(state: CourseState) -> tuple[GivenDose, ...] | None:
    """Every dose of the treatment; None where one of them is not known well enough."""
    first, found = state.given[0].at, []
    for session in state.given:
        dose, order = session.dose, session.order
        if dose is None or order is None or not dose.drug or not dose.route:
            return None
        mg = dose.given_mg if dose.given_mg is not None else order.dose_mg
        day = (session.at - first) / DAY
        found.append(GivenDose(day, dose.drug, dose.route, float(mg), float(order.duration_min or 0)))
    return tuple(found)


class Fade(msgspec.Struct, frozen=True, kw_only=True):
    """When the answer will likely be gone, in instants: the window, relapse by week, the band day by day.

    `opens_at` and `closes_at` are None where that many have not relapsed within the horizon. Each week: (week after the
    last dose, its instant, how many of 100 have relapsed by then).
    """

    asked: FadeAsk
    from_at: datetime
    until_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    weeks: tuple[tuple[int, datetime, int], ...]
    days: tuple[tuple[float, float, float, float, float, float, float], ...]
    well: float
    ess: float
    numbers: str
