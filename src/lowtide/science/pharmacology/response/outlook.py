"""From members' courses to what a clinician reads: bands and probabilities by day, and members weighed by scores."""

from collections.abc import Sequence

import msgspec
import numpy as np

from lowtide.data.pharmacology import Response
from lowtide.science.pharmacology.response.model import Members, Session, scores
from lowtide.science.pharmacology.structure import Array

RESPONSE = 0.5  # of the baseline, gone: what trials count, and what counts where a table names no response
PERCENTS = {"p5": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}


class Cuts(msgspec.Struct, frozen=True):
    """An instrument's remission cut (at or below), relapse cut (at or above) and top score; `fall`, `points` and `at_most`:
    the part of the baseline, the points and the score of which any one is a response, None where the table has none."""

    remission: float | None
    relapse: float | None
    top: float
    fall: float | None = RESPONSE
    points: float | None = None
    at_most: float | None = None

    def response(self, baseline: float) -> float:
        """The highest score that is a response; a remission is one."""
        cut = self.remission if self.remission is not None and self.remission < baseline else None
        fallen = None if self.fall is None else (1 - self.fall) * baseline
        lower = None if self.points is None else baseline - self.points
        return max(one for one in (0.0, fallen, lower, self.at_most, cut) if one is not None)


class Day(msgspec.Struct, frozen=True):
    """One day: band of the score, and the probabilities of response, remission, and relapse by then of responders."""

    day: float
    median: float
    p5: float
    p25: float
    p75: float
    p95: float
    p_response: float
    p_remission: float | None
    p_relapse: float | None


def weights(
    people: Members, sessions: tuple[Session, ...], baseline: float, observed: tuple[tuple[float, float], ...]
) -> Array:
    """How well each member fits the scores observed, (day, score) each: weights (members,) that add up to 1."""
    if not observed:
        return np.full(len(people.emax), 1 / len(people.emax))
    days, values = (np.array(column, float) for column in zip(*observed, strict=True))
    gaps = (values[None, :] - scores(people, sessions, days, baseline)) / error(people.numbers, baseline)
    log = -0.5 * (gaps * gaps).sum(1)
    found = np.exp(log - log.max())
    return np.asarray(found / found.sum())


def error(numbers: Response, baseline: float) -> float:
    """SD of one measurement, in points; half a point at least, as scores are whole."""
    return max(numbers.residual["sd"].value * baseline, 0.5)


def effective(weight: Array) -> float:
    """Effective sample size of these weights."""
    return float(1 / (weight * weight).sum())


def outlook(
    readings: Array, days: Array, baseline: float, cuts: Cuts, weight: Array | None = None
) -> list[Day]:
    """Bands and probabilities by day of `readings` (members, days), each member counting by its weight."""
    w = np.full(len(readings), 1 / len(readings)) if weight is None else weight
    responded = readings <= cuts.response(baseline)
    relapsed = _relapsed(readings, responded, cuts.relapse)
    found = []
    for i, day in enumerate(days):
        ever = responded[:, : i + 1].any(1)
        share = float(w[ever].sum())
        found.append(
            Day(
                day=float(day),
                **dict(zip(PERCENTS, quantiles(readings[:, i], w, list(PERCENTS.values())), strict=True)),
                p_response=float(w[responded[:, i]].sum()),
                p_remission=None
                if cuts.remission is None
                else float(w[readings[:, i] <= cuts.remission].sum()),
                p_relapse=float(w[relapsed[:, i]].sum() / share)
                if cuts.relapse is not None and share > 0
                else None,
            )
        )
    return found


def _relapsed(readings: Array, responded: Array, cut: float | None) -> Array:
    """Whether each member has been back at the cut since first responding, by day."""
    return np.zeros_like(responded) if cut is None else back_again(readings, responded, cut)


def back_again(course: Array, responded: Array, cut: float) -> Array:
    """Whether each member has relapsed by a day: back at the cut after a response, and either no response any more or, of
    a high baseline, once below the cut. `responded`: by day, half of the baseline gone."""
    ever = np.logical_or.accumulate(responded, 1)
    below = np.logical_or.accumulate(responded & (course < cut), 1)
    return np.asarray(np.logical_or.accumulate(ever & (course >= cut) & (below | ~responded), 1))


def bands(readings: Array, at: Sequence[float]) -> Array:
    """Quantiles by day of members who count alike, (quantiles, days)."""
    ordered, places = np.sort(readings, axis=0), (len(readings) - 1) * np.asarray(at)
    low = np.minimum(places.astype(int), len(readings) - 2)
    below = ordered[low]
    return np.asarray(below + (places - low)[:, None] * (ordered[low + 1] - below))


def quantiles(values: Array, weight: Array, at: list[float]) -> list[float]:
    """Weighted quantiles by the middle of each member's share."""
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weight[order]) - weight[order] / 2
    return [float(q) for q in np.interp(at, middle / weight.sum(), values[order])]
