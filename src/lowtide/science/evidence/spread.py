"""tau2, the variance between studies of one island: by moments or by restricted maximum likelihood.

Generalised method of moments (DerSimonian and Laird): Jackson, White and Riley, Stat Med 2012;31:3805
(doi 10.1002/sim.5453). Restricted likelihood: Viechtbauer, J Educ Behav Stat 2005;30:261
(doi 10.3102/10769986030003261), with one tau2 for all comparisons of a network. Interval by the profile of Q: Viechtbauer,
Stat Med 2007;26:37 (doi 10.1002/sim.2514); at the true tau2 the Q of a network has a chi-squared distribution, too.
"""

from typing import Literal

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import chdtri

from lowtide.science.evidence.network import Array, Fit, fit

Method = Literal["DL", "REML"]
GRID, GRID_FROM = 24, 1e-6
"""Points between nothing and more spread than can be, so that a second, lower peak is not taken for the first."""


def spread(common: Fit, method: Method) -> float:
    """tau2; 0 where there is nothing to estimate it from."""
    if common.df <= 0:
        return 0.0
    return _moments(common) if method == "DL" else _likelihood(common)


def spread_interval(common: Fit, level: float = 0.95) -> tuple[float, float] | None:
    """The interval of tau2: the values at which Q is not surprising; None where there is nothing to estimate it from."""
    if common.df <= 0:
        return None
    low, high = (float(chdtri(common.df, tail)) for tail in ((1 - level) / 2, (1 + level) / 2))
    return _where_q_is(common, low), _where_q_is(common, high)


def _where_q_is(common: Fit, q: float) -> float:
    """Q falls as tau2 rises: where it meets a value; 0 where it starts below."""
    if common.q <= q:
        return 0.0
    high = max(float(batch.variances.max()) for batch in common.network.batches)
    while fit(common.network, high).q > q:
        high *= 4
    return float(brentq(lambda tau2: fit(common.network, tau2).q - q, 0.0, high, xtol=1e-14, rtol=1e-10))


def _moments(common: Fit) -> float:
    """What remains beyond chance, over what a unit of tau2 would add to it."""
    per_unit = _freedom(common) / 2
    return max(0.0, (common.q - common.df) / per_unit) if per_unit > 0 else 0.0


def _freedom(at: Fit) -> float:
    """The sum over studies of the trace of their weights, less what the estimates have taken of it."""
    total = 0.0
    for batch in at.network.batches:
        weights = batch.laplacians(at.tau2)
        taken = np.einsum("kij,kjl,kli->", weights, weights, batch.of(at.pinv))
        total += float(np.trace(weights, axis1=1, axis2=2).sum() - taken)
    return total


def _likelihood(common: Fit) -> float:
    """The tau2 of the highest restricted likelihood: the best of a grid, made finer between its neighbours."""
    largest = max(float(batch.variances.max()) for batch in common.network.batches)
    highest = 10 * (_moments(common) + largest)
    grid = np.concatenate([[0.0], np.geomspace(highest * GRID_FROM, highest, GRID)])
    at = int(np.argmin([_deviance(common, float(tau2)) for tau2 in grid]))
    low, high = float(grid[max(at - 1, 0)]), float(grid[min(at + 1, GRID)])
    if _slope(common, low) > 0 > _slope(common, high):
        return float(brentq(lambda tau2: _slope(common, tau2), low, high, xtol=1e-14, rtol=1e-12))
    finer = minimize_scalar(
        lambda tau2: _deviance(common, tau2), bounds=(low, high), method="bounded", options={"xatol": 1e-12}
    )
    return float(finer.x) if finer.fun < _deviance(common, float(grid[at])) else float(grid[at])


def _deviance(common: Fit, tau2: float) -> float:
    """Minus twice the restricted log-likelihood, without its constant."""
    at = fit(common.network, tau2)
    volumes = sum(float(_volume(batch.laplacians(tau2)).sum()) for batch in common.network.batches)
    return at.q - volumes + float(_volume(at.laplacian))


def _slope(common: Fit, tau2: float) -> float:
    """Twice the rise of the restricted log-likelihood with tau2, times two: 0 at its peak."""
    at = fit(common.network, tau2)
    squares = 0.0
    for batch in at.network.batches:
        pulls = (batch.laplacians(tau2) * batch.left(at.potentials)).sum(2)
        squares += float((pulls**2).sum())
    return squares - _freedom(at)


def _volume(laplacian: Array) -> Array:
    """The logarithm of the product of the eigenvalues that are not 0 by construction, (..)."""
    found = np.linalg.slogdet(laplacian + 1 / laplacian.shape[-1])[1]
    return np.asarray(found, dtype=np.float64)
