"""Bands over weighted possibilities: a figure with the range it is known to."""

import msgspec
import numpy as np

from lowtide.science.pharmacology.structure import Array

SHARES = (0.5, 0.05, 0.95)


class Band(msgspec.Struct, frozen=True):
    median: float | None
    p5: float | None
    p95: float | None


def band(values: Array, weights: Array | None = None) -> Band:
    """The quantiles of `values`, each with its weight. A value of infinity means never, and is answered with None."""
    order = np.argsort(values, kind="stable")
    weight = np.ones(len(values)) if weights is None else weights
    below = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    found = (_at(below, values[order], share) for share in SHARES)
    return Band(*(value if np.isfinite(value) else None for value in found))


def _at(below: Array, values: Array, share: float) -> float:
    place = int(np.clip(np.searchsorted(below, share), 1, max(len(values) - 1, 1)))
    if len(values) == 1:
        return float(values[0])
    low, high = values[place - 1], values[place]
    if low == high or not np.isfinite(high):
        return float(low if share <= below[place - 1] else high)
    within = np.clip((share - below[place - 1]) / (below[place] - below[place - 1]), 0, 1)
    return float(low + (high - low) * within)
