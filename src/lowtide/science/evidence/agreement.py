"""Whether a network agrees with itself: Q by its sources, and what trials say directly beside what the others imply.

Decomposition of Q by design: Krahn, Binder and König, BMC Med Res Methodol 2013;13:35 (doi 10.1186/1471-2288-13-35).
Direct against indirect: back-calculation (König, Krahn and Binder, Stat Med 2013;32:5414, doi 10.1002/sim.6001).
Ranking by P-score: Rücker and Schwarzer, BMC Med Res Methodol 2015;15:58 (doi 10.1186/s12874-015-0060-8).
"""

from collections.abc import Iterator
from math import sqrt

import msgspec
import numpy as np
from scipy.special import chdtrc, ndtr

from lowtide.science.evidence.network import Array, Batch, Fit, inverse

NOTHING_ELSE = 5e-4
"""Below this share of weight from elsewhere, an estimate is direct evidence only."""


class Parted(msgspec.Struct, frozen=True):
    """Q of the common-effect fit: within designs (trials of the same treatments disagree), between them (the designs do)."""

    total: float
    df: int
    within: float
    df_within: int

    @property
    def between(self) -> float:
        return max(self.total - self.within, 0.0) if self.df_between else 0.0

    @property
    def df_between(self) -> int:
        return self.df - self.df_within

    @property
    def p(self) -> float | None:
        return tail(self.total, self.df)


class Split(msgspec.Struct, frozen=True):
    """One pair of treatments: `direct` trials, what the others imply (`indirect`), the chance of such a difference."""

    one: int
    two: int
    direct: float
    direct_se: float
    indirect: float
    indirect_se: float
    p: float


def tail(q: float, df: int) -> float | None:
    """The chance of a Q at least so large under agreement; None where there is nothing to disagree."""
    return float(chdtrc(df, q)) if df > 0 else None


def parted(common: Fit) -> Parted:
    within = [_within(batch) for batch in common.network.batches]
    return Parted(common.q, common.df, sum(q for q, _ in within), sum(df for _, df in within))


def _within(batch: Batch) -> tuple[float, int]:
    """Q and its degrees of freedom among studies that compared the same treatments."""
    designs, of = np.unique(batch.arms, axis=0, return_inverse=True)
    of = of.reshape(-1)
    size = designs.shape[1]
    weights = batch.laplacians(0.0)
    together, pull = np.zeros((len(designs), size, size)), np.zeros((len(designs), size))
    np.add.at(together, of, weights)
    np.add.at(pull, of, -(weights * batch.seen).sum(2))
    values = np.einsum("dij,dj->di", inverse(together), pull)[of]
    left = batch.seen - values[:, :, None] + values[:, None, :]
    q = -float((weights * left**2).sum()) / 2
    return max(q, 0.0), (len(of) - len(designs)) * (size - 1)


def splits(found: Fit) -> Iterator[Split]:
    """Every pair that was tried directly and on which the rest of the network speaks, too."""
    weights, sums = _direct(found)
    for one, two in zip(*np.nonzero(np.triu(weights, 1)), strict=True):
        direct = float(sums[one, two] / weights[one, two])
        share = float(found.resistance[one, two] * weights[one, two])
        if 1 - share > NOTHING_ELSE:
            yield _split(found, int(one), int(two), direct, share, float(1 / weights[one, two]))


def _direct(found: Fit) -> tuple[Array, Array]:
    """Of each pair of treatments: the weights of the trials that compared them, and their weighted sum."""
    size = len(found.treatments)
    weights, sums = np.zeros((size, size)), np.zeros((size, size))
    for batch in found.network.batches:
        one, two = np.triu_indices(batch.arms.shape[1], 1)
        weight = 1 / (batch.variances[:, one, two] + found.tau2)
        at = (batch.arms[:, one], batch.arms[:, two])
        np.add.at(weights, at, weight)
        np.add.at(sums, at, weight * batch.seen[:, one, two])
    return weights, sums


def _split(found: Fit, one: int, two: int, direct: float, share: float, variance: float) -> Split:
    indirect = (found.estimate(one, two) - share * direct) / (1 - share)
    indirect_variance = float(found.resistance[one, two]) / (1 - share)
    z = (direct - indirect) / sqrt(variance + indirect_variance)
    return Split(
        one, two, direct, sqrt(variance), indirect, sqrt(indirect_variance), float(2 * ndtr(-abs(z)))
    )


def p_scores(found: Fit, *, smaller_is_better: bool) -> dict[str, float]:
    """The mean certainty that a treatment is better than each of the others, 0 to 1."""
    values = -found.potentials if smaller_is_better else found.potentials
    size = len(values)
    spread = np.sqrt(found.resistance + np.eye(size))
    surer = ndtr((values[:, None] - values[None, :]) / spread)
    scores = (surer.sum(1) - np.diag(surer)) / (size - 1)
    return {name: float(score) for name, score in zip(found.treatments, scores, strict=True)}
