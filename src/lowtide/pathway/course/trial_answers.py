"""What the table of trials says now: its answers by name and its claims judged, worked out once for each state of the data."""

from functools import lru_cache

import msgspec

from lowtide.data import claims, evidence_answers, events
from lowtide.data.evidence import Tables
from lowtide.data.evidence_checks import tables
from lowtide.science.evidence.judged import Judged, judge
from lowtide.science.evidence.named import Answer, answers


class Standing(msgspec.Struct, frozen=True):
    tables: Tables
    answers: dict[str, Answer]
    claims: dict[str, Judged]


def standing(given: Tables | None = None) -> Standing:
    """The answers of these tables, those that come with the product without any; kept by the tables' digest."""
    return _standing(given or tables(), evidence_answers.digest())


@lru_cache(maxsize=4)
def _standing(given: Tables, named: str) -> Standing:
    found = answers(given, events.rates_by_key(), evidence_answers.named())
    return Standing(given, found, {c.id: judge(c, found) for c in claims.claims().values()})
