"""The forecast of a plan: the predicted course of its first and last session, when one may leave, what is carried over."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import msgspec

from lowtide.data import pharmacology
from lowtide.pathway.plan.candidates import route_of, session
from lowtide.pathway.plan.intake import Subject
from lowtide.pathway.plan.rules import Plan, PlannedSession
from lowtide.pathway.plan.searching import criteria_text, leaving_after
from lowtide.pathway.plan.simulating import person, tables
from lowtide.problems import BadInput
from lowtide.science.pharmacology.ensemble import able
from lowtide.science.pharmacology.regimen import Dose, checked
from lowtide.science.pharmacology.searches.course import (
    Ask,
    CarryOver,
    SessionCourse,
    carry_over,
    session_course,
)
from lowtide.science.pharmacology.searches.leaving import Leaving
from lowtide.science.pharmacology.simulate import ESTIMATE

MEMBERS = 500  # a plan is looked at while somebody waits
SEED = 1
HOUR = timedelta(hours=1)
AFTER_END_MIN = (15.0, 30.0, 60.0, 90.0, 120.0)


class ForecastSession(msgspec.Struct, frozen=True):
    number: int
    course: SessionCourse


class Forecast(msgspec.Struct, frozen=True):
    """`sessions`: the first and the last; `leaving`: after the first; `carry_over`: at the shortest interval, None for
    a single session. `version`: of the numbers it was made with."""

    dose_mg: float
    sessions: tuple[ForecastSession, ...]
    leaving: Leaving
    observation_min: float | None
    carry_over: CarryOver | None
    basis: dict[str, Any]
    members: int
    seed: int
    version: str
    estimate: str = ESTIMATE


def forecast(made: Plan, who: Subject) -> tuple[Forecast | None, str]:
    """The forecast, or None and why there is none."""
    dose = made.sessions[0].dose
    if who.weight_kg is None or dose is None:
        return None, "No forecast: it needs a weight. Weigh today."
    ask = Ask(person(float(who.weight_kg), age=who.age_years), MEMBERS, SEED)
    try:
        route = route_of(made.protocol, None)
        doses = [session(made.protocol, route, dose.mg, tables(), _hours(made, s)) for s in made.sessions]
        notes, confidence = checked(doses[0], ask.person, tables().routes)
    except BadInput as error:
        return None, f"No forecast: {error}"
    basis = {
        "models": able(tables(), doses[0]),
        "site": ask.site,
        "confidence": confidence,
        "validity": notes,
        "leaving": criteria_text(),
    }
    return _made(made, doses, float(dose.mg), ask, basis), ""


def _made(made: Plan, doses: list[tuple[Dose, ...]], mg: float, ask: Ask, basis: dict[str, Any]) -> Forecast:
    shown = sorted({0, len(doses) - 1})
    observed = made.protocol.observation_min
    return Forecast(
        dose_mg=mg,
        sessions=tuple(ForecastSession(made.sessions[i].number, _course(doses[: i + 1], ask)) for i in shown),
        leaving=leaving_after(doses[0], ask.person, {}, ask.seed),
        observation_min=float(observed) if observed else None,
        carry_over=_carried(doses, ask),
        basis=basis,
        members=ask.members,
        seed=ask.seed,
        version=pharmacology.version(),
    )


def _hours(made: Plan, one: PlannedSession) -> float:
    return (one.at - made.sessions[0].at) / HOUR


def _course(doses: list[tuple[Dose, ...]], ask: Ask) -> SessionCourse:
    """The last of these sessions."""
    last = doses[-1]
    end = (last[-1].at_h - last[0].at_h) * 60 + last[-1].over_min
    minutes = sorted({round(end / 2, 6), round(end, 6), *(round(end + after, 6) for after in AFTER_END_MIN)})
    return session_course(
        tuple(dose for one in doses for dose in one), last[0].at_h, tuple(minutes), ask, tables()
    )


def _carried(doses: list[tuple[Dose, ...]], ask: Ask) -> CarryOver | None:
    apart = [after[0].at_h - before[0].at_h for before, after in pairwise(doses)]
    return carry_over(doses[0], min(apart), ask, tables()) if apart else None
