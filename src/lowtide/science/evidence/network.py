"""Network meta-analysis by the graph of its contrasts: weights as conductances, estimates as potentials.

Rücker, Res Synth Methods 2012;3:312 (doi 10.1002/jrsm.1058), with the weights of studies of several arms reduced so
that their correlation is accounted for (Rücker and Schwarzer, Stat Med 2014;33:4353, doi 10.1002/sim.6236).
Treatments that no trial connects lie on different islands, and nothing is said between islands.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import combinations

import msgspec
import numpy as np
from numpy.typing import NDArray

from lowtide.problems import BadInput, bad
from lowtide.science.evidence.table import Contrast

Array = NDArray[np.float64]
Places = NDArray[np.int64]
APART = 1e-13
"""Between the weakest and the strongest tie of a network, below which double precision holds nothing of the weak one."""


class Study(msgspec.Struct, frozen=True):
    """All pairs of one study: places of its arms (m), pairs (p, 2), estimates (p), variances (p)."""

    name: str
    arms: tuple[int, ...]
    pairs: Places
    estimates: Array
    variances: Array


class Batch(msgspec.Struct, frozen=True):
    """The k studies that have m arms, to be reckoned at once.

    `arms` (k, m) are places of treatments; `spans` (k, m, m) the covariance of the arms about their mean when studies do
    not differ; `seen` (k, m, m) the difference of each arm from each.
    """

    arms: Places
    spans: Array
    seen: Array

    def laplacians(self, tau2: float) -> Array:
        """Each study's conductances among its arms, (k, m, m); `tau2` is the variance of a difference between studies."""
        size = self.arms.shape[1]
        return inverse(self.spans + tau2 / 2 * (np.eye(size) - 1 / size))

    def of(self, matrix: Array) -> Array:
        """The part of a (t, t) matrix that belongs to each study's arms, (k, m, m)."""
        return matrix[self.arms[:, :, None], self.arms[:, None, :]]

    def left(self, potentials: Array) -> Array:
        """What each study saw beyond the network's differences, (k, m, m)."""
        values = potentials[self.arms]
        return self.seen - values[:, :, None] + values[:, None, :]

    @property
    def variances(self) -> Array:
        """The variance of each difference seen, (k, m, m)."""
        own = np.diagonal(self.spans, axis1=1, axis2=2)
        return own[:, :, None] + own[:, None, :] - 2 * self.spans


class Network(msgspec.Struct, frozen=True, dict=True):
    """One island: its treatments and the studies that connect them."""

    treatments: tuple[str, ...]
    studies: tuple[Study, ...]

    @cached_property
    def batches(self) -> tuple[Batch, ...]:
        sizes: dict[int, list[Study]] = {}
        for study in self.studies:
            sizes.setdefault(len(study.arms), []).append(study)
        return tuple(_batch(studies) for _, studies in sorted(sizes.items()))

    @property
    def df(self) -> int:
        """Independent contrasts seen, less those estimated."""
        return sum(len(s.arms) - 1 for s in self.studies) - (len(self.treatments) - 1)


class Fit(msgspec.Struct, frozen=True, dict=True):
    """One island at one spread between studies.

    `potentials` (t) are the treatments' values up to a constant; `laplacian` (t, t) their conductances and `pinv` its
    pseudo-inverse; `resistance` (t, t) the variance of each difference; `q` the weighted squares that remain.
    """

    network: Network
    tau2: float
    potentials: Array
    laplacian: Array
    pinv: Array
    q: float

    @property
    def treatments(self) -> tuple[str, ...]:
        return self.network.treatments

    @property
    def studies(self) -> tuple[Study, ...]:
        return self.network.studies

    @property
    def df(self) -> int:
        return self.network.df

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
    for pair in {(one.first, one.second) for one in contrasts}:
        touched = [g for g in groups if pair[0] in g or pair[1] in g]
        groups = [g for g in groups if g not in touched]
        groups.append(set(pair).union(*touched))
    named = [tuple(sorted(group, key=_by_name)) for group in groups]
    return sorted(named, key=lambda g: (-len(g), _by_name(g[0])))


def network(island: Sequence[str], contrasts: Iterable[Contrast]) -> Network:
    """The studies of an island, by name, so that the order of rows changes nothing.

    Raises BadInput for a study whose standard errors cannot belong together.
    """
    place = {name: i for i, name in enumerate(island)}
    by_study: dict[str, list[Contrast]] = {}
    for one in contrasts:
        if one.first in place:
            by_study.setdefault(one.study, []).append(one)
    found = Network(tuple(island), tuple(_study(name, by_study[name], place) for name in sorted(by_study)))
    for batch, names in zip(found.batches, _names(found), strict=True):
        _check(batch, names)
    return found


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


def _names(found: Network) -> list[list[str]]:
    """The studies' names as they lie in the batches."""
    sizes = sorted({len(s.arms) for s in found.studies})
    return [[s.name for s in found.studies if len(s.arms) == size] for size in sizes]


def _batch(studies: Sequence[Study]) -> Batch:
    size = len(studies[0].arms)
    one, two = np.triu_indices(size, 1)
    variances, seen = np.zeros((len(studies), size, size)), np.zeros((len(studies), size, size))
    variances[:, one, two] = variances[:, two, one] = [s.variances for s in studies]
    seen[:, one, two] = [s.estimates for s in studies]
    seen -= np.swapaxes(seen, 1, 2)
    rows, columns = variances.mean(1, keepdims=True), variances.mean(2, keepdims=True)
    spans = (rows + columns - variances - variances.mean((1, 2), keepdims=True)) / 2
    return Batch(np.array([s.arms for s in studies], dtype=np.int64), spans, seen)


def _check(batch: Batch, names: Sequence[str]) -> None:
    if batch.arms.shape[1] < 3:
        return
    spans = np.linalg.eigvalsh(batch.spans)
    wrong = np.flatnonzero(spans[:, 1] <= 1e-12 * spans[:, -1])
    if len(wrong):
        raise bad(
            "its standard errors cannot belong to one study of several arms",
            f"study {names[wrong[0]]}",
            "Look at them again, or give it arm by arm.",
        )


def fit(found: Network, tau2: float) -> Fit:
    """The potentials that leave the least weighted squares, at a given spread between studies."""
    size = len(found.treatments)
    laplacian, pull = np.zeros((size, size)), np.zeros(size)
    weighed = [(batch, batch.laplacians(tau2)) for batch in found.batches]
    for batch, weights in weighed:
        np.add.at(laplacian, (batch.arms[:, :, None], batch.arms[:, None, :]), weights)
        np.add.at(pull, batch.arms, -(weights * batch.seen).sum(2))
    pinv = inverse(laplacian)
    potentials = pinv @ pull
    q = sum(-float((w * b.left(potentials) ** 2).sum()) / 2 for b, w in weighed)
    return Fit(found, tau2, potentials, laplacian, pinv, max(q, 0.0))


def sound(common: Fit) -> None:
    """Raises BadInput where the standard errors lie so far apart that the arithmetic would say nothing."""
    ties = np.linalg.eigvalsh(common.laplacian)
    if not (np.isfinite(common.potentials).all() and ties[1] > APART * ties[-1]):
        raise too_far_apart()


def too_far_apart() -> BadInput:
    return bad(
        "some standard errors are millions of times others",
        "rows",
        "Look at the units and the decimal points.",
    )


def inverse(laplacian: Array) -> Array:
    """The pseudo-inverse of matrices (.., t, t) whose rows add up to nothing and of which nothing else is lost."""
    size = laplacian.shape[-1]
    scale = np.trace(laplacian, axis1=-2, axis2=-1)[..., None, None] / size
    found = np.linalg.inv(laplacian + scale / size) - 1 / (size * scale)
    return np.asarray(found, dtype=np.float64)


def _by_name(name: str) -> tuple[str, str]:
    return name.casefold(), name


def pairs_of(count: int) -> list[tuple[int, int]]:
    return list(combinations(range(count), 2))
