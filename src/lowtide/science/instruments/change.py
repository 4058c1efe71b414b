"""What a change between two scores means: response, remission, important and reliable change.

Bounds come from the instrument's data; the remission cut used is kept with the result, because published cuts differ.
"""

from fractions import Fraction

import msgspec

from lowtide.data.instruments import ChangeRule, Instrument


class Change(msgspec.Struct, frozen=True):
    """`points` and `percent` count improvement as positive. None means that no bound is known, or that a percentage
    of a baseline of zero has no meaning."""

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


def change(instrument: Instrument, before: Fraction, after: Fraction) -> Change:
    """From `before` (usually the baseline) to `after`, by the instrument's own rule."""
    rule = instrument.change or ChangeRule()
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
        reliable=None if rule.reliable_points is None else points >= rule.reliable_points,
        deteriorated=None if rule.reliable_points is None else -points >= rule.reliable_points,
        unverified=tuple(name for name in instrument.unverified if name.startswith("change.")),
    )


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
