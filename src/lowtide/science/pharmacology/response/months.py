"""What months bring, for better or worse, whatever is given: a walk that is drawn back to a middle of each person's own.

It forgets where it was with one time constant (Ornstein and Uhlenbeck), so that scores say much of the weeks after them,
little of the months, and nothing of any rhythm. It is drawn at knots and is straight between them.
"""

import numpy as np

from lowtide.data.pharmacology import Response
from lowtide.science.pharmacology.structure import Array

NAME = "response drift "
FAR_D = 365.0  # as far as it is drawn where nobody says how far; beyond, it stays as it is there


def knots(numbers: Response, until_d: float = FAR_D, last_d: float = 0.0) -> Array:
    """Days at which the walk is drawn: day 0, steps back from the last score and steps on from it. With a knot at the last
    score nothing after it is drawn into the line that scores make before it."""
    step = numbers.drift["step_d"].value
    before = max(int(np.ceil(last_d / step)), 0)
    after = max(int(np.ceil((until_d - max(last_d, 0.0)) / step)), 1)
    return np.append(0.0, max(last_d, 0.0) + step * np.arange(1 - before, after + 1))


def names(count: int) -> tuple[str, ...]:
    """Of the normals behind so many knots."""
    return tuple(f"{NAME}{number}" for number in range(count))


def walked(numbers: Response, at: Array, normals: Array) -> Array:
    """How far the sum of parts has moved since day 0 at each knot, of normals (knots, members)."""
    size = numbers.drift["size"].value
    keep = np.exp(-np.diff(at) / numbers.drift["forgets_d"].value)
    found = size * np.asarray(normals, float)
    for i, kept in enumerate(keep, 1):
        found[i] = kept * found[i - 1] + np.sqrt(1 - kept * kept) * found[i]
    return np.asarray(found - found[0])


def brought(at: Array, moved: Array, days: Array) -> Array:
    """The same on any days, (days, members), from what it is at the knots."""
    since = np.clip(days, 0.0, at[-1])
    left = np.clip(np.searchsorted(at, since, side="right") - 1, 0, len(at) - 2)
    part = ((since - at[left]) / (at[left + 1] - at[left])).astype(moved.dtype)[:, None]
    found = moved[left] * (1 - part)
    found += moved[left + 1] * part
    return np.asarray(found)
