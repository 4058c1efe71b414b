"""Two treatments only: what a network of them says with Hartung and Knapp's interval, or pooled as rare events are.

A network analysis of two treatments is a pairwise one; these are the ways of pooling that exist for two treatments and
not for more.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import msgspec
from scipy.special import ndtri

from lowtide.problems import bad
from lowtide.science.evidence.effects import prepared
from lowtide.science.evidence.pairwise import pool
from lowtide.science.evidence.rare import Table, mantel_haenszel, peto
from lowtide.science.evidence.spread import Method
from lowtide.science.evidence.table import EventArm, Row, merged, one_spelling

Rare = Literal["MH", "PETO"]
GUARD = "ad hoc (Röver 2015)"
COUNTS = ("OR", "RR", "RD")


class Two(msgspec.Struct, frozen=True, kw_only=True):
    """`one` against `two` on the scale of the analysis, over so many studies; how it was pooled, with which `guard`."""

    one: str
    two: str
    how: str
    estimate: float
    se: float
    lower: float
    upper: float
    p: float | None
    studies: int
    tau2: float
    prediction: tuple[float, float] | None = None
    guard: str | None = None

    def turned(self) -> "Two":
        """The other way round."""
        ends = self.prediction and (-self.prediction[1], -self.prediction[0])
        turned = {"estimate": -self.estimate, "lower": -self.upper, "upper": -self.lower, "prediction": ends}
        return msgspec.structs.replace(self, one=self.two, two=self.one, **turned)


def knapp(rows: Iterable[Row], measure: str, *, method: Method = "DL", guard: bool = True) -> Two:
    """Random effects with Hartung and Knapp's variance and t. Raises BadInput unless there are two treatments."""
    pairs = prepared(rows, measure).contrasts
    one, two = _only_two(
        {name for pair in pairs for name in (pair.first, pair.second)}, "Hartung and Knapp's"
    )
    estimates = [pair.estimate if pair.first == one else -pair.estimate for pair in pairs]
    errors = [pair.se for pair in pairs]
    found = pool(estimates, errors, method=method, hartung_knapp=True, guard=guard)
    return Two(
        one=one,
        two=two,
        how="hartung_knapp",
        estimate=found.estimate,
        se=found.se,
        lower=found.lower,
        upper=found.upper,
        p=found.p_value,
        studies=len(pairs),
        tau2=found.tau2,
        prediction=found.prediction,
        guard=GUARD if guard else "none",
    )


def rare(rows: Iterable[Row], measure: str, how: Rare) -> Two:
    """Mantel and Haenszel's or Peto's pooled effect of counts; nothing is added to empty cells. Raises BadInput."""
    if measure not in COUNTS or (how == "PETO" and measure != "OR"):
        fits = "OR" if how == "PETO" else ", ".join(COUNTS)
        raise bad(f"--method {how} does not pool {measure}", "--method", f"Use --measure {fits}.")
    by_study: dict[str, list[EventArm]] = {}
    for row in one_spelling(rows):
        if isinstance(row, EventArm):
            by_study.setdefault(row.study, []).append(row)
    its = [merged(arms) for arms in by_study.values()]
    arms = [found for found in its if len(found) > 1]
    if not by_study:
        raise bad(
            f"--method {how} pools counts, and the table has none", "rows", "Give study,treatment,events,n."
        )
    one, two = _only_two({name for found in arms for name in found}, f"--method {how}")
    tables = [_table(found[one], found[two]) for found in arms]
    pooled = peto(tables) if how == "PETO" else mantel_haenszel(tables, measure)  # type: ignore[arg-type]
    wide = float(ndtri(0.975)) * pooled.se
    return Two(
        one=one,
        two=two,
        how=how,
        estimate=pooled.estimate,
        se=pooled.se,
        lower=pooled.estimate - wide,
        upper=pooled.estimate + wide,
        p=None,
        studies=pooled.studies,
        tau2=0.0,
    )


def knapp_interval(estimates: Sequence[float], errors: Sequence[float]) -> tuple[float, float]:
    """The interval alone, for an answer of few trials."""
    found = pool(estimates, errors, hartung_knapp=True)
    return found.lower, found.upper


def _table(one: object, two: object) -> Table:
    assert isinstance(one, EventArm)
    assert isinstance(two, EventArm)
    return Table(one.events, one.n, two.events, two.n)


def _only_two(names: set[str], what: str) -> tuple[str, str]:
    if len(names) != 2:
        told = (
            f"{len(names)} treatments: {', '.join(sorted(names))}" if names else "none that a study compares"
        )
        raise bad(
            f"{what} way of pooling is for two treatments; the table has {told}",
            "rows",
            "Leave the studies of two treatments in the file, or leave the option away.",
        )
    first, second = sorted(names)
    return first, second


METHODS = ("IV", *get_args(Rare))
