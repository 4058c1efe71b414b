"""Rows of trials as they are published: an arm with its events or its mean, or a contrast between two arms.

Three forms of table are read, told apart by their columns: `study,treatment,events,n`, `study,treatment,mean,sd,n`
and `study,treatment1,treatment2,estimate,se` (ratios on the log scale).
"""

from collections.abc import Iterable, Sequence
from math import sqrt

import msgspec

EVENTS = ("study", "treatment", "events", "n")
MEANS = ("study", "treatment", "mean", "sd", "n")
CONTRASTS = ("study", "treatment1", "treatment2", "estimate", "se")
BASELINE = "se_baseline"
"""A further column of contrasts: the standard error of the arm that a study's contrasts share, on the same scale."""
FORMS = (EVENTS, MEANS, CONTRASTS)
RATIOS = ("OR", "RR")
MEASURES = {"OR": EVENTS, "RR": EVENTS, "RD": EVENTS, "MD": MEANS, "SMD": MEANS}


class EventArm(msgspec.Struct, frozen=True):
    """`events` of `n` people; 0 <= events <= n."""

    study: str
    treatment: str
    events: int
    n: int


class MeanArm(msgspec.Struct, frozen=True):
    """Mean and standard deviation of `n` people, on the outcome's own scale; sd > 0, n > 1."""

    study: str
    treatment: str
    mean: float
    sd: float
    n: int


class Contrast(msgspec.Struct, frozen=True):
    """`first` minus `second`, with its standard error; the logarithm for ratios.

    `baseline_se` belongs to the arm that all contrasts of the study have in common; its square is their covariance.
    """

    study: str
    first: str
    second: str
    estimate: float
    se: float
    baseline_se: float | None = None

    def turned(self) -> "Contrast":
        """The other way round."""
        return Contrast(self.study, self.second, self.first, -self.estimate, self.se, self.baseline_se)


class NotGiven(msgspec.Struct, frozen=True):
    """An arm (or two arms compared) of which nothing can be worked out, and why."""

    study: str
    of: str
    why: str


Arm = EventArm | MeanArm
Row = Arm | Contrast | NotGiven


def one_spelling(rows: Iterable[Row]) -> list[Row]:
    """The rows with each treatment as it was first written, where only capitals differ."""
    first: dict[str, str] = {}
    return [_spelt(row, first) for row in rows]


def _spelt(row: Row, first: dict[str, str]) -> Row:
    if isinstance(row, NotGiven):
        return row
    if isinstance(row, Contrast):
        one, two = (first.setdefault(name.casefold(), name) for name in (row.first, row.second))
        if (one, two) == (row.first, row.second):
            return row
        return msgspec.structs.replace(row, first=one, second=two)
    name = first.setdefault(row.treatment.casefold(), row.treatment)
    return row if name == row.treatment else msgspec.structs.replace(row, treatment=name)


def merged(arms: Iterable[Arm]) -> dict[str, Arm]:
    """The arms of one study by treatment; arms of the same treatment are taken as one group of people."""
    found: dict[str, Arm] = {}
    for arm in arms:
        before = found.get(arm.treatment)
        found[arm.treatment] = arm if before is None else _together(before, arm)
    return found


def _together(one: Arm, two: Arm) -> Arm:
    """Two groups as one: counts add; means and spreads combine exactly (Cochrane Handbook 6.5.2.10)."""
    if isinstance(one, EventArm) and isinstance(two, EventArm):
        return EventArm(one.study, one.treatment, one.events + two.events, one.n + two.n)
    assert isinstance(one, MeanArm)
    assert isinstance(two, MeanArm)
    n = one.n + two.n
    mean = (one.n * one.mean + two.n * two.mean) / n
    squares = (one.n - 1) * one.sd**2 + (two.n - 1) * two.sd**2
    apart = one.n * two.n / n * (one.mean - two.mean) ** 2
    return MeanArm(one.study, one.treatment, mean, sqrt((squares + apart) / (n - 1)), n)


def repeated(arms: Sequence[Arm]) -> list[str]:
    """Treatments that more than one of the arms had."""
    names = [arm.treatment for arm in arms]
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]
