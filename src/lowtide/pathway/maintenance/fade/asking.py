"""What the prediction of one person's fading rests on, gathered from the chart; why there is none where it cannot be (pure)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import pharmacology, schedules
from lowtide.data.maintenance import Relapse
from lowtide.pathway.course.response import Verdict
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.maintenance.steps import relapse_cut, relapsed
from lowtide.pathway.plan.forecasting import about
from lowtide.pathway.plan.ordering import weighed
from lowtide.record.chart import Chart
from lowtide.record.entries.forecast import ForecastFor

DAY, MONTH = timedelta(days=1), timedelta(days=28)
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


def ask(chart: Chart, state: CourseState, on: date, zone: ZoneInfo) -> FadeAsk | NoFade:
    """What the prediction asks for; or why there is none, in words for the page."""
    cut = relapse_cut(state)
    why = _why_not(state, cut)
    if why or cut is None or state.course is None or state.response.baseline is None:
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
        instrument=state.measure.id,
        baseline=float(state.response.baseline.value),
        seen=tuple(((s.at - first) / DAY, float(s.value)) for s in state.response.since),
        cut=cut.at_least,
        until_day=_until(state, first),
    )


def _until(state: CourseState, first: datetime) -> float:
    """Some weeks after the last dose, and a month beyond the last score where that came late."""
    after_dose = state.given[-1].at + timedelta(weeks=schedules.thresholds()["fade_weeks"].value)
    return round((max(after_dose, state.response.since[-1].at + MONTH) - first) / DAY, 3)


def _why_not(state: CourseState, cut: Relapse | None) -> str:
    if state.phase is Phase.ENDED:
        return "The course has ended."
    if not state.given or state.course is None:
        return "No session has been held yet."
    if state.given[-1].is_under_way:
        return "A session is under way."
    if cut is None:
        return f"No table says from which {state.measure.name} score on a response is taken to be over."
    if state.course.indication not in pharmacology.response().conditions:
        return "The model of the response does not speak of this condition."
    if state.response.baseline is None:
        return "There is no score before the first dose to compare with."
    if state.response.baseline.value <= cut.at_least:
        return f"The score before the first dose was not above the relapse cut ({cut.text})."
    if state.response.latest is Verdict.UNKNOWN:
        return "There is no score since the first dose: nothing is known of this person’s own decay."
    if relapsed(state):
        return f"It has faded already: {state.measure.name} {state.response.since[-1].value} is a relapse ({cut.text})."
    if state.response.since[-1].value >= cut.at_least:
        return f"There is no response to lose: {state.measure.name} {state.response.since[-1].value}."
    return ""


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
