"""What a relative effect means for people: risks per 100 from a stated baseline, and the number needed to treat.

A relative effect says nothing without the risk it acts on; the baseline is therefore always an argument. Relative
effects are given as everywhere in this folder: logarithms for OR and RR, the plain difference for RD, MD and SMD.
"""

from math import exp, inf, log

import msgspec
from scipy.special import ndtr, ndtri

from lowtide.problems import bad

NOTHING = 1e-9  # a difference of risks that is rounding and no difference


class Interval(msgspec.Struct, frozen=True):
    """A value with its limits, `lower` <= `value` <= `upper`."""

    value: float
    lower: float
    upper: float

    def scaled(self, factor: float) -> "Interval":
        ends = sorted((self.lower * factor, self.upper * factor))
        return Interval(self.value * factor, ends[0], ends[1])


class Needed(msgspec.Struct, frozen=True):
    """People to treat for one more to have the outcome (`more`), or for one fewer.

    `near` and `far` are the limits, each with its own direction: where the interval of the difference includes 0 they lie
    on different sides and the numbers between them run through infinity (`through_infinity`).
    """

    number: float
    more: bool
    near: float
    near_more: bool
    far: float
    far_more: bool

    @property
    def through_infinity(self) -> bool:
        return self.near_more != self.far_more


def risk(baseline: float, estimate: float, measure: str) -> float:
    """The risk under treatment: from the risk without it and a relative effect. Never below 0 or above 1.

    Cochrane Handbook 15.4.4. RR and RD can leave the possible where the baseline is far from the trials'; they stop at
    its edge.
    """
    if not 0 <= baseline <= 1:
        raise bad(f"a baseline risk of {baseline:g}", "baseline", "Give a share from 0 to 1.")
    if measure == "OR":
        if baseline in (0, 1):
            return baseline
        odds = log(baseline / (1 - baseline)) + estimate
        return 1 / (1 + exp(-odds)) if odds > -700 else 0.0
    changed = baseline * exp(min(estimate, 700.0)) if measure == "RR" else baseline + estimate
    return min(max(changed, 0.0), 1.0)


def per_100(baseline: float, effect: Interval, measure: str) -> Interval:
    """People of 100 who have the outcome under treatment, with the limits of the effect (the baseline taken as known)."""
    value, lower, upper = (
        100 * risk(baseline, each, measure) for each in (effect.value, effect.lower, effect.upper)
    )
    return Interval(value, lower, upper)


def treated_per_100(baseline: float, effect: Interval, measure: str, *, lower_is_better: bool) -> Interval:
    """People of 100 with the outcome under treatment from any effect that says it. A standardised mean difference says it of
    response, one in points does not: BadInput."""
    if measure == "MD":
        raise bad("a difference in points says nothing of people", "baseline", "Use --measure SMD.")
    if measure == "SMD":
        return response_from_smd(baseline, effect.scaled(-1 if lower_is_better else 1)).scaled(100)
    return per_100(baseline, effect, measure)


def needed(difference: Interval) -> Needed:
    """The number needed to treat from a difference of risks (shares, not per 100): Altman, BMJ 1998;317:1309
    (doi 10.1136/bmj.317.7168.1309). `near` belongs to the limit on the side of the estimate that is farther from 0."""
    more = difference.value >= 0
    near, far = (difference.upper, difference.lower) if more else (difference.lower, difference.upper)
    return Needed(
        _inverse(difference.value), more, _inverse(near), near >= 0, _inverse(far), far >= 0 if far else more
    )


def _inverse(difference: float) -> float:
    return 1 / abs(difference) if abs(difference) > NOTHING else inf


def response_from_smd(baseline: float, smd: Interval) -> Interval:
    """The share of responders under treatment, from the share without it and a standardised mean difference.

    `smd` counts improvement as positive. Both arms are taken as normal with one spread and one cut for response:
    Furukawa and Leucht, PLoS One 2011;6:e19070 (doi 10.1371/journal.pone.0019070).
    """
    if not 0 < baseline < 1:
        raise bad(f"a baseline share of {baseline:g}", "baseline", "Give a share between 0 and 1.")
    cut = float(ndtri(baseline))
    value, lower, upper = (float(ndtr(cut + each)) for each in (smd.value, smd.lower, smd.upper))
    return Interval(value, lower, upper)
