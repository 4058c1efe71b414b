"""The policy a clinic works under and the numbers its clinical lead has approved, read from its stream (pure)."""

from collections.abc import Mapping

import msgspec

from lowtide.data import rules
from lowtide.data.policies import Change, Number, Policy, policies
from lowtide.data.rules import Interaction, Rule
from lowtide.pathway.course.approved import (
    Approvals,
    interaction_key,
    number_key,
    own_values,
    rule_key,
)
from lowtide.pathway.evaluate.rules import Finding
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import PolicyAdopted

OWN = "This clinic's own number"
JUDGED = ("minimum_dose:", "trial:", "workup:")
"""Tables beside the rules that an evaluation rests on: with another number of theirs it is another one, too."""


def adopted(clinic: Chart) -> tuple[Entry, PolicyAdopted] | None:
    """The latest adoption; none for a clinic that works with the default."""
    return clinic.last(PolicyAdopted)


def base_policy(clinic: Chart) -> Policy:
    """The policy the clinic adopted, as published; the default otherwise."""
    found = adopted(clinic)
    return policies()[found[1].policy if found and found[1].policy in policies() else "default"]


def policy_in_force(clinic: Chart) -> Policy:
    """The policy the clinic adopted, with its own numbers; the default otherwise.

    The version names the latest entry that set one of them, so that every decision tells which numbers it rests on.
    """
    base, own = base_policy(clinic), own_values(clinic)
    judging = [name for name, (text, _) in own.items() if own_number(name, text) or name.startswith(JUDGED)]
    if not judging:
        return base
    latest = max(own[name][1].seq for name in judging)
    mixed = with_own_numbers(base, {name: text for name, (text, _) in own.items()})
    return msgspec.structs.replace(mixed, version=f"{base.version}, own numbers of entry {latest}")


def with_own_numbers(base: Policy, own: Mapping[str, str]) -> Policy:
    """The policy with the clinic's values of its numbers in their places."""
    changes = {name: change for name, text in own.items() if (change := own_number(name, text))}
    return msgspec.structs.replace(base, threshold={**base.threshold, **changes})


def own_number(name: str, text: str) -> Change | None:
    """The clinic's value of a named number; None for a name or value that the rules do not have."""
    known = rules.thresholds().get(name)
    if known is None or isinstance(known.value, tuple):
        return None
    try:
        return Change(value=float(text), verified=False, note=OWN)
    except ValueError:
        return None


def own_numbers(clinic: Chart) -> dict[str, str]:
    """The clinic's own values of the policy's numbers, as text."""
    return {name: text for name, (text, _) in own_values(clinic).items() if own_number(name, text)}


def is_settled(finding: Finding, approved: Approvals) -> bool:
    """Whether all that decided was seen in its source or approved here."""
    rule = finding.rule.verified or rule_key(finding.rule) in approved
    ruling = finding.ruling is None or finding.ruling.verified
    return rule and ruling and all(number_key(n) in approved for n in finding.unverified_numbers)


def rule_is_settled(rule: Rule, numbers: Mapping[str, Number], approved: Approvals) -> bool:
    """Whether a rule, with the numbers it has under a policy, was seen in its source or approved here."""
    used = (numbers[name] for name in rule.numbers)
    checked = all(n.verified or number_key(n) in approved for n in used)
    return checked and (rule.verified or rule_key(rule) in approved)


def interaction_is_settled(row: Interaction, approved: Approvals) -> bool:
    """Whether all of an interaction was seen in its source or approved here."""
    return (row.verified and not row.unverified_fields) or interaction_key(row) in approved
