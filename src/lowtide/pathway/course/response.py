"""Did it help: each score of a treatment against the treatment's own baseline (pure)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

import msgspec

from lowtide.data.instruments import Instrument
from lowtide.pathway.course.scores import Score
from lowtide.science.instruments.change import change


class Verdict(StrEnum):
    """What a score says against the baseline. `UNKNOWN`: there is nothing to compare."""

    REMISSION = "remission"
    RESPONSE = "response"
    NONE = "no response"
    UNKNOWN = "unknown"


HELPED = frozenset({Verdict.REMISSION, Verdict.RESPONSE})


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """The baseline of the treatment, the whole scores since its first dose, and what the latest of them says.

    `lost`: a score since the first dose was a response and the latest is not. `fall_pct` is the fall of the latest
    score from the baseline in percent; it is negative where the score rose.
    """

    baseline: Score | None
    first_dose_at: datetime | None
    since: tuple[Score, ...]
    latest: Verdict
    lost: bool
    fall_pct: Fraction | None

    @property
    def helped(self) -> bool:
        return self.latest in HELPED

    @property
    def best(self) -> Score | None:
        return min(self.since, key=lambda s: (s.value, s.at), default=None)


def response(measure: Instrument, scores: Sequence[Score], first_dose_at: datetime | None) -> Response:
    """Scores in order of time against the last whole one before the treatment's first dose.

    Until that dose the latest score is the baseline to come, and nothing is judged.
    """
    whole = [s for s in scores if s.total is not None]
    before = [s for s in whole if first_dose_at is None or s.at <= first_dose_at]
    since = tuple(s for s in whole if first_dose_at is not None and s.at > first_dose_at)
    baseline = before[-1] if before else None
    verdicts = [judge(measure, baseline.value, s.value) for s in since] if baseline else []
    last = change(measure, baseline.value, since[-1].value) if baseline and since else None
    return Response(
        baseline=baseline,
        first_dose_at=first_dose_at,
        since=since,
        latest=verdicts[-1] if verdicts else Verdict.UNKNOWN,
        lost=bool(verdicts) and verdicts[-1] not in HELPED and not HELPED.isdisjoint(verdicts),
        fall_pct=last.percent if last else None,
    )


def judge(measure: Instrument, baseline: Fraction, value: Fraction) -> Verdict:
    """By the measure's own cuts: remission comes before response."""
    found = change(measure, baseline, value)
    if found.remission:
        return Verdict.REMISSION
    if found.response:
        return Verdict.RESPONSE
    return Verdict.NONE
