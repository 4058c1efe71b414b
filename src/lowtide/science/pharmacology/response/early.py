"""Whether an early sign of a course that will not answer is there, and what it says with the odds of before."""

from collections.abc import Sequence

import msgspec

from lowtide.data.early_signals import Signal

HOURS = 24.0


class Early(msgspec.Struct, frozen=True):
    """One sign. `met` is None while its scores are not there; `p_response_with` is the chance of a response that is left
    with the sign as it is, by its printed accuracy and the chance there was before, None where that was not printed."""

    id: str
    title: str
    met: bool | None
    outcome: str
    sensitivity: float | None
    specificity: float | None
    n: int | None
    p_response_before: float | None
    p_response_with: float | None
    source: str
    verified: bool
    note: str


def early(
    signals: Sequence[Signal],
    sessions: Sequence[float],
    baseline: float,
    seen: Sequence[tuple[float, float]],
    before: float | None,
) -> list[Early]:
    """Each sign on the scores (day, value) after the first sessions; `before`: chance of response without the scores."""
    return [_one(s, sessions, baseline, seen, before) for s in signals]


def _one(
    signal: Signal,
    sessions: Sequence[float],
    baseline: float,
    seen: Sequence[tuple[float, float]],
    before: float | None,
) -> Early:
    falls = [_fall(signal, day, baseline, seen) for day in sessions[: signal.sessions]]
    met: bool | None
    if any(f is not None and f >= signal.fall_below for f in falls):
        met = False
    elif len(falls) == signal.sessions and None not in falls:
        met = True
    else:
        met = None
    return Early(
        signal.id,
        signal.title,
        met,
        signal.outcome,
        signal.sensitivity,
        signal.specificity,
        signal.n,
        before,
        _left(signal, met, before),
        signal.source,
        signal.verified,
        signal.note,
    )


def _fall(
    signal: Signal, session: float, baseline: float, seen: Sequence[tuple[float, float]]
) -> float | None:
    """The fall of the first score within the sign's hours after a session."""
    low, high = (session + hours / HOURS for hours in signal.after_h)
    return next((1 - value / baseline for day, value in sorted(seen) if low <= day <= high), None)


def _left(signal: Signal, met: bool | None, before: float | None) -> float | None:
    if met is None or before is None or signal.sensitivity is None or signal.specificity is None:
        return None
    if met:  # the response that tells was not there
        good, bad = 1 - signal.sensitivity, signal.specificity
    else:
        good, bad = signal.sensitivity, 1 - signal.specificity
    return round(good * before / (good * before + bad * (1 - before)), 4)
