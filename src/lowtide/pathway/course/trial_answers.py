"""What the table of trials says now: its answers by name and its claims judged, worked out once for each state of the data."""

from functools import cache, lru_cache

import msgspec

from lowtide.data import claims, events, named_answers, read
from lowtide.data.evidence import Tables
from lowtide.data.evidence_certainty import certainty
from lowtide.data.evidence_checks import tables
from lowtide.data.evidence_words import words
from lowtide.data.named_answers import Certainty
from lowtide.science.evidence import fading
from lowtide.science.evidence.compare import Known
from lowtide.science.evidence.fading import Faded
from lowtide.science.evidence.judged import Judged, judge
from lowtide.science.evidence.looked import since
from lowtide.science.evidence.named import Answer
from lowtide.science.evidence.rated import answers, of_group


class Standing(msgspec.Struct, frozen=True):
    tables: Tables
    answers: dict[str, Answer]
    claims: dict[str, Judged]


class HalfTime(msgspec.Struct, frozen=True):
    """How fast one group lost its response, how sure that is, and why."""

    faded: Faded
    certainty: Certainty
    why: str


def known(given: Tables | None = None) -> Known:
    """All that answers rest on: these tables, those that come with the product without any."""
    return _known(given or tables(), words().versions)


@lru_cache(maxsize=4)
def _known(given: Tables, versions: str) -> Known:
    return Known(given, words(), certainty(), _rates(), f"{given.digest} {versions}")


@cache
def _rates() -> tuple[dict[str, str], ...]:
    return tuple(read.csv_rows("adverse_event_rates.csv"))


def standing(given: Tables | None = None) -> Standing:
    """The answers of these tables; kept by their digest."""
    return _standing(known(given), named_answers.digest())


@lru_cache(maxsize=4)
def _standing(of: Known, named: str) -> Standing:
    found = answers(of, events.rates_by_key(), named_answers.named())
    return Standing(of.tables, found, {c.id: _judged(of, c, found) for c in claims.claims().values()})


def _judged(of: Known, claim: claims.Claim, found: dict[str, Answer]) -> Judged:
    """With what came after somebody had looked at it."""
    after = since(claim, claims.looked().get(claim.id), found, of.tables)
    return msgspec.structs.replace(judge(claim, found), since=after)


def sure_of_lasting(given: Tables | None = None) -> dict[int, Certainty]:
    """How sure each row on who was still well is, by its line."""
    return _sure_of_lasting(known(given), named_answers.digest())


@lru_cache(maxsize=4)
def _sure_of_lasting(of: Known, named: str) -> dict[int, Certainty]:
    found = standing(of.tables).answers
    told = {one.row.line: of_group(of, one, found)[0] for one in fading.faded(of.tables)}
    its = (
        (row.line, answer) for answer in found.values() for table, row in answer.rows if table == "durability"
    )
    return told | {line: answer.certainty for line, answer in its}


def half_times(given: Tables | None = None, *, unverified: bool = False) -> tuple[HalfTime, ...]:
    """Of each group that was followed, in the order of the table."""
    of, found = known(given), standing(given).answers
    its = fading.latest(fading.faded(of.tables, unverified=unverified))
    return tuple(HalfTime(one, *of_group(of, one, found)) for one in its)
