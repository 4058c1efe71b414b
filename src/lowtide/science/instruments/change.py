"""What a change between two scores means: response, remission, important and reliable change.

Bounds come from the instrument's data; the remission cut used is kept with the result, because published cuts differ.
"""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import sqrt

import msgspec

from lowtide.data.instruments import ChangeRule, Instrument

NORMAL_95 = 1.96  # two-sided 95 % of the normal distribution, as Jacobson and Truax use it


class Category(StrEnum):
    """Jacobson and Truax: a change beyond measurement error, and whether it ends among the well.

    `RECOVERED` is a reliable improvement that crosses the instrument's remission cut.
    """

    RECOVERED = "recovered"
    IMPROVED = "reliably improved"
    UNCHANGED = "no reliable change"
    DETERIORATED = "reliably worse"


class Change(msgspec.Struct, frozen=True):
    """`points` and `percent` count improvement as positive. None means that no bound is known, or that a percentage
    of a baseline of zero has no meaning. `reliable` is a change beyond measurement error whichever way it goes,
    `reliably_better` and `deteriorated` say which way."""

    instrument: str
    points: Fraction
    percent: Fraction | None
    response: bool | None
    remission: bool | None
    remission_cut: str | None
    important: bool | None
    reliable: bool | None
    deteriorated: bool | None
    unverified: tuple[str, ...]
    importantly_worse: bool | None = None
    reliable_points: Decimal | None = None
    category: Category | None = None
    reliably_better: bool | None = None


def change(
    instrument: Instrument, before: Fraction, after: Fraction, reliable_points: Decimal | None = None
) -> Change:
    """From `before` (usually the baseline) to `after`, by the instrument's own rule; `reliable_points` is the bound of
    somebody's own sample, where it takes the place of the published one."""
    rule = instrument.change or ChangeRule()
    bound = reliable_points if reliable_points is not None else rule.reliable_points
    points = before - after if instrument.better == "lower" else after - before
    percent = 100 * points / before if before else None
    return Change(
        instrument=instrument.id,
        points=points,
        percent=percent,
        response=_response(rule, points, percent, after),
        remission=_remission(rule, after),
        remission_cut=_remission_cut(rule),
        important=None if rule.important_points is None else points >= rule.important_points,
        reliable=None if bound is None else abs(points) >= bound,
        deteriorated=None if bound is None else -points >= bound,
        unverified=tuple(name for name in instrument.unverified if name.startswith("change.")),
        importantly_worse=None if rule.important_points is None else -points >= rule.important_points,
        reliable_points=bound,
        category=None if bound is None else _category(rule, points, before, after, bound),
        reliably_better=None if bound is None else points >= bound,
    )


def reliable_change_points(sd: Decimal, reliability: Decimal) -> Decimal:
    """The smallest change that measurement error alone makes in fewer than one of twenty people: 1.96 times the
    standard error of a difference, from a sample's standard deviation and the instrument's reliability in it."""
    return Decimal(str(round(NORMAL_95 * float(sd) * sqrt(2 * (1 - float(reliability))), 4)))


def _category(
    rule: ChangeRule, points: Fraction, before: Fraction, after: Fraction, bound: Decimal
) -> Category:
    if -points >= bound:
        return Category.DETERIORATED
    if points < bound:
        return Category.UNCHANGED
    crosses = _remission(rule, after) and not _remission(rule, before)
    return Category.RECOVERED if crosses else Category.IMPROVED


def _response(rule: ChangeRule, points: Fraction, percent: Fraction | None, after: Fraction) -> bool | None:
    verdicts = []
    if rule.response_fall_pct is not None and percent is not None:
        verdicts.append(percent >= rule.response_fall_pct)
    if rule.response_points is not None:
        verdicts.append(points >= rule.response_points)
    if rule.response_at_most is not None:
        verdicts.append(after <= rule.response_at_most)
    return any(verdicts) if verdicts else None


def _remission(rule: ChangeRule, after: Fraction) -> bool | None:
    if rule.remission_at_most is not None:
        return after <= rule.remission_at_most
    return None if rule.remission_below is None else after < rule.remission_below


def _remission_cut(rule: ChangeRule) -> str | None:
    if rule.remission_at_most is not None:
        return f"{rule.remission_at_most} or less"
    return None if rule.remission_below is None else f"under {rule.remission_below}"
