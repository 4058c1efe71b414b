"""A forecast out of the ensemble, as the compact numbers that are kept. Loads the compiled kernels."""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from lowtide.data import pharmacology
from lowtide.data.forecast import ForecastNumbers
from lowtide.pathway.plan.forecasting import Ask
from lowtide.pathway.plan.simulating import person, tables
from lowtide.record.entries import base
from lowtide.record.entries.forecast import (
    Forecast,
    ForecastCourse,
    ForecastDose,
    ForecastFor,
    ForecastQuantity,
    Spread,
)
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, split_devices
from lowtide.science.pharmacology.response.exposure import sessions
from lowtide.science.pharmacology.response.model import members, noisy, scores
from lowtide.science.pharmacology.simulate import Answer, Course, Level, Question, simulate
from lowtide.science.pharmacology.summary import Figure

DIGITS = 4
EVIDENCE = {"computed": "fitted to the arms of trials"}


def run(asked: Ask, version: str, shown: ForecastNumbers) -> Forecast:
    """Simulate the doses in this person. Raises BadInput for a dose beyond what the models describe."""
    doses = tuple(part for dose in asked.doses for part in _devices(dose))
    until = doses[-1].at_h + doses[-1].over_min / 60 + shown.follow_h
    question = Question(
        doses=doses,
        person=person_of(asked.about),
        at_h=tuple(minute / 60 for minute in moments(until * 60)),
        until_h=until,
        site=shown.site,
        members=shown.members,
        seed=shown.seed,
    )
    found = kept(simulate(question, tables()), asked.about, doses, version, shown)
    return msgspec.structs.replace(found, course=_course(asked, doses, question, shown.after_course_d))


def _course(asked: Ask, doses: tuple[Dose, ...], question: Question, after_d: float) -> ForecastCourse | None:
    """Symptoms over the course; None where no schedule or no process is known."""
    numbers = pharmacology.response()
    if not asked.course_days or asked.condition not in numbers.conditions:
        return None
    one = sessions(doses, question.person, tables(), numbers, question.members, question.seed)[0]
    course = tuple(msgspec.structs.replace(one, day=day) for day in asked.course_days)
    draws = Draws(question.members, question.seed, 0)
    people = members(numbers, numbers.conditions[asked.condition], draws)
    days = course_days(asked.course_days, after_d)
    readings = noisy(scores(people, course, np.array(days), 100.0), 100.0, people, draws.seed, 200.0)
    rows = np.quantile(readings, [0.5, 0.05, 0.25, 0.75, 0.95], axis=0)
    spread = zip(("median", "p5", "p25", "p75", "p95"), rows, strict=True)
    seen = numbers.conditions[asked.condition].seen
    return ForecastCourse(
        condition=asked.condition,
        evidence=EVIDENCE.get(seen, f"{seen}, not fitted to trials"),
        sessions=asked.course_days,
        days=days,
        **{name: tuple(_short(float(value)) for value in row) for name, row in spread},
    )


def course_days(given: tuple[float, ...], after_d: float) -> tuple[float, ...]:
    """The days drawn: each session and the day after it, and every few days until `after_d` after the last."""
    later = [given[-1] + day for day in range(0, int(after_d) + 1, 3)]
    near = [day + later for day in given for later in (0.0, 0.1, 1.0)]
    return tuple(sorted({round(day, 3) for day in (*near, *later)}))


def _devices(dose: ForecastDose) -> list[Dose]:
    whole = Dose(dose.at_h, dose.drug, dose.route, dose.mg, dose.over_min)
    return split_devices(whole, tables().routes[whole.way])


def person_of(who: ForecastFor) -> Person:
    """The person of a forecast as the models take one."""
    return person(
        who.weight_kg,
        age=who.age,
        sex=who.sex,
        taking=who.taking,
        hypertension=who.hypertension is base.Answer.YES,
        sedatives=len(who.sedating),
    )


def moments(until_min: float, first_min: float = 120.0, steps: int = 24) -> list[float]:
    """Moments close enough for a picture: every 5 minutes in the first two hours, then `steps` of what is left."""
    last = round(until_min, 3)
    early = [float(minute) for minute in range(0, int(min(first_min, last)) + 1, 5)]
    wide = max(10.0, (last - first_min) / steps)
    later = [round(first_min + wide * i, 3) for i in range(1, int((last - first_min) / wide) + 1)]
    return sorted({*early, *later, last})


def kept(
    answer: Answer, about: ForecastFor, doses: Iterable[Dose], version: str, shown: ForecastNumbers
) -> Forecast:
    """What is shown of an answer, rounded to what an estimate deserves."""
    said: dict[str, Level | Course] = {**answer.analytes, **answer.effects}
    names = [name for panel in shown.panel.values() for name in panel.quantities if name in said]
    moments_asked = next(iter(said.values())).at if said else []
    return Forecast(
        about=about,
        doses=tuple(ForecastDose(d.at_h, d.drug, d.route, d.mg, d.over_min) for d in doses),
        site=answer.site,
        members=answer.members,
        seed=answer.seed,
        numbers=version,
        confidence=answer.confidence,
        validity=tuple(answer.validity),
        minutes=tuple(moment.min for moment in moments_asked),
        quantities=tuple(_quantity(name, said[name], answer) for name in names),
    )


def _quantity(name: str, found: Level | Course, answer: Answer) -> ForecastQuantity:
    if isinstance(found, Level):
        peak, minute, values = found.cmax_ng_ml, found.tmax_min, [m.ng_ml for m in found.at]
    else:
        peak, minute, values = found.peak, found.peak_min, [m.value for m in found.at]
    figures = [_figure(value) for value in values]
    return ForecastQuantity(
        name=name,
        evidence=answer.evidence.get(name, ""),
        models=tuple(answer.models[name]),
        peak=_spread(_figure(peak)),
        peak_min=_spread(_figure(minute)),
        **{key: _row(figures, key) for key in Spread.__struct_fields__},
    )


def _figure(value: Figure | float | None) -> Figure:
    assert isinstance(value, Figure)
    return value


def _spread(figure: Figure) -> Spread:
    return Spread(**{key: _short(getattr(figure, key)) for key in Spread.__struct_fields__})


def _row(figures: Sequence[Figure], key: str) -> tuple[float, ...]:
    return tuple(_short(getattr(figure, key)) for figure in figures)


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
