"""A whole network meta-analysis from rows to answers: one analysis an island, nothing between islands."""

from collections.abc import Sequence
from functools import cache, cached_property
from math import sqrt
from unicodedata import normalize

import msgspec
import numpy as np
from scipy.special import ndtri, stdtrit

from lowtide.data.evidence_words import words
from lowtide.problems import bad
from lowtide.science.evidence.agreement import Parted, Split, p_scores, parted, splits
from lowtide.science.evidence.effects import Aside, Dropped, prepared
from lowtide.science.evidence.network import Fit, fit, islands, network, sound, too_far_apart
from lowtide.science.evidence.spread import Method, spread, spread_interval
from lowtide.science.evidence.table import RATIOS, Contrast, Row

CERTAIN = 0.95
LOWER_IS_BETTER = ("MD", "SMD")
TOLD = 8
"""Reasons that are told at once when nothing can be compared."""


class Island(msgspec.Struct, frozen=True, dict=True):
    """What trials say of the treatments that they connect.

    `found` holds the estimates; `parted` is Q of the common-effect fit; `i2` the share of Q beyond chance (0 to 1),
    None where trials cannot disagree.
    """

    found: Fit
    parted: Parted
    splits: tuple[Split, ...]
    p_scores: dict[str, float]

    @property
    def i2(self) -> float | None:
        if self.parted.df <= 0:
            return None
        return (
            max(0.0, (self.parted.total - self.parted.df) / self.parted.total) if self.parted.total else 0.0
        )

    @property
    def prediction_df(self) -> int:
        return self.parted.df - 1

    @cached_property
    def tau2_interval(self) -> tuple[float, float] | None:
        return spread_interval(fit(self.found.network, 0.0))


class Analysis(msgspec.Struct, frozen=True):
    """The islands, the largest first; `reference` names a treatment of the first one that is looked at."""

    measure: str
    model: str
    method: Method
    reference: str
    lower_is_better: bool
    islands: tuple[Island, ...]
    dropped: tuple[Dropped, ...]
    aside: tuple[Aside, ...] = ()

    @property
    def ratio(self) -> bool:
        return self.measure in RATIOS

    @property
    def main(self) -> Island:
        return next(i for i in self.islands if self.reference in i.found.treatments)


def analyse(
    rows: Sequence[Row],
    measure: str,
    *,
    model: str = "random",
    method: Method = "DL",
    reference: str | None = None,
    lower_is_better: bool | None = None,
) -> Analysis:
    """Every comparison that the rows allow. Raises BadInput when they allow none, or for an unknown reference."""
    found = prepared(rows, measure)
    if not found.contrasts:
        raise bad(
            "no study compares two treatments on this measure",
            "rows",
            "; ".join(f"{d.study}: {d.reason}" for d in found.dropped[:TOLD])
            or "Give studies of two arms or more.",
        )
    lower = measure in LOWER_IS_BETTER if lower_is_better is None else lower_is_better
    groups = islands(found.contrasts)
    return Analysis(
        measure,
        model,
        method,
        _reference(groups, reference),
        lower,
        tuple(_weighed(group, found.contrasts, model, method, lower) for group in groups),
        tuple(found.dropped),
        tuple(found.aside),
    )


def _weighed(
    group: Sequence[str], pairs: Sequence[Contrast], model: str, method: Method, lower: bool
) -> Island:
    try:
        with np.errstate(all="raise", under="ignore"):
            return _island(group, pairs, model, method, lower)
    except (ArithmeticError, np.linalg.LinAlgError) as error:
        raise too_far_apart() from error


def _island(
    group: Sequence[str], pairs: Sequence[Contrast], model: str, method: Method, lower: bool
) -> Island:
    common = fit(network(group, pairs), 0.0)
    sound(common)
    tau2 = spread(common, method)
    found = fit(common.network, tau2) if model == "random" and tau2 else common
    scores = p_scores(found, smaller_is_better=lower)
    return Island(msgspec.structs.replace(found, tau2=tau2), parted(common), tuple(splits(found)), scores)


def _reference(groups: Sequence[Sequence[str]], asked: str | None) -> str:
    known = {" ".join(name.casefold().split()): name for group in groups for name in group}
    if asked is not None:
        found = known.get(" ".join(normalize("NFC", asked).casefold().split()))
        if found is None:
            raise bad(
                f"no trial has “{asked}”", "reference", f"Use one of: {', '.join(sorted(known.values()))}."
            )
        return found
    likely = (known[name] for name in words().like_placebo if known.get(name) in groups[0])
    return next(likely, groups[0][0])


@cache
def _normal(level: float) -> float:
    return float(ndtri(0.5 + level / 2))


@cache
def _student(level: float, df: int) -> float:
    return float(stdtrit(df, 0.5 + level / 2))


def interval(estimate: float, se: float, level: float = CERTAIN) -> tuple[float, float]:
    """The two-sided normal confidence interval."""
    wide = _normal(level) * se
    return estimate - wide, estimate + wide


def prediction(
    estimate: float, se: float, tau2: float, df: int, level: float = CERTAIN
) -> tuple[float, float] | None:
    """Where the effect of a new trial would lie; None with too few trials.

    Higgins, Thompson and Spiegelhalter, J R Stat Soc A 2009;172:137 (doi 10.1111/j.1467-985X.2008.00552.x): t with one
    degree of freedom fewer than the heterogeneity has.
    """
    if df < 1:
        return None
    wide = _student(level, df) * sqrt(se**2 + tau2)
    return estimate - wide, estimate + wide
