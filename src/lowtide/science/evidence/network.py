"""Network meta-analysis by the graph of its contrasts: weights as conductances, estimates as potentials.

Rücker, Res Synth Methods 2012;3:312 (doi 10.1002/jrsm.1058), with the weights of studies of several arms reduced so
that their correlation is accounted for (Rücker and Schwarzer, Stat Med 2014;33:4353, doi 10.1002/sim.6236); spread
between studies by the generalised method of moments (DerSimonian and Laird) or restricted maximum likelihood.
Treatments that no trial connects lie on different islands, and nothing is said between islands.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import combinations
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from lowtide.problems import bad
from lowtide.science.evidence.table import Contrast

Array = NDArray[np.float64]
Method = Literal["DL", "REML"]
GRID, GRID_FROM = 24, 1e-6
"""Points between nothing and more spread than can be, so that a second, lower peak is not taken for the first."""


class Study(msgspec.Struct, frozen=True):
    """All pairs of one study: places of its arms (m), pairs (p, 2), estimates (p), variances (p)."""

    name: str
    arms: tuple[int, ...]
    pairs: NDArray[np.int64]
    estimates: Array
    variances: Array

    def laplacian(self, tau2: float) -> Array:
        """The study's conductances among its arms, (m, m): the pseudo-inverse of what its variances span."""
        size = len(self.arms)
        place = {arm: i for i, arm in enumerate(self.arms)}
        apart = np.zeros((size, size))
        for (one, two), variance in zip(self.pairs, self.variances + tau2, strict=True):
            apart[place[one], place[two]] = apart[place[two], place[one]] = variance
        centred = apart - apart.mean(0) - apart.mean(1)[:, None] + apart.mean()
        spans = np.linalg.eigvalsh(-centred / 2)
        if spans[1] <= 1e-12 * spans[-1]:
            raise bad(
                "its standard errors cannot belong to one study of several arms",
                f"study {self.name}",
                "Look at them again, or give it arm by arm.",
            )
        return inverse(-centred / 2)

    def weights(self, tau2: float) -> Array:
        """The reduced weight of each pair, (p)."""
        place = {arm: i for i, arm in enumerate(self.arms)}
        laplacian = self.laplacian(tau2)
        return np.array([-laplacian[place[one], place[two]] for one, two in self.pairs])


class Fit(msgspec.Struct, frozen=True, dict=True):
    """One island at one spread between studies.

    `potentials` (t) are the treatments' values up to a constant; `laplacian` (t, t) their conductances and `pinv` its
    pseudo-inverse; `resistance` (t, t) the variance of each difference; `q` the weighted squares that remain.
    """

    treatments: tuple[str, ...]
    studies: tuple[Study, ...]
    tau2: float
    potentials: Array
    laplacian: Array
    pinv: Array
    q: float

    @property
    def df(self) -> int:
        """Independent contrasts seen, less those estimated."""
        return sum(len(s.arms) - 1 for s in self.studies) - (len(self.treatments) - 1)

    @cached_property
    def resistance(self) -> Array:
        d = np.diag(self.pinv)
        return np.maximum(d[:, None] + d[None, :] - 2 * self.pinv, 0.0)

    def estimate(self, one: int, two: int) -> float:
        return float(self.potentials[one] - self.potentials[two])

    def se(self, one: int, two: int) -> float:
        return float(np.sqrt(self.resistance[one, two]))


def islands(contrasts: Iterable[Contrast]) -> list[tuple[str, ...]]:
    """The treatments that trials connect, the largest group first; names in order within each."""
    groups: list[set[str]] = []
    for one in contrasts:
        touched = [g for g in groups if one.first in g or one.second in g]
        groups = [g for g in groups if g not in touched]
        groups.append({one.first, one.second}.union(*touched))
    named = [tuple(sorted(group, key=_by_name)) for group in groups]
    return sorted(named, key=lambda g: (-len(g), _by_name(g[0])))


def studies_on(island: Sequence[str], contrasts: Iterable[Contrast]) -> tuple[Study, ...]:
    """The studies of an island, by name, so that the order of rows changes nothing."""
    place = {name: i for i, name in enumerate(island)}
    by_study: dict[str, list[Contrast]] = {}
    for one in contrasts:
        if one.first in place:
            by_study.setdefault(one.study, []).append(one)
    return tuple(_study(name, by_study[name], place) for name in sorted(by_study))


def _study(name: str, its: list[Contrast], place: dict[str, int]) -> Study:
    turned = []
    for one in its:
        first, second, sign = place[one.first], place[one.second], 1.0
        if first > second:
            first, second, sign = second, first, -1.0
        turned.append((first, second, sign * one.estimate, one.se**2))
    turned.sort()
    return Study(
        name,
        tuple(sorted({t[0] for t in turned} | {t[1] for t in turned})),
        np.array([t[:2] for t in turned], dtype=np.int64),
        np.array([t[2] for t in turned]),
        np.array([t[3] for t in turned]),
    )


def fit(treatments: Sequence[str], studies: Sequence[Study], tau2: float) -> Fit:
    """The potentials that leave the least weighted squares, at a given spread between studies."""
    size = len(treatments)
    laplacian, pull = np.zeros((size, size)), np.zeros(size)
    weighed = [(study, study.weights(tau2)) for study in studies]
    for study, weights in weighed:
        one, two = study.pairs[:, 0], study.pairs[:, 1]
        np.add.at(laplacian, (one, one), weights)
        np.add.at(laplacian, (two, two), weights)
        np.add.at(laplacian, (one, two), -weights)
        np.add.at(laplacian, (two, one), -weights)
        np.add.at(pull, one, weights * study.estimates)
        np.add.at(pull, two, -weights * study.estimates)
    pinv = inverse(laplacian)
    potentials = pinv @ pull
    left = [
        float(w @ (s.estimates - potentials[s.pairs[:, 0]] + potentials[s.pairs[:, 1]]) ** 2)
        for s, w in weighed
    ]
    return Fit(tuple(treatments), tuple(studies), tau2, potentials, laplacian, pinv, sum(left))


def spread(common: Fit, method: Method) -> float:
    """tau2, the variance between studies of one island; 0 where there is nothing to estimate it from."""
    if common.df <= 0:
        return 0.0
    return _moments(common) if method == "DL" else _likelihood(common)


def _moments(common: Fit) -> float:
    """What remains beyond chance, over what a unit of tau2 would add to it (Jackson, Stat Med 2013;32:1102)."""
    pairs = np.concatenate([s.pairs for s in common.studies])
    weights = np.concatenate([s.weights(0.0) for s in common.studies])
    design = np.zeros((len(pairs), len(common.treatments)))
    rows = np.arange(len(pairs))
    design[rows, pairs[:, 0]], design[rows, pairs[:, 1]] = 1.0, -1.0
    left = np.eye(len(pairs)) - design @ common.pinv @ (design.T * weights)
    of = np.repeat(np.arange(len(common.studies)), [len(s.pairs) for s in common.studies])
    shared = np.where(of[:, None] == of[None, :], design @ design.T / 2, 0.0)
    per_unit = float(np.sum(left * (shared * weights).T))
    return max(0.0, (common.q - common.df) / per_unit) if per_unit > 0 else 0.0


def _likelihood(common: Fit) -> float:
    """The tau2 of the highest restricted likelihood: the best of a grid, made finer between its neighbours."""
    highest = 10 * (_moments(common) + max(float(s.variances.max()) for s in common.studies))
    grid = np.concatenate([[0.0], np.geomspace(highest * GRID_FROM, highest, GRID)])
    at = int(np.argmin([_deviance(common, float(tau2)) for tau2 in grid]))
    around = (float(grid[max(at - 1, 0)]), float(grid[min(at + 1, GRID)]))
    finer = minimize_scalar(
        lambda tau2: _deviance(common, tau2), bounds=around, method="bounded", options={"xatol": 1e-12}
    )
    return float(finer.x) if finer.fun < _deviance(common, float(grid[at])) else float(grid[at])


def _deviance(common: Fit, tau2: float) -> float:
    """Minus twice the restricted log-likelihood, without its constant."""
    at = fit(common.treatments, common.studies, tau2)
    return at.q - sum(_volume(s.laplacian(tau2)) for s in common.studies) + _volume(at.laplacian)


def inverse(laplacian: Array) -> Array:
    """The pseudo-inverse of a matrix whose rows add up to nothing and of which nothing else is lost."""
    size = len(laplacian)
    scale = float(np.trace(laplacian)) / size
    found = np.linalg.inv(laplacian + scale / size) - 1 / (size * scale)
    return np.asarray(found, dtype=np.float64)


def _volume(laplacian: Array) -> float:
    """The logarithm of the product of the eigenvalues that are not 0 by construction."""
    return float(np.linalg.slogdet(laplacian + 1 / len(laplacian))[1])


def _by_name(name: str) -> tuple[str, str]:
    return name.casefold(), name


def pairs_of(count: int) -> list[tuple[int, int]]:
    return list(combinations(range(count), 2))
