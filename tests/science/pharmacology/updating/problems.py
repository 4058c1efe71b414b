"""Five problems of two or three parameters, out of the models as they are, and what a dense grid says of each."""

from itertools import product

import msgspec
import numpy as np

from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, split_devices
from lowtide.science.pharmacology.simulate import Question, planned
from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.updating.observations import Observation, readings
from lowtide.science.pharmacology.updating.panel import Baseline, likelihood, panel
from lowtide.science.pharmacology.updating.tempering import Likelihood, Outcome, condition, part

MEMBERS = 10_000
REACH = 5.0  # SD of the prior to which the grid extends
SHARES = (0.05, 0.95)


class Problem(msgspec.Struct, frozen=True):
    """A model, the normals that are unknown (the others are typical), and what was seen."""

    model: str
    names: tuple[str, ...]
    doses: tuple[Dose, ...]
    seen: tuple[Observation, ...]
    points: int = 101

    @property
    def likelihood(self) -> Likelihood:
        question = Question(self.doses, Person(70), (1.0,), 8.0, model=self.model)
        found = readings(list(self.seen), "seen", tables().ensemble.constants, ("s",))
        rest = {"sbp": Baseline(124.0, 6.0)}
        seen = panel(tuple(found), question, planned(question, tables()), tables(), rest, threads=2)
        return likelihood(seen, self.model, self.names, np.zeros(len(found), int))


class Marginals(msgspec.Struct, frozen=True):
    """Of each unknown: mean, SD, 5 % and 95 % points."""

    mean: Array
    sd: Array
    points: Array


INFUSION = (Dose(0.0, "esketamine", "iv", 28.0, 40.0),)


def _plasma(at_h: float, value: float) -> Observation:
    return Observation(at_h, "plasma", value, analyte="s_ketamine", unit="ng/mL", site="venous")


def _scores(kind: str, *seen: tuple[float, float]) -> tuple[Observation, ...]:
    return tuple(Observation(at_h, kind, value) for at_h, value in seen)


def _nasal() -> tuple[Dose, ...]:
    dose = Dose(0.0, "esketamine", "in", 56.0)
    return tuple(split_devices(dose, tables().routes[dose.way]))


PROBLEMS = {
    "clearance and volume from plasma": Problem(
        "otto_2021",
        ("cl", "v1"),
        INFUSION,
        (_plasma(0.6667, 190), _plasma(1.5, 70), _plasma(4.0, 30)),
    ),
    "C50 and scale from CADSS": Problem(
        "kamp_2020",
        ("cadss c50", "cadss scale"),
        INFUSION,
        _scores("cadss", (0.3333, 14), (0.6667, 22), (1.25, 6)),
    ),
    "pressure's slope, occasion and rest from readings": Problem(
        "kamp_2020",
        ("sbp", "pressure on 0", "sbp at rest"),
        INFUSION,
        _scores("sbp", (0.25, 150), (0.5, 161), (0.6667, 166), (1.5, 135)),
        points=31,
    ),
    "effect site and C50 from feeling high": Problem(
        "kamp_2020",
        ("ke0 mind", "high c50"),
        INFUSION,
        _scores(
            "high",
            (0.0833, 1),
            (0.1667, 3),
            (0.25, 5),
            (0.6667, 8),
            (0.8333, 7),
            (1.0, 5),
            (1.5, 2),
            (2.0, 1),
        ),
    ),
    "fraction and rate of absorption from plasma": Problem(
        "perez_ruixo_2021",
        ("in_esketamine fraction", "in_esketamine ka"),
        _nasal(),
        (_plasma(0.25, 45), _plasma(0.6667, 100), _plasma(2.0, 40)),
    ),
}


def reference(problem: Problem) -> Marginals:
    """The posterior on a dense grid of the normals."""
    d = len(problem.names)
    axis = np.linspace(-REACH, REACH, problem.points)
    grid = np.array(list(product(axis, repeat=d)))
    log = problem.likelihood(grid)[:, 0] - 0.5 * (grid**2).sum(1)
    mass = np.exp(log - log.max()).reshape((problem.points,) * d)
    alone = [mass.sum(tuple(j for j in range(d) if j != i)) for i in range(d)]
    return _of([m / m.sum() for m in alone], axis)


def _of(alone: list[Array], axis: Array) -> Marginals:
    means = np.array([m @ axis for m in alone])
    sds = np.array([np.sqrt(m @ axis**2 - (m @ axis) ** 2) for m in alone])
    half = (axis[1] - axis[0]) / 2
    points = np.array([np.interp(SHARES, np.cumsum(m), axis + half) for m in alone])
    return Marginals(means, sds, points)


def updated(problem: Problem, seed: int, members: int = MEMBERS) -> tuple[Marginals, Outcome]:
    """What the updated members say of the unknowns."""
    normals = np.random.default_rng(seed).standard_normal((members, len(problem.names)))
    only = part(normals, problem.likelihood, (True,))
    outcome = condition([only], seed)
    after = only.normals
    return Marginals(after.mean(0), after.std(0), np.quantile(after, SHARES, axis=0).T), outcome


def misses(found: Marginals, true: Marginals) -> tuple[float, float]:
    """The largest error of a mean and of a 5 % or 95 % point, in posterior SD."""
    mean = np.abs(found.mean - true.mean) / true.sd
    points = np.abs(found.points - true.points) / true.sd[:, None]
    return float(mean.max()), float(points.max())
