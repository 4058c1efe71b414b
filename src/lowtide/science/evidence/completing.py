"""Contrasts of one study, checked and made whole: every pair of its arms, each saying the same as the way round.

A study of m arms has m(m-1)/2 pairs but m-1 independent contrasts, and they are correlated. Two ways of giving them
tell that correlation: all pairs, each with its standard error (Rücker and Schwarzer, Stat Med 2014;33:4353,
doi 10.1002/sim.6236); or the contrasts with one arm and that arm's own standard error, whose square is their covariance
(Dias and others, NICE DSU Technical Support Document 2, 2011).
"""

from collections.abc import Sequence
from itertools import combinations
from math import sqrt

import numpy as np

from lowtide.problems import bad
from lowtide.science.evidence.table import BASELINE, Contrast

ROUNDING = 0.1
"""How far, in standard errors, a contrast may be from the way round through a third arm: what rounding in print does."""

Difference = tuple[float, float]
"""An estimate and its variance."""


def completed(study: str, its: Sequence[Contrast], *, lenient: bool) -> tuple[list[Contrast], str | None]:
    """All pairs of the study's arms, or (when `lenient`: others of its contrasts are not known) why there are none."""
    found: dict[tuple[str, str], Difference] = {}
    for one in its:
        first, second = sorted((one.first, one.second))
        if (first, second) in found:
            raise bad(
                f"{first} and {second} are compared twice", f"study {study}", "Give each pair one line."
            )
        found[first, second] = (one.estimate if first == one.first else -one.estimate, one.se**2)
    arms = sorted({name for pair in found for name in pair})
    if not arms:
        return [], "it compares nothing"
    whole = len(arms) * (len(arms) - 1) // 2
    if len(found) == whole:
        _agree(study, found, arms)
        return list(its), None
    shared = _shared(its)
    if shared is not None:
        made = _round(study, shared, arms, its)
        return [Contrast(study, a, b, y, sqrt(v)) for (a, b), (y, v) in made.items()], None
    told = f"{len(found)} of the {whole} pairs of its {len(arms)} arms are given"
    if lenient:
        return [], told
    raise bad(
        told,
        f"study {study}",
        f"Give all pairs, or arm by arm, or the contrasts with one arm and its own error as {BASELINE}.",
    )


def _shared(its: Sequence[Contrast]) -> str | None:
    """The arm with which all contrasts of the study are, if its own standard error is given."""
    common = set.intersection(*({one.first, one.second} for one in its))
    known = all(one.baseline_se is not None for one in its)
    return min(common) if known and len(common) == 1 else None


def _round(
    study: str, shared: str, arms: Sequence[str], its: Sequence[Contrast]
) -> dict[tuple[str, str], Difference]:
    """Every pair, by way of the shared arm."""
    own = {one.baseline_se**2 for one in its if one.baseline_se is not None}
    if len(own) > 1:
        raise bad(f"its {BASELINE} differ", f"study {study}", f"Give the one of {shared} in every line.")
    common = own.pop()
    values: dict[str, Difference] = {shared: (0.0, common)}
    for one in its:
        other, sign = (one.first, 1.0) if one.second == shared else (one.second, -1.0)
        if one.se**2 <= common:
            raise bad(
                f"the error of {shared} alone is not below that of its difference from {other}",
                f"study {study}",
                f"Look at se and {BASELINE} again.",
            )
        values[other] = (sign * one.estimate, one.se**2 - common)
    return {
        (a, b): (values[a][0] - values[b][0], values[a][1] + values[b][1]) for a, b in combinations(arms, 2)
    }


def _agree(study: str, found: dict[tuple[str, str], Difference], arms: Sequence[str]) -> None:
    """Within a study, one treatment's value is one value: its contrasts must agree but for rounding."""
    if len(arms) < 3:
        return
    place = {name: i for i, name in enumerate(arms)}
    seen = np.zeros((len(arms), len(arms)))
    for (a, b), (y, _) in found.items():
        seen[place[a], place[b]], seen[place[b], place[a]] = y, -y
    values = seen.mean(1)
    for (a, b), (y, _) in found.items():
        implied = values[place[a]] - values[place[b]]
        if abs(y - implied) > ROUNDING * min(sqrt(v) for _, v in found.values()):
            raise bad(
                f"{a} against {b} is {y:g}, but its other contrasts make it {implied:.4g}",
                f"study {study}",
                "Within one study contrasts must add up. Look at their signs, or give it arm by arm.",
            )
