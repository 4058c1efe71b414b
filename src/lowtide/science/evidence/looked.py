"""What came after somebody had looked at a claim: answers behind it that say something else now, and trials that were not there."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from lowtide.data.claims import Claim, Looked
from lowtide.data.evidence import AdverseEvent, Durability, Outcome, Tables
from lowtide.data.evidence_words import words
from lowtide.science.evidence.named import Answer

KETAMINE = "ketamine"
SAME = 5e-3
"""Figures nearer than this share of themselves are read as the same."""


class Since(msgspec.Struct, frozen=True):
    """`moved` are answers by name, `trials` studies that came or have other rows. `looked` is None for a claim nobody saw."""

    looked: Looked | None
    moved: tuple[str, ...] = ()
    trials: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether the last look still holds."""
        return self.looked is not None and not self.moved and not self.trials


def since(claim: Claim, before: Looked | None, answers: Mapping[str, Answer], tables: Tables) -> Since:
    if before is None:
        return Since(None)
    moved = [n for n in claim.weighed if not _same(before.answers.get(n), figures(answers.get(n)))]
    its = trials(claim, tables)
    other = [t for t in before.trials | its if before.trials.get(t) != its.get(t)]
    return Since(before, tuple(moved), tuple(other))


def figures(answer: Answer | None) -> tuple[float | None, ...]:
    """What an answer says, in numbers; nothing of one that the table does not give."""
    if answer is None:
        return ()
    its = (answer.percent, answer.control_percent, answer.effect, answer.lower, answer.upper)
    more = (answer.value, answer.control_value, answer.shown, answer.interaction, answer.trials)
    return tuple(None if f is None else round(float(f), 4) for f in (*its, *more))


def trials(claim: Claim, tables: Tables) -> dict[str, int]:
    """The studies with ketamine on the claim's indications of which rows were read, and how many rows."""
    indications = [words().indication[name] for name in claim.on]
    ketamine = {node.node for node in tables.nodes if node.kind == KETAMINE}
    told: tuple[Outcome | Durability | AdverseEvent, ...] = (
        *tables.outcomes,
        *tables.durability,
        *tables.adverse_events,
    )
    rows = Counter(row.study_id for row in told if row.verified)
    return {
        s.study_id: rows[s.study_id]
        for s in tables.studies
        if rows[s.study_id]
        and tables.nodes_of[s.study_id] & ketamine
        and any(one.reads(s.condition) for one in indications)
    }


def _same(before: tuple[float | None, ...] | None, now: tuple[float | None, ...]) -> bool:
    return before is not None and len(before) == len(now) and all(map(_near, before, now))


def _near(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return abs(a - b) <= SAME * max(1.0, abs(a))
