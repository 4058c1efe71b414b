"""From the arms of a study to every contrast between them, with its variance.

Binary outcomes: odds ratio, risk ratio (both as logarithms), risk difference. Continuous outcomes: mean difference,
standardised mean difference (Hedges' g with the exact small-sample factor). Sources: Higgins and others (eds), Cochrane
Handbook, chapters 6 and 10; White and Thomas, Clin Trials 2005;2:141 (doi 10.1191/1740774505cn081oa) for g.
"""

from collections.abc import Iterable
from itertools import combinations
from math import exp, lgamma, log, sqrt
from typing import cast

import msgspec

from lowtide.science.evidence.table import Contrast, EventArm, MeanArm, Row, merged

INCREMENT = 0.5
"""Added to the cells of a study in which a ratio would not exist (Haldane 1956)."""


class Dropped(msgspec.Struct, frozen=True):
    """A study that says nothing about this measure, and why."""

    study: str
    reason: str


def contrasts(rows: Iterable[Row], measure: str) -> tuple[list[Contrast], list[Dropped]]:
    """Every pair of arms within each study as `first` minus `second`, and the studies that give none.

    A study in which nobody, or everybody, had the event says nothing about a ratio and is dropped; one with an empty
    cell has 0.5 added to the cells of all its arms.
    """
    found: list[Contrast] = []
    dropped: list[Dropped] = []
    by_study: dict[str, list[Row]] = {}
    for row in rows:
        by_study.setdefault(row.study, []).append(row)
    for study, its in by_study.items():
        if isinstance(its[0], Contrast):
            found.extend(cast(list[Contrast], its))
            continue
        arms = list(merged(cast(list[EventArm | MeanArm], its)).values())
        reason = _says_nothing(arms, measure)
        if reason:
            dropped.append(Dropped(study, reason))
        else:
            found.extend(_pairs(arms, measure))
    return found, dropped


def _says_nothing(arms: list[EventArm | MeanArm], measure: str) -> str | None:
    if len(arms) < 2:
        return "it has one treatment only"
    counts = [arm for arm in arms if isinstance(arm, EventArm)]
    if measure == "RD" or not counts:
        return None
    if not any(arm.events for arm in counts):
        return "no event in any arm"
    if measure == "OR" and all(arm.events == arm.n for arm in counts):
        return "everybody had the event in every arm"
    return None


def _pairs(arms: list[EventArm | MeanArm], measure: str) -> list[Contrast]:
    empty = any(isinstance(arm, EventArm) and _is_empty(arm, measure) for arm in arms)
    more = INCREMENT if empty else 0.0
    return [_contrast(one, two, measure, more) for one, two in combinations(arms, 2)]


def _is_empty(arm: EventArm, measure: str) -> bool:
    return arm.events == 0 or (measure != "RR" and arm.events == arm.n)


def _contrast(one: EventArm | MeanArm, two: EventArm | MeanArm, measure: str, more: float) -> Contrast:
    if isinstance(one, EventArm):
        assert isinstance(two, EventArm)
        parts = [_of_events(arm, measure, more) for arm in (one, two)]
        estimate, variance = parts[0][0] - parts[1][0], parts[0][1] + parts[1][1]
    else:
        assert isinstance(two, MeanArm)
        estimate, variance = _of_means(one, two) if measure == "MD" else _standardised(one, two)
    return Contrast(one.study, one.treatment, two.treatment, estimate, sqrt(variance))


def _of_events(arm: EventArm, measure: str, more: float) -> tuple[float, float]:
    """What one arm gives to the contrast, and its variance: log odds, log risk or risk."""
    events, others = arm.events + more, arm.n - arm.events + more
    if measure == "OR":
        return log(events / others), 1 / events + 1 / others
    if measure == "RR":
        n = arm.n + more
        return log(events / n), max(1 / events - 1 / n, INCREMENT / n**2)
    return arm.events / arm.n, events * others / (events + others) ** 3


def _of_means(one: MeanArm, two: MeanArm) -> tuple[float, float]:
    return one.mean - two.mean, one.sd**2 / one.n + two.sd**2 / two.n


def _standardised(one: MeanArm, two: MeanArm) -> tuple[float, float]:
    free = one.n + two.n - 2
    within = sqrt(((one.n - 1) * one.sd**2 + (two.n - 1) * two.sd**2) / free)
    factor = exp(lgamma(free / 2) - log(sqrt(free / 2)) - lgamma((free - 1) / 2))
    g = factor * (one.mean - two.mean) / within
    spread = 1 - (free - 2) / (free * factor**2)
    return g, (one.n + two.n) / (one.n * two.n) + spread * g**2
