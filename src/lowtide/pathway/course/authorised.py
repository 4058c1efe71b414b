"""Whether a payer agrees: each request with what became of it, and which agreement holds for a day (pure).

A session counts against an agreement by the day on which its dose began. What nobody wrote down is not known: it is
neither an agreement nor a refusal.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from lowtide.pathway.course.sessions import Dose
from lowtide.record.chart import Chart
from lowtide.record.entries.authorising import (
    DENIED,
    GRANTED,
    MORE,
    AuthorisationAnswered,
    AuthorisationAppealed,
    AuthorisationAsked,
    AuthorisationNotNeeded,
)
from lowtide.record.entries.base import Body, Entry


class Standing(StrEnum):
    """How a request stands."""

    ASKED = "asked"
    MORE = "more"
    GRANTED = "granted"
    DENIED = "denied"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"


_SAID = {GRANTED: Standing.GRANTED, DENIED: Standing.DENIED, MORE: Standing.MORE}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One request: the entry it began with, every step since, what the last answer was. `since` is when it came to stand
    so; `used` counts the sessions held under it."""

    id: UUID
    entry: Entry
    asked: AuthorisationAsked
    steps: tuple[tuple[Entry, Body], ...]
    standing: Standing
    since: datetime
    answer: AuthorisationAnswered | None = None
    used: int = 0

    @property
    def last(self) -> date | None:
        return self.answer.last if self.answer and self.standing is Standing.GRANTED else None

    @property
    def left(self) -> int | None:
        """Sessions that are left of those granted; None where the letter named no number."""
        if self.standing is not Standing.GRANTED or self.answer is None or self.answer.sessions is None:
            return None
        return max(self.answer.sessions - self.used, 0)

    def covers(self, day: date) -> bool:
        """Whether a session on that day lies within what was granted, with one left for it."""
        said = self.answer
        if self.standing is not Standing.GRANTED or said is None:
            return False
        return (
            (said.first is None or said.first <= day)
            and (said.last is None or day <= said.last)
            and self.left != 0
        )


def cases(chart: Chart, doses: Iterable[Dose] = ()) -> tuple[Case, ...]:
    """Every request that stands, the latest last."""
    given = [dose.started_at.astimezone(UTC).date() for dose in doses]
    steps: dict[UUID, list[tuple[Entry, Body]]] = {}
    answers, appeals = chart.said(AuthorisationAnswered), chart.said(AuthorisationAppealed)
    for entry, name, said in (*((e, b.case, b) for e, b in answers), *((e, b.case, b) for e, b in appeals)):
        steps.setdefault(_root(chart, name), []).append((entry, said))
    return tuple(
        _case(chart, entry, body, steps.get(_root(chart, entry.id), []), given)
        for entry, body in chart.said(AuthorisationAsked)
    )


def _case(
    chart: Chart, entry: Entry, asked: AuthorisationAsked, steps: list[tuple[Entry, Body]], given: list[date]
) -> Case:
    ordered = tuple(sorted(steps, key=lambda step: step[0].order))
    answers = [(e, b) for e, b in ordered if isinstance(b, AuthorisationAnswered)]
    latest = ordered[-1] if ordered else None
    answer = answers[-1][1] if answers else None
    granted = answer if answer and answer.answer == GRANTED else None
    return Case(
        id=_root(chart, entry.id),
        entry=entry,
        asked=asked,
        steps=ordered,
        standing=_standing(latest[1] if latest else None),
        since=latest[0].at if latest else entry.at,
        answer=answer,
        used=sum(_within(day, granted) for day in given) if granted else 0,
    )


def _standing(latest: Body | None) -> Standing:
    if isinstance(latest, AuthorisationAppealed):
        return Standing.APPEALED
    if isinstance(latest, AuthorisationAnswered):
        return _SAID.get(latest.answer, Standing.WITHDRAWN)
    return Standing.ASKED


def _within(day: date, granted: AuthorisationAnswered) -> bool:
    return (granted.first is None or granted.first <= day) and (granted.last is None or day <= granted.last)


def _root(chart: Chart, entry: UUID) -> UUID:
    return chart.line(entry)[0].id if entry in chart.entries else entry


def in_force(found: Iterable[Case], day: date) -> Case | None:
    """The agreement that covers a day: of several the one that lasts longest."""
    holds = [case for case in found if case.covers(day)]
    return max(holds, key=lambda case: (case.last or date.max, case.since), default=None)


def present(found: Iterable[Case], day: date) -> Case | None:
    """What there is to say today: the agreement that holds, else the request that was last heard of."""
    told = [case for case in found if case.standing is not Standing.WITHDRAWN]
    return in_force(told, day) or max(told, key=lambda case: case.since, default=None)


def not_needed(chart: Chart, product: str) -> tuple[Entry, AuthorisationNotNeeded] | None:
    """The latest word that this product needs no agreement, unless the payer was asked since."""
    said = [(e, b) for e, b in chart.said(AuthorisationNotNeeded) if b.product == product]
    asked = [e for e, b in chart.said(AuthorisationAsked) if b.product == product]
    return said[-1] if said and not (asked and asked[-1].order > said[-1][0].order) else None


def end_of(day: date) -> datetime:
    """The instant at which a day is over; days of letters are counted in UTC, as the worklist is."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)
