"""What moved between two evaluations of one person: the short form that is kept, and the difference of two (pure)."""

from typing import Any

import msgspec

from lowtide.pathway.evaluate.rules import Evaluation
from lowtide.record.entries.care import CandidacyDecided


class Summary(msgspec.Struct, frozen=True):
    """An evaluation in short: rule -> its decision, and what was not known."""

    decision: str
    urgent: bool
    findings: dict[str, str]
    missing: tuple[str, ...]


class Moved(msgspec.Struct, frozen=True):
    """What differs: rules that are new, gone, or decide otherwise, and items that became known or unknown."""

    before: str
    after: str
    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]
    learned: tuple[str, ...]
    forgotten: tuple[str, ...]

    def __bool__(self) -> bool:
        lists: tuple[tuple[Any, ...], ...] = (self.new, self.gone, self.changed, self.learned, self.forgotten)
        return self.turned or any(lists)

    @property
    def turned(self) -> bool:
        """Whether the decision that the rules suggest is another one."""
        return self.before != self.after


def summary(evaluation: Evaluation) -> Summary:
    return Summary(
        evaluation.decision,
        evaluation.urgent_escalation,
        {f.rule.id: f.decision for f in evaluation.findings},
        tuple(m.item for m in evaluation.missing),
    )


def as_decided(body: CandidacyDecided) -> Summary:
    """The evaluation a decision was made on, as it was kept with it."""
    return Summary(
        body.suggested,
        body.urgent_escalation,
        {f.rule_id: f.decision for f in body.findings},
        body.missing,
    )


def moved(before: Summary, after: Summary) -> Moved:
    """What an evaluation says that an earlier one did not, and the other way round."""
    was, now = before.findings, after.findings
    return Moved(
        before.decision,
        after.decision,
        new=tuple(r for r in now if r not in was),
        gone=tuple(r for r in was if r not in now),
        changed=tuple(r for r in now if r in was and was[r] != now[r]),
        learned=tuple(i for i in before.missing if i not in after.missing),
        forgotten=tuple(i for i in after.missing if i not in before.missing),
    )
