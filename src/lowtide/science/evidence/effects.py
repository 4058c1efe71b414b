"""From the arms of a study to every contrast between them, with its variance.

Binary outcomes: odds ratio, risk ratio (both as logarithms), risk difference. Continuous outcomes: mean difference,
standardised mean difference (Hedges' g with the exact small-sample factor; a study of several arms has one standard
deviation, pooled over all of them, so that its contrasts agree with one another). Sources: Higgins and others (eds),
Cochrane Handbook, chapters 6 and 10; Hartung and Knapp, Stat Med 2001;20:3875 (doi 10.1002/sim.1009), equation 18, for
the risk ratio; White and Thomas, Clin Trials 2005;2:141 (doi 10.1191/1740774505cn081oa) for g; Gleser and Olkin,
Stochastically dependent effect sizes (2009), for g in several arms.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import exp, lgamma, log, sqrt

import msgspec

from lowtide.science.evidence.completing import completed
from lowtide.science.evidence.table import (
    Arm,
    Contrast,
    EventArm,
    MeanArm,
    NotGiven,
    Row,
    merged,
    one_spelling,
    repeated,
)

INCREMENT = 0.5
"""Added to the cells of a study in which a ratio would not exist (Haldane 1956)."""


class Dropped(msgspec.Struct, frozen=True):
    """A study that says nothing about this measure, and why."""

    study: str
    reason: str


class Aside(msgspec.Struct, frozen=True):
    """What of a study that is kept was not taken as it stands: of which treatment, and why."""

    study: str
    of: str
    reason: str


class Prepared(msgspec.Struct, frozen=True):
    """The contrasts of all studies; the studies left out; arms left out or put together."""

    contrasts: list[Contrast]
    dropped: list[Dropped]
    aside: list[Aside]


def contrasts(rows: Iterable[Row], measure: str) -> tuple[list[Contrast], list[Dropped]]:
    """Every pair of arms within each study as `first` minus `second`, and the studies that give none."""
    found = prepared(rows, measure)
    return found.contrasts, found.dropped


def prepared(rows: Iterable[Row], measure: str) -> Prepared:
    """A study in which nobody, or everybody, had the event says nothing about a ratio and is dropped.

    One with an empty cell has 0.5 added to the cells of all its arms. Raises BadInput for contrasts that cannot all
    come from one study.
    """
    found = Prepared([], [], [])
    by_study: dict[str, list[Row]] = {}
    for row in one_spelling(rows):
        by_study.setdefault(row.study, []).append(row)
    for study, its in by_study.items():
        _study(study, its, measure, found)
    return found


def _study(study: str, its: Sequence[Row], measure: str, found: Prepared) -> None:
    silent = [row for row in its if isinstance(row, NotGiven)]
    given = [row for row in its if isinstance(row, Contrast)]
    arms = [row for row in its if isinstance(row, EventArm | MeanArm)]
    if arms:
        pairs, reason = _of_arms(list(merged(arms).values()), measure)
    else:
        pairs, reason = completed(study, given, lenient=bool(silent))
    if reason:
        told = "; ".join((reason, *(f"{row.of}: {row.why}" for row in silent)))
        found.dropped.append(Dropped(study, told))
        return
    found.contrasts.extend(pairs)
    found.aside.extend(Aside(study, row.of, row.why) for row in silent)
    found.aside.extend(Aside(study, name, "its arms are taken as one group") for name in repeated(arms))


def _of_arms(arms: list[Arm], measure: str) -> tuple[list[Contrast], str | None]:
    reason = _says_nothing(arms, measure)
    return ([], reason) if reason else (_pairs(arms, measure), None)


def _says_nothing(arms: list[Arm], measure: str) -> str | None:
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


def _pairs(arms: list[Arm], measure: str) -> list[Contrast]:
    counts = [arm for arm in arms if isinstance(arm, EventArm)]
    means = [arm for arm in arms if isinstance(arm, MeanArm)]
    bend = 0.0
    if counts:
        parts = _of_events(counts, measure)
    elif measure == "MD":
        parts = [(arm.mean, arm.sd**2 / arm.n) for arm in means]
    else:
        parts, bend = _standardised(means)
    return [
        Contrast(one.study, one.treatment, two.treatment, x - y, sqrt(v + w + bend * (x - y) ** 2))
        for (one, (x, v)), (two, (y, w)) in combinations(zip(arms, parts, strict=True), 2)
    ]


def _of_events(arms: list[EventArm], measure: str) -> list[tuple[float, float]]:
    """What each arm gives to its contrasts, and the variance of that: log odds, log risk or risk."""
    empty = any(arm.events in (0, arm.n) for arm in arms)
    more = INCREMENT if empty else 0.0
    if measure == "OR":
        return [_odds(arm, more) for arm in arms]
    if measure == "RR":
        full = sum(arm.events == arm.n for arm in arms)
        return [_risk(arm, more, several_full=full > 1) for arm in arms]
    return [(arm.events / arm.n, _spread(arm, more)) for arm in arms]


def _odds(arm: EventArm, more: float) -> tuple[float, float]:
    events, others = arm.events + more, arm.n - arm.events + more
    return log(events / others), 1 / events + 1 / others


def _risk(arm: EventArm, more: float, *, several_full: bool) -> tuple[float, float]:
    """Where everybody had the event in two arms, they keep a little variance; else nothing would part them."""
    events, n = arm.events + more, arm.n + more
    kept = arm.events if several_full and arm.events == arm.n else events
    return log(events / n), 1 / kept - 1 / n


def _spread(arm: EventArm, more: float) -> float:
    events, others = arm.events + more, arm.n - arm.events + more
    return events * others / (events + others) ** 3


def _standardised(arms: list[MeanArm]) -> tuple[list[tuple[float, float]], float]:
    """Each mean in standard deviations of the study, its variance, and what a squared difference adds to a contrast's."""
    free = sum(arm.n for arm in arms) - len(arms)
    within = sqrt(sum((arm.n - 1) * arm.sd**2 for arm in arms) / free)
    factor = exp(lgamma(free / 2) - log(sqrt(free / 2)) - lgamma((free - 1) / 2))
    origin = arms[0].mean  # of differences alone: a large mean common to all would cost digits
    return (
        [(factor * (arm.mean - origin) / within, 1 / arm.n) for arm in arms],
        1 - (free - 2) / (free * factor**2),
    )
