"""What a regimen will do in this person: levels and effects with bands, from the ensemble.

Every answer says which models spoke, within which range they hold, and that it is a population estimate, not a
measurement. Levels in ng/mL of the free base, totals S + R; minutes from the start of the first dose.
"""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from lowtide.science.pharmacology import effects as effect_models
from lowtide.science.pharmacology import kernel, structure
from lowtide.science.pharmacology.ensemble import (
    ANALYTES,
    Group,
    Plan,
    Tables,
    able,
    only,
    run,
    typical,
)
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, checked
from lowtide.science.pharmacology.response.outlook import Day
from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.summary import EXACT_UP_TO, Figure, Gathered, figures, gathering

SITES = ("venous", "arterial")
DRIVING = (*structure.SITES, "arterial norketamine")
ESTIMATE = "population estimate, not a measurement"
MINUTE = 1 / 60
ABOVE = "above "


class Question(msgspec.Struct, frozen=True):
    """A regimen to simulate. `doses` in order of time (nasal ones already split into devices), `at_h` the moments
    asked for, `until_h` the end of areas and peaks."""

    doses: tuple[Dose, ...]
    person: Person
    at_h: tuple[float, ...]
    until_h: float
    site: str = "venous"
    model: str = "auto"
    members: int = 2000
    seed: int = 1
    above: tuple[tuple[str, float], ...] = ()


class Above(msgspec.Struct, frozen=True):
    """How long a quantity lies above a limit, in minutes up to `until`, and the share of people in whom it ever does."""

    quantity: str
    limit: float
    minutes: Figure
    share: float


class Moment(msgspec.Struct, frozen=True, omit_defaults=True):
    min: float
    ng_ml: Figure | float | None = None
    value: Figure | float | None = None


class Level(msgspec.Struct, frozen=True):
    """One analyte: peak, its time, areas up to `until` and for ever, and the level at each asked moment."""

    cmax_ng_ml: Figure | float
    tmax_min: Figure | float
    auc_ng_h_ml: Figure | float
    auc_inf_ng_h_ml: Figure | float
    at: list[Moment]


class Course(msgspec.Struct, frozen=True):
    """One effect: peak, its time, value at each asked moment."""

    peak: Figure | float
    peak_min: Figure | float
    at: list[Moment]


class Answer(msgspec.Struct, frozen=True):
    analytes: dict[str, Level]
    effects: dict[str, Course]
    typical: dict[str, dict[str, Level] | dict[str, Course]]
    models: dict[str, list[str]]
    confidence: str
    validity: list[str]
    evidence: dict[str, str]
    site: str
    members: int
    seed: int
    estimate: str = ESTIMATE
    response: dict[str, list[Day]] | msgspec.UnsetType = msgspec.UNSET
    above: list[Above] | msgspec.UnsetType = msgspec.UNSET


def simulate(question: Question, tables: Tables, threads: int = 2) -> Answer:
    """Run the regimen through the ensemble. Raises BadInput for doses outside what the models describe."""
    checked(question.doses, question.person, tables.routes)
    plan = planned(question, tables)
    return told(run(plan, tables, threads), question, plan, tables)


def told(blocks: Iterator[list[Group]], question: Question, plan: Plan, tables: Tables) -> Answer:
    """What these members do, in bands."""
    notes, confidence = checked(question.doses, question.person, tables.routes)
    gathers: dict[str, Gathered] = {}
    speakers: dict[str, set[str]] = {}
    for groups in blocks:
        for group in groups:
            for key, values in figures_of(group, question, plan, tables):
                gathers.setdefault(key, gathering(plan.members)).add(values)
                speakers.setdefault(key, set()).add(group.model)
    above = [_above(q, limit, gathers) for q, limit in question.above if _key(q, limit) in gathers]
    found = {key: figures(g.stats()) for key, g in gathers.items() if not key.startswith(ABOVE)}
    if confidence != "low" and len(plan.weights) == 1 and question.model == "auto":
        notes = [*notes, f"only {next(iter(plan.weights))} describes this route"]
    if any(name not in tables.ensemble.weights for name in plan.weights):
        confidence = "low"
    notes = [*notes, *_beyond(found, question, plan, tables)]
    return Answer(
        analytes={
            name: _level(found[name], question.at_h) for name in found if name not in effect_models.NAMES
        },
        effects={name: _course(found[name], question.at_h) for name in found if name in effect_models.NAMES},
        typical=_typical(question, plan, tables),
        models={name: sorted(who) for name, who in speakers.items() if name in found},
        confidence=confidence,
        validity=[*notes, *_lacking(plan, tables, speakers)],
        evidence={
            name: tables.effects[effect_models.TABLES[name]].status
            for name in found
            if name in effect_models.NAMES
        },
        site=question.site,
        members=question.members,
        seed=question.seed,
        above=above or msgspec.UNSET,
    )


def _key(quantity: str, limit: float) -> str:
    return f"{ABOVE}{quantity} {limit:g}"


def _above(quantity: str, limit: float, gathers: dict[str, Gathered]) -> Above:
    gathered = gathers[_key(quantity, limit)]
    return Above(quantity, limit, figures(gathered.stats())[0], float(gathered.exceeding(0.0)[0]))


def minutes_above(values: Array, times_h: Array, limit: float) -> Array:
    """Minutes that each row of `values` (members, times) lies above `limit`, its course taken as straight between times."""
    over = values - limit
    first, then = over[:, :-1], over[:, 1:]
    up, size = np.maximum(first, 0) + np.maximum(then, 0), np.abs(first) + np.abs(then)
    part = np.divide(up, size, out=np.zeros_like(up), where=size > 0)
    return np.asarray((part * np.diff(times_h)).sum(1) * 60)


def _beyond(found: dict[str, list[Figure]], question: Question, plan: Plan, tables: Tables) -> Iterator[str]:
    """What was asked beyond what has been observed, or cut short."""
    site = found.get("effect_site_ng_ml")
    limit = tables.effects["sites"]["observed_up_to_ng_ml"]
    if site and site[0].p95 > limit:
        yield f"effects: levels at the effect site pass {limit:g} ng/mL, the highest at which effects were observed"
    last = max(dose.at_h + dose.over_min / 60 for dose in question.doses)
    if last > question.until_h + 1e-9:
        yield f"peaks and areas end at {question.until_h:g} h, before the last dose is given; only auc_inf counts all"
    if plan.members > EXACT_UP_TO:
        yield "quantiles come from histograms, to within 0.2 %"


def planned(question: Question, tables: Tables) -> Plan:
    """The question as a run: which models speak, and the moments they are followed at."""
    if question.model == "auto":
        weights = able(tables, question.doses)
    else:
        weights = only(tables, question.model, question.doses)
    return Plan(
        doses=question.doses,
        person=question.person,
        weights=weights,
        members=question.members,
        seed=question.seed,
        times_h=grid(question),
        outputs=frozenset([*(f"{question.site} {analyte}" for analyte in ANALYTES), *DRIVING]),
    )


def grid(question: Question) -> Array:
    """Every minute in the first two hours after a dose and while one runs, every five until a day after it, then every
    half hour; and every moment asked for."""
    end = question.until_h
    moments = [np.array([0.0, end]), np.array(question.at_h), np.arange(0, end, 0.5)]
    for dose in question.doses:
        over = dose.over_min / 60
        fine = np.arange(dose.at_h, min(dose.at_h + min(over, 6.0) + 2, end), MINUTE)
        coarse = np.arange(dose.at_h, min(dose.at_h + over + 24, end), 5 * MINUTE)
        moments += [fine, coarse, np.array([dose.at_h + over])]
    found = np.concatenate(moments)
    # equal steps must stay equal to the last bits: the kernel reuses what it knows of a step
    found = np.sort(found[np.unique(np.round(found, 9), return_index=True)[1]])
    found = found[(found >= 0) & (found <= end + 1e-9)]
    apart: Array = np.concatenate([[True], np.diff(found) > 1e-7])
    return np.asarray(found[apart])


def figures_of(group: Group, question: Question, plan: Plan, tables: Tables) -> Iterator[tuple[str, Array]]:
    """What one group says of each quantity it provides, as columns: peak, its minute, areas, then the moments."""
    asked = np.searchsorted(plan.times_h, np.array(question.at_h) - 1e-7)
    peaks = _peaks(question, plan, tables)
    for analyte in provided(group, question, tables):
        for prefix, names in _sums(plan):
            place = group.outputs.index(f"{question.site} {analyte}")
            levels = _total(group.levels, names, place)
            area = _total(group.areas, names, place)
            for_ever = _total(group.areas_for_ever, names, place)
            yield f"{prefix}{analyte}", _columns(levels, plan.times_h, peaks, asked, area, for_ever)
            yield from _durations(f"{prefix}{analyte}", levels, question, plan)
    for name, values in group.effects.items():
        columns = _columns(values, plan.times_h, peaks, asked)
        if name in effect_models.WHOLE:
            columns[:, 1] = _middle_of_the_top(values[:, peaks], plan.times_h[peaks]) * 60
        yield name, columns
        yield from _durations(name, values, question, plan)


def _durations(name: str, values: Array, question: Question, plan: Plan) -> Iterator[tuple[str, Array]]:
    for quantity, limit in question.above:
        if quantity == name:
            yield _key(name, limit), minutes_above(values, plan.times_h, limit)[:, None]


def _peaks(question: Question, plan: Plan, tables: Tables) -> Array:
    """The places of the grid at which a peak may be claimed: not right after a short injection into a vein."""
    allowed = np.ones(len(plan.times_h), bool)
    for dose in question.doses:
        route = tables.routes[dose.way]
        if dose.route == "iv" and dose.over_min < route.short_min:
            since = (plan.times_h - dose.at_h) * 60
            allowed &= ~((since >= 0) & (since < route.peak_from_min - 1e-6))
    return np.flatnonzero(allowed)


def _total(by_enantiomer: dict[str, Array], names: tuple[str, ...], place: int) -> Array:
    first, *others = (by_enantiomer[e][:, place] for e in names)
    return first + others[0] if others else first


def _columns(values: Array, times_h: Array, peaks: Array, asked: Array, *areas: Array) -> Array:
    """Members are rows; in memory each column lies together, as levels do."""
    by_time = np.ascontiguousarray(values.T)
    top, place = kernel.peaks(by_time, peaks)
    return np.vstack([top, times_h[place] * 60, *areas, by_time[asked]]).T


def _middle_of_the_top(values: Array, times_h: Array) -> Array:
    """When whole points stand at their highest: the middle of the first stretch there; 0 for who never scores."""
    first = values.argmax(1)
    top = values[np.arange(len(values)), first]
    fallen = (values < top[:, None]) & (np.arange(values.shape[1]) > first[:, None])
    last = np.where(fallen.any(1), fallen.argmax(1), values.shape[1]) - 1
    return np.where(top > 0, (times_h[first] + times_h[last]) / 2, 0.0)


def _sums(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    return [("", plan.enantiomers), *((f"{e}_", (e,)) for e in plan.enantiomers)]


def provided(group: Group, question: Question, tables: Tables) -> Iterator[str]:
    """The analytes a group speaks for at the site asked for. A model is silent where its own metabolites are not
    trusted; where it has none the core's chain stands in."""
    model = tables.models[group.model]
    spoken = model.analytes if question.model != "auto" else model.speaks_for
    for analyte in ANALYTES:
        if f"{question.site} {analyte}" not in group.outputs:
            return
        if analyte in model.analytes and analyte not in spoken:
            return
        yield analyte


def _level(found: Sequence[Figure | float], at_h: tuple[float, ...]) -> Level:
    """A row or the columns of `_columns`, as an analyte."""
    cmax, tmax, auc, auc_inf, *levels = found
    at = [Moment(m, ng_ml=f) for m, f in zip(_minutes(at_h), levels, strict=True)]
    return Level(cmax, tmax, auc, auc_inf, at)


def _course(found: Sequence[Figure | float], at_h: tuple[float, ...]) -> Course:
    """A row or the columns of `_columns`, as an effect."""
    peak, peak_min, *values = found
    return Course(peak, peak_min, [Moment(m, value=f) for m, f in zip(_minutes(at_h), values, strict=True)])


def _minutes(hours: tuple[float, ...]) -> list[float]:
    return [float(minutes) for minutes in np.round(np.array(hours) * 60, 6)]


def _typical(
    question: Question, plan: Plan, tables: Tables
) -> dict[str, dict[str, Level] | dict[str, Course]]:
    """The typical person under the weightiest model that speaks for each quantity: one number each."""
    by_weight = sorted(plan.weights, key=lambda name: -plan.weights[name])
    analytes: dict[str, Level] = {}
    effects: dict[str, Course] = {}
    for name in by_weight:
        for key, row in figures_of(typical(plan, tables, name), question, plan, tables):
            numbers = [float(value) for value in row[0]]
            if key.startswith(ABOVE):
                continue
            if key in effect_models.NAMES:
                effects.setdefault(key, _course(numbers, question.at_h))
            else:
                analytes.setdefault(key, _level(numbers, question.at_h))
    return {"analytes": analytes, "effects": effects}


def _lacking(plan: Plan, tables: Tables, speakers: dict[str, set[str]]) -> Iterator[str]:
    """What in the answer is borrowed or assumed, said once."""
    for name in plan.weights:
        model = tables.models[name]
        if any(p.spread_seen == "assumed" for p in model.parameters.values()):
            yield f"{name}: its spread was not published and is borrowed"
        if name not in tables.ensemble.weights:
            yield f"{name}: for comparison only; {model.population}"
    if "hydroxynorketamine" in speakers:
        yield "hydroxynorketamine: sources differ by a factor of two; the band is wide for that"
    if not any(name in speakers for name in effect_models.NAMES):
        yield "effects: none, since no arterial model describes this"
