"""Whether a network agrees with itself: Q by its sources, and what trials say directly beside what the others imply.

Decomposition of Q by design: Krahn, Binder and König, BMC Med Res Methodol 2013;13:35 (doi 10.1186/1471-2288-13-35).
Direct against indirect: back-calculation (König, Krahn and Binder, Stat Med 2013;32:5414, doi 10.1002/sim.6001).
Ranking by P-score: Rücker and Schwarzer, BMC Med Res Methodol 2015;15:58 (doi 10.1186/s12874-015-0060-8).
"""

from collections.abc import Iterator
from math import sqrt

import msgspec
import numpy as np
from scipy.stats import chi2, norm

from lowtide.science.evidence.network import Fit, Study, fit, pairs_of

NOTHING_ELSE = 1e-8
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
    return float(chi2.sf(q, df)) if df > 0 else None


def parted(common: Fit) -> Parted:
    designs: dict[tuple[int, ...], list[Study]] = {}
    for study in common.studies:
        designs.setdefault(study.arms, []).append(study)
    alone = [fit(*_moved(common, arms, its), 0.0) for arms, its in designs.items()]
    return Parted(common.q, common.df, sum(f.q for f in alone), sum(f.df for f in alone))


def _moved(common: Fit, arms: tuple[int, ...], its: list[Study]) -> tuple[list[str], list[Study]]:
    """The studies of one design as a network of their own treatments."""
    place = {arm: i for i, arm in enumerate(arms)}
    moved = [
        msgspec.structs.replace(
            s,
            arms=tuple(range(len(arms))),
            pairs=np.array([[place[a], place[b]] for a, b in s.pairs], dtype=np.int64),
        )
        for s in its
    ]
    return [common.treatments[arm] for arm in arms], moved


def splits(found: Fit) -> Iterator[Split]:
    """Every pair that was tried directly and on which the rest of the network speaks, too."""
    for one, two in pairs_of(len(found.treatments)):
        seen = [_of_pair(s, one, two) for s in found.studies]
        weights = np.array([1 / (v + found.tau2) for each in seen for _, v in each])
        if not len(weights):
            continue
        direct = float(weights @ np.array([y for each in seen for y, _ in each]) / weights.sum())
        share = found.resistance[one, two] * weights.sum()
        if 1 - share > NOTHING_ELSE:
            yield _split(found, one, two, direct, float(share), float(1 / weights.sum()))


def _of_pair(study: Study, one: int, two: int) -> list[tuple[float, float]]:
    return [
        (float(y), float(v))
        for (a, b), y, v in zip(study.pairs, study.estimates, study.variances, strict=True)
        if (a, b) == (one, two)
    ]


def _split(found: Fit, one: int, two: int, direct: float, share: float, variance: float) -> Split:
    indirect = (found.estimate(one, two) - share * direct) / (1 - share)
    indirect_variance = float(found.resistance[one, two]) / (1 - share)
    z = (direct - indirect) / sqrt(variance + indirect_variance)
    return Split(
        one, two, direct, sqrt(variance), indirect, sqrt(indirect_variance), float(2 * norm.sf(abs(z)))
    )


def p_scores(found: Fit, *, smaller_is_better: bool) -> dict[str, float]:
    """The mean certainty that a treatment is better than each of the others, 0 to 1."""
    values = found.potentials if not smaller_is_better else -found.potentials
    size = len(values)
    scores = {}
    for i, name in enumerate(found.treatments):
        surer = [float(norm.cdf((values[i] - values[j]) / found.se(i, j))) for j in range(size) if j != i]
        scores[name] = sum(surer) / (size - 1)
    return scores
