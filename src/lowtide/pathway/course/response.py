"""Did it help, and does it still: each score of a treatment against the treatment's own baseline, folded in order (pure).

The one place that says response, remission, response lost, relapse and no response; every page, rule and paper asks here.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

import msgspec

from lowtide.data.instruments import Instrument
from lowtide.data.maintenance import Relapse, relapse_of
from lowtide.pathway.course.scores import Score
from lowtide.science.instruments.change import Change, change


class Verdict(StrEnum):
    """What one score by itself says against the baseline. `UNKNOWN`: there is nothing to compare."""

    REMISSION = "remission"
    RESPONSE = "response"
    NONE = "no response"
    UNKNOWN = "unknown"


HELPED = frozenset({Verdict.REMISSION, Verdict.RESPONSE})


class Outcome(StrEnum):
    """Where somebody stands with everything that came before. `NEVER`: no score was a response so far."""

    UNKNOWN = "unknown"
    NEVER = "no response"
    RESPONSE = "response"
    REMISSION = "remission"
    LOST = "response lost"
    RELAPSE = "relapse"


HOLDS = frozenset({Outcome.REMISSION, Outcome.RESPONSE})
GONE = frozenset({Outcome.LOST, Outcome.RELAPSE})


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """The baseline of the treatment, the whole scores since its first dose, and what each of them says after the others.

    `outcomes` go with `since`; there are none without a baseline. `lost`: a response was there and is not any more,
    relapse or not. `fall_pct` is the fall of the latest score from the
    baseline in percent; it is negative where the score rose. `cut` is the measure's definition of a relapse. `anew_at` is
    the first dose of the last new series, None where there was none.
    """

    baseline: Score | None
    first_dose_at: datetime | None
    since: tuple[Score, ...]
    latest: Verdict
    fall_pct: Fraction | None
    lost: bool = False
    outcomes: tuple[Outcome, ...] = ()
    cut: Relapse | None = None
    anew_at: datetime | None = None

    @property
    def outcome(self) -> Outcome:
        """Where the person stands by the latest score."""
        return self.outcomes[-1] if self.outcomes else Outcome(self.latest.value)

    @property
    def unconfirmed(self) -> str:
        """Why the score that says so is preliminary; empty where it is not."""
        latest = self.since[-1] if self.since else self.baseline
        return latest.unconfirmed if latest else ""

    @property
    def helped(self) -> bool:
        return self.outcome in HOLDS

    @property
    def relapse(self) -> Score | None:
        """The latest score where it is a relapse."""
        return self.since[-1] if self.outcome is Outcome.RELAPSE else None

    @property
    def lost_at(self) -> datetime | None:
        """The score from which on the response is gone."""
        return self._turned(GONE)

    @property
    def held_from(self) -> datetime | None:
        """The score from which on the response has held up to now."""
        return self._turned(HOLDS)

    def _turned(self, into: frozenset[Outcome]) -> datetime | None:
        since = None
        for score, outcome in zip(self.since, self.outcomes, strict=False):
            since = (since or score.at) if outcome in into else None
        return since

    @property
    def unanswered(self) -> bool:
        """Nobody's response was lost here: the present series has scores, and none of them was a response. Only then do
        rules for those who do not respond speak of this person."""
        last = [
            outcome
            for score, outcome in zip(self.since, self.outcomes, strict=False)
            if self.anew_at is None or score.at > self.anew_at
        ]
        return bool(last) and HOLDS.isdisjoint(last)

    @property
    def best(self) -> Score | None:
        return min(self.since, key=lambda s: (s.value, s.at), default=None)


class Tracked(msgspec.Struct, frozen=True):
    """One measure: every form of it in order of time, and whether it helped."""

    measure: Instrument
    scores: tuple[Score, ...]
    found: Response

    @property
    def whole(self) -> tuple[Score, ...]:
        return tuple(s for s in self.scores if s.total is not None)

    @property
    def unscored(self) -> tuple[Score, ...]:
        """Forms without a total: left half-way, or with an answer that cannot be read."""
        return tuple(s for s in self.scores if s.total is None)

    def against_baseline(self, score: Score) -> Change | None:
        """What the score says against the baseline; None without one."""
        baseline = self.found.baseline
        return change(self.measure, baseline.value, score.value) if baseline else None

    @property
    def best(self) -> Score | None:
        """The best score since the first dose, the earlier of two that are equal."""
        sign = 1 if self.measure.better == "lower" else -1
        return min(self.found.since, key=lambda s: (sign * s.value, s.at), default=None)


def response(
    measure: Instrument,
    scores: Sequence[Score],
    first_dose_at: datetime | None,
    anew_at: datetime | None = None,
) -> Response:
    """Scores in order of time against the last whole one before the treatment's first dose.

    Until that dose the latest score is the baseline to come, and nothing is judged.
    """
    whole = [s for s in scores if s.total is not None]
    before = [s for s in whole if first_dose_at is None or s.at <= first_dose_at]
    since = tuple(s for s in whole if first_dose_at is not None and s.at > first_dose_at)
    baseline = before[-1] if before else None
    last = change(measure, baseline.value, since[-1].value) if baseline and since else None
    said = outcomes(measure, baseline.value, [s.value for s in since]) if baseline else ()
    return Response(
        baseline=baseline,
        first_dose_at=first_dose_at,
        since=since,
        lost=bool(said) and said[-1] in GONE,
        outcomes=said,
        latest=judge(measure, baseline.value, since[-1].value) if baseline and since else Verdict.UNKNOWN,
        fall_pct=last.percent if last else None,
        cut=relapse_of(measure.id),
        anew_at=anew_at,
    )


def outcomes(measure: Instrument, baseline: Fraction, values: Sequence[Fraction]) -> tuple[Outcome, ...]:
    """What each score says after those before it, in order of time.

    After a response, a score back at the measure's cut is a relapse: one that is no response any more, and one that
    still is half of a high baseline where the person had been below the cut.
    """
    return tuple(_outcomes(measure, baseline, values))


def _outcomes(measure: Instrument, baseline: Fraction, values: Sequence[Fraction]) -> Iterator[Outcome]:
    cut = relapse_of(measure.id)
    ever = below = False
    for value in values:
        verdict = judge(measure, baseline, value)
        helps, at_cut = verdict in HELPED, cut is not None and value >= cut.at_least
        ever = ever or helps
        if ever and at_cut and (below or not helps):
            yield Outcome.RELAPSE
        else:
            yield Outcome(verdict.value) if helps or not ever else Outcome.LOST
        below = below or (helps and not at_cut)


def outcome_words(found: Response) -> str:
    """Where somebody stands; after a new series that has brought no response, both; and whether that is sure."""
    series = ", and no response to the new series so far" if found.lost and found.unanswered else ""
    unsure = f", not confirmed: {found.unconfirmed}" if found.unconfirmed else ""
    return f"{found.outcome.value}{series}{unsure}"


def judge(measure: Instrument, baseline: Fraction, value: Fraction) -> Verdict:
    """By the measure's own cuts: remission comes before response."""
    found = change(measure, baseline, value)
    if found.remission:
        return Verdict.REMISSION
    if found.response:
        return Verdict.RESPONSE
    return Verdict.NONE


def relapse_from(one: Tracked) -> int | None:
    """The lowest whole score that would be this person's relapse, from a response that holds now; None where no table
    names a cut or there is no baseline."""
    cut, baseline = one.found.cut, one.found.baseline
    if cut is None or baseline is None:
        return None
    found = cut.at_least
    if any(s.value < found for s, o in zip(one.found.since, one.found.outcomes, strict=False) if o in HOLDS):
        return found
    while judge(one.measure, baseline.value, Fraction(found)) in HELPED:
        found += 1
    return found
