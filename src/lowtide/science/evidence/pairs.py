"""Each pair of treatments that trials compared, by itself: every way of pooling side by side, and whether small trials find more.

Nothing indirect is in it. Counts are pooled as risk ratio and risk difference, too, and by Mantel and Haenszel's weights, which
add nothing to an empty cell.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from lowtide.problems import BadInput
from lowtide.science.evidence.effects import contrasts
from lowtide.science.evidence.pairwise import Pooled, egger, pool
from lowtide.science.evidence.table import Contrast, EventArm, Row, one_spelling
from lowtide.science.evidence.two import COUNTS, Two, rare


class Asymmetry(NamedTuple):
    """Egger's intercept: away from 0 where small trials find something else than large ones; p of such a distance."""

    intercept: float
    se: float
    p: float


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """`one` against `two`, on the scale of the analysis. `random` has tau2 by moments, `likely` by restricted likelihood, `mandel`
    after Paule and Mandel. `knapp` is `random` with Hartung and Knapp's limits; `weighed` by
    Mantel and Haenszel, None where these are no counts or nothing can be said; `as_` are other measures of the same counts.
    """

    one: str
    two: str
    measure: str
    trials: tuple[Contrast, ...]
    common: Pooled
    random: Pooled
    likely: Pooled
    mandel: Pooled
    knapp: Pooled
    weighed: Two | None
    as_: dict[str, Pooled]
    asymmetry: Asymmetry | None


def pairs(rows: Iterable[Row], measure: str, order: Callable[[str], Any] = str.casefold) -> tuple[Pair, ...]:
    """Every pair, the one with most trials first; `order` says which treatment of a pair is named first."""
    its = one_spelling(rows)
    found = sorted(_by_pair(its, measure, order).items(), key=lambda one: (-len(one[1]), one[0]))
    return tuple(_pair(pair, trials, its, measure, order) for pair, trials in found)


def _by_pair(
    rows: Sequence[Row], measure: str, order: Callable[[str], Any]
) -> dict[tuple[str, str], list[Contrast]]:
    found: dict[tuple[str, str], list[Contrast]] = {}
    for one in contrasts(rows, measure)[0]:
        turned = one if order(one.first) <= order(one.second) else one.turned()
        found.setdefault((turned.first, turned.second), []).append(turned)
    return found


def _pair(
    pair: tuple[str, str],
    trials: Sequence[Contrast],
    rows: Sequence[Row],
    measure: str,
    order: Callable[[str], Any],
) -> Pair:
    estimates, errors = [t.estimate for t in trials], [t.se for t in trials]
    counts = [row for row in rows if isinstance(row, EventArm) and row.treatment in pair]
    tested = egger(estimates, errors)
    as_ = {other: _by_pair(counts, other, order).get(pair, []) for other in COUNTS if other != measure}
    return Pair(
        one=pair[0],
        two=pair[1],
        measure=measure,
        trials=tuple(trials),
        common=pool(estimates, errors, model="common"),
        random=pool(estimates, errors),
        likely=pool(estimates, errors, method="REML"),
        mandel=pool(estimates, errors, method="PM"),
        knapp=pool(estimates, errors, hartung_knapp=True),
        weighed=_weighed(pair, counts, measure),
        as_={
            other: pool([t.estimate for t in its], [t.se for t in its]) for other, its in as_.items() if its
        },
        asymmetry=Asymmetry(*tested) if tested else None,
    )


def _weighed(pair: tuple[str, str], counts: Sequence[EventArm], measure: str) -> Two | None:
    if measure not in COUNTS or not counts:
        return None
    try:
        found = rare(counts, measure, "MH")
    except BadInput:
        return None
    return found if found.one == pair[0] else found.turned()
