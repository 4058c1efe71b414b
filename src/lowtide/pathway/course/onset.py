"""How fast it helped and what became of it: the first time of each fall, response, remission, and its loss (pure)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from lowtide.data.trajectory import Fall, falls
from lowtide.pathway.course.measures import Tracked
from lowtide.pathway.course.response import Outcome, Response
from lowtide.pathway.course.scores import Score


class Onset(msgspec.Struct, frozen=True, kw_only=True):
    """When a fall was first seen. It came between `not_before` (the last look without it, or the dose) and `score`.

    `after` and `not_before` count from the first dose; they are None while the fall was not seen. `held` says whether
    the next score kept it, None without one. `doses` were given until then.
    """

    fall: Fall
    score: Score | None
    after: timedelta | None
    not_before: timedelta | None
    held: bool | None
    doses: int


class Turn(msgspec.Struct, frozen=True):
    """A day on which the standing of a course changed."""

    score: Score
    what: str
    level: str


def onsets(one: Tracked, doses_at: Sequence[datetime]) -> tuple[Onset, ...]:
    """For each fall that is told, when it was first seen; nothing before the first dose or without a baseline."""
    first = one.found.first_dose_at
    if first is None or one.found.baseline is None or not one.found.baseline.value:
        return ()
    return tuple(_onset(one, fall, first, doses_at) for fall in falls())


def _onset(one: Tracked, fall: Fall, first: datetime, doses_at: Sequence[datetime]) -> Onset:
    fallen = [_has_fallen(one, score, fall) for score in one.found.since]
    if True not in fallen:
        return Onset(fall=fall, score=None, after=None, not_before=None, held=None, doses=0)
    n = fallen.index(True)
    score = one.found.since[n]
    return Onset(
        fall=fall,
        score=score,
        after=score.at - first,
        not_before=one.found.since[n - 1].at - first if n else timedelta(0),
        held=fallen[n + 1] if n + 1 < len(fallen) else None,
        doses=sum(at < score.at for at in doses_at),
    )


def _has_fallen(one: Tracked, score: Score, fall: Fall) -> bool:
    found = one.against_baseline(score)
    return found is not None and found.percent is not None and found.percent >= fall.fall_pct


HOURS_TOLD = 96
"""Up to so many hours a span is told in hours, after that in days."""


def soon(found: Onset) -> str:
    """How soon a fall was seen: hours at first, then days; days alone where no time of day is known."""
    assert found.after is not None
    assert found.score
    return span(found.after, days_only=found.score.day_only)


def span(after: timedelta, *, days_only: bool = False) -> str:
    hours = max(1, round(after.total_seconds() / 3600))
    if hours <= HOURS_TOLD and not days_only:
        return f"{hours} h"
    days = max(1, round(hours / 24))
    return f"{days} day{'' if days == 1 else 's'}"


def turns(one: Tracked) -> tuple[Turn, ...]:
    """Response, remission, their loss and relapse, each on the day on which a score first said so."""
    return tuple(_turns(one.found))


def _turns(found: Response) -> Iterator[Turn]:
    standing = Outcome.NEVER
    for score, outcome in zip(found.since, found.outcomes, strict=False):
        if outcome is not standing:
            unsure = ", not confirmed," if score.unconfirmed else ""
            yield Turn(score, f"{_turned(standing, outcome)}{unsure}", LEVELS.get(outcome, "clear"))
        standing = outcome


LEVELS = {Outcome.LOST: "caution", Outcome.RELAPSE: "hold"}


def _turned(before: Outcome, now: Outcome) -> str:
    if now is Outcome.RESPONSE and before is Outcome.REMISSION:
        return "remission lost, response holds"
    if now is Outcome.LOST and before is Outcome.RELAPSE:
        return "no longer a relapse, response still lost"
    return now.value
