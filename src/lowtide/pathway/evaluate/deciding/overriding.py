"""What a decision more open than the rules has to answer: each finding by its own rule, and no unknown by anybody (pure)."""

from collections.abc import Iterable, Iterator, Mapping

from lowtide.data import rules as tables
from lowtide.data.overrides import Override, overrides
from lowtide.data.rules import DECISIONS
from lowtide.pathway.evaluate.rules import Evaluation, Finding
from lowtide.problems import Problem
from lowtide.record.entries.care import OverrideKept


def of(finding: Finding) -> Override:
    return overrides()[finding.rule.override]


def passed_over(evaluation: Evaluation, decision: str) -> list[Finding]:
    """The findings that a decision is more open than."""
    chosen = tuple(map(str, DECISIONS)).index(decision)
    return [f for f in evaluation.findings if DECISIONS.index(f.decision) > chosen]


def not_known(evaluation: Evaluation, decision: str) -> list[str]:
    """Items that a safety rule needs, where the decision would go on without them."""
    if decision in ("defer", "not_eligible"):
        return []
    known = tables.rules()
    return [m.item for m in evaluation.missing if any(known[r].unknown == "defer" for r in m.needed_by)]


def problems(
    evaluation: Evaluation, decision: str, given: Iterable[OverrideKept], labels: Mapping[str, str]
) -> list[Problem]:
    """Everything that stands in the way of this decision; none when each finding passed over is answered."""
    answered = {one.rule_id: one for one in given}
    found = [p for f in passed_over(evaluation, decision) for p in _lacking(f, answered.get(f.rule.id))]
    gates = {item for f in passed_over(evaluation, decision) for item in f.missing}
    unknown = [labels.get(i, i) for i in not_known(evaluation, decision) if i not in gates]
    if unknown:
        few = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")
        found.append(Problem(f"not known: {few}", "decision", "Unknown is not no: find out first, or defer."))
    return found


def _lacking(finding: Finding, given: OverrideKept | None) -> Iterator[Problem]:
    rule, takes = finding.rule, of(finding)
    if takes.takes == "refused":
        mend = f"{rule.action.rstrip('.')}, then decide."
        yield Problem(f"{rule.id} cannot be overridden: {finding.reason}", "decision", mend)
        return
    if given is None or not given.reason.strip():
        yield Problem(f"{rule.id} is passed over without a word", f"o-{rule.id}", f"{takes.label} is needed.")
    elif takes.takes == "letter" and not (given.who.strip() and given.dated):
        yield Problem(
            f"{rule.id} takes a letter", f"w-{rule.id}", "Say who wrote it, and of which day it is."
        )
