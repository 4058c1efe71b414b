"""How many reminders a clinic's chairs gave, which of them were answered, and how soon (pure; hazard H019).

A reminder is one crossing that was said: complete, or the first of several readings. One that a graver rule said of the
same reading is not counted again; one that asked again after its quiet time is the same reminder.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from statistics import median

import msgspec

from lowtide.data.monitoring import Item
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.thresholds import Crossing, crossings

GRAVE = ("stop", "emergency")


class Told(msgspec.Struct, frozen=True):
    """One reminder of a session. `answered_min` is how long it took, None when nobody answered."""

    rule: str
    level: str
    at: datetime
    answered_min: float | None


class OfSession(msgspec.Struct, frozen=True):
    told: tuple[Told, ...]
    artefacts: int


class OfRule(msgspec.Struct, frozen=True):
    """One rule over all sessions; `median_min` is of those that were answered."""

    rule: str
    count: int
    answered: int
    median_min: float | None

    @property
    def unanswered(self) -> int:
        return self.count - self.answered


class Burden(msgspec.Struct, frozen=True):
    """`asking` are reminders that ask for more than to know (hold, stop, emergency); `most` the most in one session."""

    sessions: int
    reminders: int
    asking: int
    grave: int
    grave_answered: int
    most: int
    artefacts: int
    median_min: float | None
    rules: tuple[OfRule, ...]

    @property
    def per_session(self) -> float:
        return self.reminders / self.sessions if self.sessions else 0.0

    @property
    def asking_per_session(self) -> float:
        return self.asking / self.sessions if self.sessions else 0.0


def of_session(facts: Facts, monitoring: Mapping[str, Item]) -> OfSession:
    """What one session's reminders were."""
    found = [c for c in crossings(facts, monitoring) if c.due]
    said = [c for place, c in enumerate(found) if not _said_by(c, found[:place])]
    marked = {r.entry.id for each in facts.artefacts.values() for r in each}
    return OfSession(tuple(sorted((_told(c) for c in said), key=lambda t: t.at)), len(marked))


def _said_by(crossing: Crossing, graver: Iterable[Crossing]) -> bool:
    names, ids = set(crossing.rule.values), {crossing.first.id, crossing.latest.id}
    return any({g.first.id, g.latest.id} & ids and not names.isdisjoint(g.rule.values) for g in graver)


def _told(crossing: Crossing) -> Told:
    answer = crossing.answered
    waited = (answer.at - crossing.first.at).total_seconds() / 60 if answer else None
    return Told(crossing.rule.id, crossing.level, crossing.at, waited)


def burden(sessions: Iterable[OfSession]) -> Burden:
    """All of them together, the rule with the most reminders first."""
    each = list(sessions)
    told = [t for session in each for t in session.told]
    grave = [t for t in told if t.level in GRAVE]
    return Burden(
        sessions=len(each),
        reminders=len(told),
        asking=sum(t.level != "inform" for t in told),
        grave=len(grave),
        grave_answered=sum(t.answered_min is not None for t in grave),
        most=max((len(session.told) for session in each), default=0),
        artefacts=sum(session.artefacts for session in each),
        median_min=_median(told),
        rules=tuple(_rule(rule, told) for rule, _ in Counter(t.rule for t in told).most_common()),
    )


def _rule(rule: str, told: Iterable[Told]) -> OfRule:
    own = [t for t in told if t.rule == rule]
    return OfRule(rule, len(own), sum(t.answered_min is not None for t in own), _median(own))


def _median(told: Iterable[Told]) -> float | None:
    waits = [t.answered_min for t in told if t.answered_min is not None]
    return median(waits) if waits else None
