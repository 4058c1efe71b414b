"""Meta-analysis of one comparison: common and random effects, how far the studies differ, where a new one would lie.

Everything is on the scale on which the studies' estimates are given (the logarithm for ratios). Pure arithmetic on
estimates and standard errors; rare events are in `rare`.
"""

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, ndtr, ndtri, stdtr, stdtrit

from lowtide.data.evidence_words import words
from lowtide.problems import bad

Array = NDArray[np.float64]
Between = Literal["DL", "REML", "PM"]


class Pooled(msgspec.Struct, frozen=True):
    """What the studies say together.

    `lower` and `upper` bound the mean, `prediction` the effect of a new study (None for a common effect or fewer than
    three studies). `tau2` is the variance between studies with its interval by the Q profile; `q` with `df` and `p` the
    test that they differ; `i2` the share of Q beyond chance, `h2` Q over what chance makes (both None for one study).
    `weights` add up to 1.
    """

    estimate: float
    se: float
    lower: float
    upper: float
    p_value: float
    tau2: float
    tau2_interval: tuple[float, float] | None
    q: float
    df: int
    p: float | None
    i2: float | None
    h2: float | None
    prediction: tuple[float, float] | None
    weights: tuple[float, ...]


def pool(
    estimates: Sequence[float],
    errors: Sequence[float],
    *,
    model: Literal["random", "common"] = "random",
    method: Between = "DL",
    hartung_knapp: bool = False,
    guard: bool = True,
    level: float = 0.95,
) -> Pooled:
    """The studies together.

    Inverse variance weights; random effects after DerSimonian and Laird, Control Clin Trials 1986;7:177
    (doi 10.1016/0197-2456(86)90046-2). `hartung_knapp` takes the spread of the studies about the mean as its variance
    and t with k - 1 degrees of freedom (Knapp and Hartung, Stat Med 2003;22:2693, doi 10.1002/sim.1482), with `guard` never
    a smaller variance than without it (the ad hoc guard: Röver, Knapp and Friede, BMC Med Res Methodol 2015;15:99,
    doi 10.1186/s12874-015-0091-1). Prediction: t with k - 2 (Higgins, Thompson and Spiegelhalter, J R Stat Soc A
    2009;172:137, doi 10.1111/j.1467-985X.2008.00552.x).
    """
    y, v = _taken(estimates, errors)
    count = len(y)
    q = _q(y, v, 0.0)
    tau2 = between(estimates, errors, method) if model == "random" else 0.0
    weights = 1 / (v + tau2)
    mean = float(weights @ y / weights.sum())
    variance = 1 / float(weights.sum())
    knapp = hartung_knapp and model == "random" and count > 1
    if knapp:
        variance *= max(1.0 if guard else 0.0, _q(y, v, tau2) / (count - 1))
        if not variance:
            raise bad(
                "the studies agree exactly", "studies", "Without the guard there is no interval: keep it."
            )
    se = sqrt(variance)
    wide = se * (float(stdtrit(count - 1, 0.5 + level / 2)) if knapp else float(ndtri(0.5 + level / 2)))
    chance = 2 * float(stdtr(count - 1, -abs(mean) / se) if knapp else ndtr(-abs(mean) / se))
    return Pooled(
        mean,
        se,
        mean - wide,
        mean + wide,
        chance,
        tau2,
        tau2_interval(estimates, errors, level) if count > 1 else None,
        q,
        count - 1,
        float(chdtrc(count - 1, q)) if count > 1 else None,
        (max(0.0, (q - count + 1) / q) if q else 0.0) if count > 1 else None,
        q / (count - 1) if count > 1 else None,
        _prediction(mean, variance + tau2, count, level) if model == "random" else None,
        tuple(float(w) for w in weights / weights.sum()),
    )


def between(estimates: Sequence[float], errors: Sequence[float], method: Between) -> float:
    """tau2, the variance between studies; 0 for one study.

    DL: moments, as above. PM: the value at which Q is what chance makes of it (Paule and Mandel, J Res Natl Bur Stand
    1982;87:377, doi 10.6028/jres.087.022). REML: restricted likelihood (Viechtbauer, J Educ Behav Stat 2005;30:261,
    doi 10.3102/10769986030003261).
    """
    y, v = _taken(estimates, errors)
    if len(y) < 2:
        return 0.0
    if method == "DL":
        w = 1 / v
        spare = float(w.sum() - (w @ w) / w.sum())
        return max(0.0, (_q(y, v, 0.0) - len(y) + 1) / spare)
    if method == "PM":
        return _root(lambda tau2: _q(y, v, tau2) - len(y) + 1, y, v)
    return _restricted(y, v)


def tau2_interval(
    estimates: Sequence[float], errors: Sequence[float], level: float = 0.95
) -> tuple[float, float]:
    """The interval of tau2 by the profile of Q: Viechtbauer, Stat Med 2007;26:37 (doi 10.1002/sim.2514)."""
    y, v = _taken(estimates, errors)
    low, high = (float(chdtri(len(y) - 1, tail)) for tail in ((1 - level) / 2, (1 + level) / 2))
    return _root(lambda tau2: _q(y, v, tau2) - low, y, v), _root(lambda tau2: _q(y, v, tau2) - high, y, v)


def egger(estimates: Sequence[float], errors: Sequence[float]) -> tuple[float, float, float] | None:
    """Whether small studies find more: the intercept, its standard error and p; None for too few studies.

    Regression of the standardised effect on precision: Egger and others, BMJ 1997;315:629
    (doi 10.1136/bmj.315.7109.629). None, too, where all studies are equally precise.
    """
    y, v = _taken(estimates, errors)
    if len(y) < words().funnel_trials or np.ptp(v) <= 1e-12 * v.max():
        return None
    precision = 1 / np.sqrt(v)
    design = np.column_stack([np.ones(len(y)), precision])
    inner = np.linalg.inv(design.T @ design)
    coefficients = inner @ design.T @ (y * precision)
    left = y * precision - design @ coefficients
    se = sqrt(float(left @ left) / (len(y) - 2) * float(inner[0, 0]))
    intercept = float(coefficients[0])
    return intercept, se, 2 * float(stdtr(len(y) - 2, -abs(intercept) / se)) if se else 0.0


def _taken(estimates: Sequence[float], errors: Sequence[float]) -> tuple[Array, Array]:
    y, e = np.array(estimates, dtype=float), np.array(errors, dtype=float)
    if not len(y) or y.shape != e.shape or not np.isfinite(y).all() or not (np.isfinite(e) & (e > 0)).all():
        raise bad(
            "estimates and standard errors do not belong together",
            "studies",
            "Give one standard error above 0 for each estimate.",
        )
    return y, e**2


def _q(y: Array, v: Array, tau2: float) -> float:
    w = 1 / (v + tau2)
    return float(w @ (y - w @ y / w.sum()) ** 2)


def _root(falling: Callable[[float], float], y: Array, v: Array) -> float:
    """Where a function of tau2 that falls reaches 0; 0 if it starts below."""
    if falling(0.0) <= 0:
        return 0.0
    high = float(v.max() + np.ptp(y) ** 2)
    while falling(high) > 0:
        high *= 4
    return float(brentq(falling, 0.0, high, xtol=1e-14, rtol=1e-12))


def _restricted(y: Array, v: Array) -> float:
    """The highest restricted likelihood: the best of a grid, then the root of its slope between the neighbours."""
    high = 10 * float(v.max() + np.ptp(y) ** 2)
    grid = np.concatenate([[0.0], np.geomspace(high * 1e-7, high, 60)])
    at = int(np.argmin([_deviance(y, v, float(tau2)) for tau2 in grid]))
    low, top = float(grid[max(at - 1, 0)]), float(grid[min(at + 1, len(grid) - 1)])
    if _slope(y, v, low) > 0 > _slope(y, v, top):
        return float(brentq(lambda tau2: _slope(y, v, tau2), low, top, xtol=1e-14, rtol=1e-12))
    return float(grid[at])


def _deviance(y: Array, v: Array, tau2: float) -> float:
    w = 1 / (v + tau2)
    return _q(y, v, tau2) - float(np.log(w).sum()) + float(np.log(w.sum()))


def _slope(y: Array, v: Array, tau2: float) -> float:
    w = 1 / (v + tau2)
    left = w * (y - w @ y / w.sum())
    return float(left @ left - w.sum() + w @ w / w.sum())


def _prediction(mean: float, variance: float, count: int, level: float) -> tuple[float, float] | None:
    if count < 3:
        return None
    wide = float(stdtrit(count - 2, 0.5 + level / 2)) * sqrt(variance)
    return mean - wide, mean + wide
