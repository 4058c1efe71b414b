"""What observations say of this person: the ensemble before and after, and how far the readings fit it.

The posterior members carry the normals that fit the readings; run through the whole regimen they go on from now.
"""

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np

from lowtide.problems import bad
from lowtide.science.pharmacology.draws import BLOCK, Draws
from lowtide.science.pharmacology.ensemble import Group, Plan, Tables, group, in_order
from lowtide.science.pharmacology.simulate import Answer, Question, planned, simulate, told
from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.updating.observations import MOODS, Reading
from lowtide.science.pharmacology.updating.panel import (
    Baseline,
    Panel,
    likelihood,
    panel,
    prior_normals,
    probe,
)
from lowtide.science.pharmacology.updating.plausible import Crowd, misfits
from lowtide.science.pharmacology.updating.tempering import Part, condition, part

PRESSURES = ("sbp", "dbp")
MOOD_WARNING = "mood scores do not inform levels"


class Share(msgspec.Struct, frozen=True):
    """How much of the members one model has, before and after."""

    prior: float
    posterior: float


class Update(msgspec.Struct, frozen=True):
    """Before and after, both as `simulate` answers. `ess`: how many independent members the posterior is worth;
    `plain_ess`: what re-weighting alone would have left; `tempered`: whether that was too few, so that the readings
    were brought in by `steps` and the members moved (`moved`: share of moves taken)."""

    prior: Answer
    posterior: Answer
    ess: float
    tempered: bool
    warnings: list[str]
    plain_ess: float
    steps: int
    moved: float
    models: dict[str, Share]


class Known(msgspec.Struct):
    """One model against the panel: the normals that matter and the readings it speaks for."""

    names: tuple[str, ...]
    speaks: tuple[bool, ...]


def update(
    question: Question,
    readings: list[Reading],
    tables: Tables,
    baselines: Mapping[str, float] | None = None,
    threads: int = 2,
) -> Update:
    """Condition the ensemble of a regimen on readings. `baselines`: pressure at rest in mmHg by kind (sbp, dbp).

    Raises BadInput for a regimen outside what the models describe, or a pressure without one at rest.
    """
    plan = planned(question, tables)
    rest = at_rest(readings, tables, baselines or {})
    informing = tuple(r for r in readings if _informs(r))
    prior = simulate(question, tables, threads)
    notes = [MOOD_WARNING] if any(r.kind in MOODS for r in readings) else []
    if not informing:
        shares = {name: Share(weight, weight) for name, weight in plan.weights.items()}
        members = float(plan.members)
        return Update(prior, prior, members, False, notes, members, 0, 1.0, shares)
    found = panel(informing, question, plan, tables, rest, threads)
    return _conditioned(found, prior, notes)


def _informs(r: Reading) -> bool:
    """A mood score says nothing of levels; a pressure before the first dose is the pressure at rest."""
    return r.kind not in MOODS and not (r.kind in PRESSURES and r.before)


def at_rest(readings: list[Reading], tables: Tables, baselines: Mapping[str, float]) -> dict[str, Baseline]:
    """Pressure at rest by kind, out of what was said and what was read before the first dose."""
    sd = tables.effects["pressure"]["reading_sd_mmhg"]
    found: dict[str, Baseline] = {}
    for kind in PRESSURES:
        values = [r.value for r in readings if r.kind == kind and r.before]
        values += [baselines[kind]] if kind in baselines else []
        asking = [r for r in readings if r.kind == kind and not r.before]
        if values:
            found[kind] = Baseline(float(np.mean(values)), float(sd / len(values) ** 0.5))
        elif asking:
            raise bad(
                f"a {kind} without the pressure at rest says nothing of the rise",
                f"{asking[0].where}.value",
                f"Give --baseline-{kind} or an observation of kind {kind} at at_h 0 or before.",
            )
    return found


def _conditioned(p: Panel, prior: Answer, notes: list[str]) -> Update:
    known = {name: Known(*probe(p, name)) for name in p.plan.weights}
    parts = parts_of(p, known)
    normals = {name: held.normals for name, held in parts.items()}
    before = _crowds(p, known, normals)
    outcome = condition(list(parts.values()), p.plan.seed)
    normals = {name: held.normals for name, held in parts.items()}
    full = planned(p.question, p.tables)
    posterior = told(_run(full, p, known, normals), p.question, full, p.tables)
    notes = [*notes, *misfits(p, before, _crowds(p, known, normals))]
    counted = {name: len(rows) / p.plan.members for name, rows in normals.items()}
    return Update(
        prior=prior,
        posterior=posterior,
        ess=round(outcome.ess, 1),
        tempered=outcome.tempered,
        warnings=notes,
        plain_ess=round(outcome.plain_ess, 1),
        steps=outcome.powers,
        moved=round(outcome.moved, 3),
        models={name: Share(weight, counted[name]) for name, weight in p.plan.weights.items()},
    )


def stages_of(p: Panel, known: Mapping[str, Known]) -> Array:
    """The stage of each reading, (readings,): those that the same models speak for come together, those that most of
    the weight speaks for first."""
    speakers = [
        tuple(name for name, k in known.items() if k.speaks[place]) for place in range(len(p.readings))
    ]

    def by_weight(names: tuple[str, ...]) -> tuple[float, tuple[str, ...]]:
        return -sum(p.plan.weights[name] for name in names), names

    order = sorted(set(speakers), key=by_weight)
    return np.array([order.index(names) for names in speakers])


def parts_of(p: Panel, known: Mapping[str, Known]) -> dict[str, Part]:
    """The plan's own members, model by model, ready to be conditioned."""
    stages = stages_of(p, known)
    normals = prior_normals(p.plan, {name: k.names for name, k in known.items()})
    return {name: _part(p, name, known[name], normals[name], stages) for name in known}


def _part(p: Panel, name: str, known: Known, normals: Array, stages: Array) -> Part:
    spoken = tuple(
        any(known.speaks[i] for i in np.flatnonzero(stages == s)) for s in range(int(stages.max()) + 1)
    )
    return part(normals, likelihood(p, name, known.names, stages), spoken)


def _crowds(p: Panel, known: Mapping[str, Known], normals: Mapping[str, Array]) -> list[Crowd]:
    return [Crowd(name, known[name].names, normals[name]) for name in known if any(known[name].speaks)]


def _run(
    plan: Plan, p: Panel, known: Mapping[str, Known], normals: Mapping[str, Array]
) -> Iterator[list[Group]]:
    """The posterior members through the whole regimen; what they do not hold is drawn as ever."""
    slices = [
        (name, rows[first : first + BLOCK])
        for name, rows in normals.items()
        for first in range(0, len(rows), BLOCK)
    ]

    def one(job: tuple[int, tuple[str, Array]]) -> list[Group]:
        block, (name, rows) = job
        held = {key: np.ascontiguousarray(rows[:, i]) for i, key in enumerate(known[name].names)}
        draws = Draws(len(rows), plan.seed, block, held=held)
        return [group(plan, p.tables, p.tables.models[name], draws)]

    return in_order(one, list(enumerate(slices)), p.threads)
