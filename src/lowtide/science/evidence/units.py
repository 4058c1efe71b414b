"""Numbers of a published table that look as if they were in another unit than the rest: asked about, never left out.

A standard error in place of a standard deviation is as much too small as the root of the people; means of one scale spread alike
from study to study; a ratio that was not turned into its logarithm is never below 0. What limits are is this project's choice.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import exp, sqrt
from statistics import median

from lowtide.science.evidence.table import RATIOS, Contrast, MeanArm, Row

APART = 10.0
"""Spreads of one scale differ by less from study to study."""
SMALL, NEAR = 6.0, 2.0
"""So many times smaller than the others' is suspect; so near to theirs after taking it for a standard error."""
LARGE = 1.0
"""A logarithm above this is a ratio of 2.7 and more."""


def doubts(rows: Iterable[Row], measure: str) -> list[str]:
    given = list(rows)
    means = [row for row in given if isinstance(row, MeanArm)]
    logs = [row for row in given if isinstance(row, Contrast) and measure in RATIOS]
    return [*_spreads(means, measure), *_logarithms(logs)]


def _spreads(arms: list[MeanArm], measure: str) -> Iterator[str]:
    by_study: dict[str, list[MeanArm]] = defaultdict(list)
    for arm in arms:
        by_study[arm.study].append(arm)
    sds = {study: sqrt(sum(a.sd**2 for a in its) / len(its)) for study, its in by_study.items()}
    for study, its in by_study.items():
        others = [sd for name, sd in sds.items() if name != study]
        people = sum(arm.n for arm in its) / len(its)
        said = _spread(study, sds[study], median(others), people, measure) if others else ""
        if said:
            yield said
            if len(sds) == 2:  # of two, each is unlike the other: said once
                return


def _spread(study: str, sd: float, usual: float, people: float, measure: str) -> str:
    whole = sd * sqrt(people)
    if sd * SMALL < usual and 1 / NEAR < whole / usual < NEAR:
        return (
            f"SD of {study} is {sd:.3g}, of the others {usual:.3g}: is it a standard error? Of {people:.0f} people the SD would "
            f"be {whole:.3g}"
        )
    if measure == "MD" and not usual / APART <= sd <= usual * APART:
        first, second, times = (
            (study, "the others", sd / usual) if sd > usual else ("the others", study, usual / sd)
        )
        return f"SD of {first} is {times:.0f} times that of {second}: one unit?"
    return ""


def _logarithms(rows: list[Contrast]) -> Iterator[str]:
    found = [row.estimate for row in rows]
    if len(found) > 1 and min(found) > 0 and median(found) > LARGE:
        yield (
            f"no estimate is below 0, and as logarithms they are ratios from {exp(min(found)):.3g} to {exp(max(found)):.3g}: "
            "give the logarithm of a ratio"
        )
