"""The policy a clinic works under and the numbers its clinical lead has approved, read from its stream (pure)."""

import hashlib
from collections.abc import Mapping

import msgspec

from lowtide.data import rules
from lowtide.data.policies import Change, Number, Policy, policies
from lowtide.data.rules import Rule
from lowtide.pathway.evaluate.rules import Finding
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import NumberApproved, PolicyAdopted

Approvals = Mapping[tuple[str, str], Entry]
"""(name, value as text) -> the entry that approves it. Another value of the same name is not approved by it."""
OWN = "This clinic's own number"


def adopted(clinic: Chart) -> tuple[Entry, PolicyAdopted] | None:
    """The latest adoption; none for a clinic that works with the default."""
    return clinic.last(PolicyAdopted)


def policy_in_force(clinic: Chart) -> Policy:
    """The policy the clinic adopted, with its own numbers; the default otherwise."""
    found = adopted(clinic)
    if found is None or found[1].policy not in policies():
        return policies()["default"]
    return with_own_numbers(policies()[found[1].policy], found[0], found[1].overrides)


def with_own_numbers(base: Policy, entry: Entry, overrides: Mapping[str, str]) -> Policy:
    """A policy with the clinic's values in place of its own; the version names the entry that set them."""
    own = {name: change for name, text in overrides.items() if (change := own_number(name, text))}
    if not own:
        return base
    return msgspec.structs.replace(
        base, threshold={**base.threshold, **own}, version=f"{base.version}, own numbers of entry {entry.seq}"
    )


def own_number(name: str, text: str) -> Change | None:
    """The clinic's value of a named number; None for a name or value that the rules do not have."""
    known = rules.thresholds().get(name)
    if known is None or isinstance(known.value, tuple):
        return None
    try:
        return Change(value=float(text), verified=False, note=OWN)
    except ValueError:
        return None


def approvals(clinic: Chart) -> Approvals:
    """Everything that was approved, numbers adopted with a policy included."""
    found = {(body.number, body.value): entry for entry, body in clinic.said(NumberApproved)}
    if taken := adopted(clinic):
        found |= {
            (name, _text(float(v))): taken[0] for name, v in taken[1].overrides.items() if own_number(name, v)
        }
    return found


def number_key(number: Number) -> tuple[str, str]:
    return number.name, _text(number.value)


def rule_key(rule: Rule) -> tuple[str, str]:
    """A rule is approved as it stands: another condition or consequence has another value."""
    said = msgspec.json.encode([rule.outcomes, rule.applies_to, rule.unknown])
    return f"rule:{rule.id}", hashlib.sha256(said).hexdigest()[:12]


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


def _text(value: float | tuple[str, ...]) -> str:
    return ", ".join(value) if isinstance(value, tuple) else f"{value:g}"
