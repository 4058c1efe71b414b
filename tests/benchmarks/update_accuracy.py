"""How well 10,000 updated members say what is true: five small problems and one whole ensemble, over ten seeds; and the
1,500 of one person's forecast, whose scores are few or many.

    .venv/bin/python -m tests.benchmarks.update_accuracy

The truth is a dense grid for the small problems and 1,000,000 weighed draws for the ensemble and for each chart, there of
members centred on its scores. Errors are in posterior SD: at most 0.1 is asked of means and 0.25 of 5 % and 95 % points.
Seconds are CPU of this process.
"""

import time
from typing import Any

import numpy as np

from lowtide.data.designs import designs
from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.response.conditioning import NORMALS, centred, weighed
from lowtide.science.pharmacology.response.person import Person as Patient
from lowtide.science.pharmacology.simulate import Question, planned
from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.updating.observations import Observation, readings
from lowtide.science.pharmacology.updating.panel import Panel, panel, probe
from lowtide.science.pharmacology.updating.tempering import Part, condition, fully_weighed
from lowtide.science.pharmacology.updating.update import Known, at_rest, parts_of
from tests.benchmarks.forecast_speed import DAYS, LONG_DAYS, LONG_SEEN, person
from tests.benchmarks.forecast_speed import SEEN as FEW
from tests.science.pharmacology.updating.problems import (
    MEMBERS,
    PROBLEMS,
    SHARES,
    Marginals,
    misses,
    reference,
    updated,
)

SEEDS = range(10)
DRAWS, PIECE = 1_000_000, 10_000
CHARTS = {
    "a person's few scores": person(DAYS, FEW, 42.0),
    "a person's long chart": person(LONG_DAYS, LONG_SEEN, 340.0),
}
SEEN = [
    Observation(0.6667, "plasma", 210.0, analyte="ketamine", unit="ng/mL"),
    Observation(0.6667, "cadss", 14.0),
    Observation(-0.1, "sbp", 124.0),
    Observation(0.5, "sbp", 139.0),
]


def run() -> dict[str, Any]:
    """The worst errors of each problem over all seeds."""
    found = {name: _worst(name) for name in PROBLEMS}
    charts = {name: _chart(who) for name, who in CHARTS.items()}
    return {**found, "the whole ensemble": _ensemble(), **charts}


def _worst(name: str) -> dict[str, float]:
    true, started = reference(PROBLEMS[name]), time.process_time()
    runs = [updated(PROBLEMS[name], seed) for seed in SEEDS]
    seconds = (time.process_time() - started) / len(SEEDS)
    errors = np.array([misses(marginals, true) for marginals, _ in runs])
    return {
        "mean_sd": float(errors[:, 0].max()),
        "points_sd": float(errors[:, 1].max()),
        "ess": min(outcome.ess for _, outcome in runs),
        "plain_ess": min(outcome.plain_ess for _, outcome in runs),
        "steps": max(outcome.powers for _, outcome in runs),
        "seconds": seconds,
    }


def _watched(members: int, seed: int) -> tuple[Panel, dict[str, Known]]:
    doses = (Dose(0.0, "ketamine", "iv", 35.0, 40.0),)
    question = Question(doses, Person(70), (1.0,), 8.0, members=members, seed=seed)
    plan = planned(question, tables())
    seen = readings(SEEN, "seen", tables().ensemble.constants, plan.enantiomers)
    informing = tuple(r for r in seen if not r.before)
    p = panel(informing, question, plan, tables(), at_rest(seen, tables(), {}))
    return p, {name: Known(*probe(p, name)) for name in plan.weights}


def _ensemble() -> dict[str, float]:
    """Every held normal of every model, and the models' shares, against weighed draws. The smallest model has a few
    hundred members: `mean_se` is the error of a mean in standard errors of as many independent draws."""
    p, known = _watched(DRAWS, 1234)
    parts = list(parts_of(p, known).values())
    weights = fully_weighed(parts)
    true = [_weighed(part, weight) for part, weight in zip(parts, weights, strict=True)]
    shares = np.array([weight.sum() for weight in weights])
    worst = np.zeros(4)
    ess, started = [], time.process_time()
    for seed in SEEDS:
        p, known = _watched(MEMBERS, seed)
        mine = list(parts_of(p, known).values())
        ess.append(condition(mine, seed).ess)
        errors = [_errors(m, t) for m, t in zip(mine, true, strict=True) if t.mean.size]
        apart = np.abs(np.array([m.members for m in mine]) / MEMBERS - shares).max()
        worst = np.maximum(worst, [*np.max(errors, 0), apart])
    together = np.concatenate(weights)
    return {
        "mean_sd": float(worst[0]),
        "points_sd": float(worst[1]),
        "mean_se": float(worst[2]),
        "share": float(worst[3]),
        "ess": min(ess),
        "reference_ess": float(1 / (together**2).sum()),
        "normals": sum(len(k.names) for k in known.values()),
        "seconds": (time.process_time() - started) / len(SEEDS),
    }


def _chart(who: Patient) -> dict[str, float]:
    """Every normal of the response model of somebody with these scores. `mean_se` is over all of them in standard errors of
    as many independent draws: of so few members the largest error is chance."""
    count, found = int(designs().people["members"].value), {"scores": who.scores}
    asked = who.drawn.after(found, who.now)
    own, drawn = centred(asked, who.given, found), np.random.default_rng(1234)
    names = len(NORMALS) + asked.scored
    pieces = [drawn.standard_normal((PIECE, names)) for _ in range(DRAWS // PIECE)]
    logs = np.concatenate([own.log(rows) for rows in pieces])
    weights = np.exp(logs - logs.max())
    true = _marginals(np.concatenate([own.plain(rows) for rows in pieces]), weights)
    errors, ess, squares, started = [], [], [], time.process_time()
    for seed in SEEDS:
        _, rows, outcome = weighed(asked, who.given, found, count, seed)
        rows = rows[:, :names]
        ess.append(outcome.ess)
        errors.append(misses(_marginals(rows, np.ones(count)), true))
        squares.append(((rows.mean(0) - true.mean) / true.sd) ** 2)
    worst = np.max(errors, 0)
    return {
        "mean_sd": float(worst[0]),
        "points_sd": float(worst[1]),
        "mean_se": float((np.mean(squares) * count) ** 0.5),
        "ess": min(ess),
        "reference_ess": float(weights.sum() ** 2 / (weights**2).sum()),
        "seconds": (time.process_time() - started) / len(SEEDS),
    }


def _errors(part: Part, true: Marginals) -> tuple[float, float, float]:
    mean, points = misses(_even(part), true)
    return mean, points, mean * part.members**0.5


def _even(part: Part) -> Marginals:
    return _weighed(part, np.full(part.members, 1.0))


def _weighed(part: Part, weights: Array) -> Marginals:
    if not part.normals.shape[1]:
        return Marginals(np.zeros(0), np.zeros(0), np.zeros((0, 2)))
    return _marginals(part.normals, weights)


def _marginals(rows: Array, weights: Array) -> Marginals:
    w = weights / weights.sum()
    mean = w @ rows
    points = [_quantiles(column, w) for column in rows.T]
    return Marginals(mean, np.sqrt(w @ (rows - mean) ** 2), np.array(points))


def _quantiles(values: Array, weights: Array) -> Array:
    order = np.argsort(values)
    return np.asarray(np.interp(SHARES, np.cumsum(weights[order]), values[order]))


if __name__ == "__main__":
    for problem, figures in run().items():
        print(problem)
        print("   " + "  ".join(f"{name} {value:.3g}" for name, value in figures.items()))
