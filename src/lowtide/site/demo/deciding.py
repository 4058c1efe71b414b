"""What the demonstration's prescriber says where a decision is more open than the rules."""

from datetime import datetime

from lowtide.pathway.evaluate.deciding import overriding
from lowtide.pathway.evaluate.rules import Evaluation, Finding
from lowtide.record.entries.care import OverrideKept


def set_aside(found: Evaluation, decision: str, at: datetime) -> tuple[OverrideKept, ...]:
    """Every finding that the decision goes against."""
    return tuple(_one(finding, at) for finding in overriding.passed_over(found, decision))


def _one(finding: Finding, at: datetime) -> OverrideKept:
    """With a reason, and with a letter where the rule takes one."""
    takes = overriding.of(finding)
    letter = takes.takes == "letter"
    return OverrideKept(
        rule_id=finding.rule.id,
        ground=finding.rule.override,
        reason="Weighed with the patient: what else was tried did not help, and it is watched for.",
        who="Dr Ilse Brandner, from outside" if letter else "",
        dated=at.date().isoformat() if letter else None,
    )
