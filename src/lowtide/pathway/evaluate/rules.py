"""Candidacy: the facts, the request and a policy in; the findings and what is missing out.

The engine reads every rule, condition and number from the tables and knows none by name. It recommends; a clinician
decides, and the decision keeps the evaluation it was made on.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from lowtide.data import codes, expression, intake
from lowtide.data import rules as tables
from lowtide.data.expression import Found, Span
from lowtide.data.policies import Number, Policy, Ruling
from lowtide.data.rules import DECISIONS, Decision, Interaction, Outcome, Rule
from lowtide.pathway.evaluate.facts import Facts, Requested
from lowtide.pathway.evaluate.lookup import AGE, Asked
from lowtide.pathway.evaluate.wanted import question
from lowtide.pathway.evaluate.words import filled, told


class Used(msgspec.Struct, frozen=True):
    """A fact a finding rests on."""

    item: str
    label: str
    value: Any
    unit: str

    def __str__(self) -> str:
        return told(self.label, self.value, self.unit)


class Finding(msgspec.Struct, frozen=True):
    """A rule whose condition is met on known values, with everything it was met on."""

    rule: Rule
    decision: Decision
    reason: str
    used: tuple[Used, ...]
    numbers: tuple[Number, ...]
    ruling: Ruling | None
    missing: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The rule's sources, then those of the numbers and of a policy's ruling."""
        others = (source for part in (*self.numbers, self.ruling) if part for source in part.sources)
        return tuple(dict.fromkeys((*self.rule.sources, *others)))

    @property
    def unverified_numbers(self) -> tuple[Number, ...]:
        """The numbers that decided here and whose source nobody has checked."""
        return tuple(number for number in self.numbers if not number.verified)

    @property
    def verified(self) -> bool:
        """Whether rule, numbers and ruling were all seen in their sources."""
        ruled = self.ruling is None or self.ruling.verified
        return self.rule.verified and ruled and not self.unverified_numbers


class InteractionFound(msgspec.Struct, frozen=True):
    """An interaction that this patient's medicines or substances meet, by this route."""

    interaction: Interaction
    severity: str
    used: tuple[Used, ...]


class Missing(msgspec.Struct, frozen=True):
    """An item that is not known, the rules that need it, and how to ask for it."""

    item: str
    needed_by: tuple[str, ...]
    question: str


class Evaluation(msgspec.Struct, frozen=True):
    """What the rules say about one request, on one day, under one policy."""

    decision: Decision
    urgent_escalation: bool
    findings: tuple[Finding, ...]
    interactions: tuple[InteractionFound, ...]
    missing: tuple[Missing, ...]
    requested: Requested
    policy: Policy
    rules_version: str
    on: date

    def as_json(self) -> dict[str, Any]:
        """The public form of the answer."""
        return {
            "decision": self.decision,
            "urgent_escalation": self.urgent_escalation,
            "findings": [_finding_json(finding) for finding in self.findings],
            "interactions": [_interaction_json(found) for found in self.interactions],
            "missing": [msgspec.to_builtins(missing) for missing in self.missing],
            "policy": {"name": self.policy.name, "version": self.policy.version},
        }


class _Judged(msgspec.Struct, frozen=True):
    """One rule's answer: its finding, if it is met; the items that would settle it; whether it is open."""

    rule: Rule
    finding: Finding | None
    lacks: tuple[str, ...]
    open: bool


def evaluate(
    facts: Facts, requested: Requested, policy: Policy, on: date, *, among: frozenset[str] | None = None
) -> Evaluation:
    """Judge a request. Partial dates count at the end that is worse for eligibility; unknown never passes for no.

    `among`: only these rules speak, for a question about them; what comes of it is no evaluation of a person.
    """
    numbers = policy.numbers()
    asked = Asked(facts, _request(requested), numbers, on)
    speaking = (r for r in tables.rules().values() if among is None or r.id in among)
    judged = [_judge(rule, asked, policy) for rule in speaking if _applies(rule, requested)]
    findings = sorted((j.finding for j in judged if j.finding), key=lambda f: -DECISIONS.index(f.decision))
    defers = any(j.open and j.rule.unknown == "defer" for j in judged)
    decisions: list[Decision] = [*(f.decision for f in findings), "defer" if defers else "eligible"]
    return Evaluation(
        decision=max(decisions, key=DECISIONS.index),
        urgent_escalation=any(f.rule.escalates for f in findings),
        findings=tuple(findings),
        interactions=tuple(_interactions(asked, requested)) if among is None else (),
        missing=tuple(_missing(judged, asked)),
        requested=requested,
        policy=policy,
        rules_version=tables.version(),
        on=on,
    )


def escalations(facts: Facts, policy: Policy, on: date) -> tuple[Finding, ...]:
    """Findings that call for a clinician now, whatever is asked for."""
    asked = Asked(facts, dict.fromkeys(tables.REQUEST), policy.numbers(), on)
    judged = (_judge(rule, asked, policy) for rule in tables.rules().values() if rule.escalates)
    return tuple(one.finding for one in judged if one.finding)


def applying(requested: Requested) -> tuple[Rule, ...]:
    """The rules that speak of a request."""
    return tuple(rule for rule in tables.rules().values() if _applies(rule, requested))


def _request(requested: Requested) -> Mapping[str, Any]:
    words = {name: getattr(requested, name) for name in ("indication", "product", "route", "setting")}
    speaks = any(rule.kind == "indication" and _applies(rule, requested) for rule in tables.rules().values())
    return words | {"no_inclusion_rule": not (speaks and tables.covered(requested.product, requested.route))}


def _applies(row: Rule | Interaction, requested: Requested) -> bool:
    return row.applies_to.includes(requested.indication, requested.product, requested.route)


def _judge(rule: Rule, asked: Asked, policy: Policy) -> _Judged:
    """The first outcome known to hold; earlier ones that are open leave the rule open."""
    lacks: tuple[str, ...] = ()
    still_open = False
    for outcome in rule.outcomes:
        found = expression.answer(outcome.when, asked)
        if found.value is False:
            continue
        lacks += found.lacks
        if found.value is True:
            return _Judged(rule, _finding(rule, outcome, found, asked, policy), lacks, still_open)
        still_open = True
    return _Judged(rule, None, lacks, still_open)


def _finding(rule: Rule, outcome: Outcome, found: Found, asked: Asked, policy: Policy) -> Finding:
    ruling = policy.rule.get(rule.id)
    used = tuple(_used(found, asked))
    numbers = tuple(asked.numbers[use.name] for use in found.uses if use.name in asked.numbers)
    reason = _reason(filled(outcome.reason or rule.criterion, asked.numbers), used, numbers)
    return Finding(
        rule, ruling.decision if ruling else outcome.decision, reason, used, numbers, ruling, found.lacks
    )


def _used(found: Found, asked: Asked) -> Iterator[Used]:
    for use in found.uses:
        if use.name in asked.numbers or use.name in tables.REQUEST:
            continue
        label, unit = _label(use.name.removesuffix(AGE))
        in_days = isinstance(use.value, Span) and use.value.cautious
        named = f"age of {label}" if use.name.endswith(AGE) else label
        yield Used(use.name, named, use.value, "days" if in_days else unit)


def _label(item: str) -> tuple[str, str]:
    """What an item is called, and its unit; a medicine class that only interactions ask about is no item."""
    if item in intake.items():
        return intake.items()[item].label, intake.items()[item].unit
    return codes.medicine_classes()[item.removeprefix("med.")].label, ""


def _reason(criterion: str, used: tuple[Used, ...], numbers: tuple[Number, ...]) -> str:
    facts = ", ".join(str(one) for one in used)
    limits = ", ".join(told(n.meaning, n.value, n.unit) for n in numbers if isinstance(n.value, int | float))
    return criterion + (f": {facts}" if facts else "") + (f". Limits: {limits}" if limits else "")


def _interactions(asked: Asked, requested: Requested) -> Iterator[InteractionFound]:
    for row in tables.interactions().values():
        if _applies(row, requested):
            found = expression.answer(row.when, asked)
            if found.value is True:
                yield InteractionFound(row, row.severity_for(requested.route), tuple(_used(found, asked)))


def _missing(judged: Iterable[_Judged], asked: Asked) -> Iterator[Missing]:
    needed: dict[str, list[str]] = {}
    for one in judged:
        for item in dict.fromkeys(one.lacks):
            needed.setdefault(item, []).append(one.rule.id)
    for item, rule_ids in needed.items():
        yield Missing(item, tuple(rule_ids), question(item, asked))


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "rule_id": finding.rule.id,
        "decision": finding.decision,
        "reason": finding.reason,
        "source": list(finding.sources),
        "verified": finding.verified,
    }


def _interaction_json(found: InteractionFound) -> dict[str, Any]:
    row = found.interaction
    return {
        "interaction_id": row.id,
        "severity": found.severity,
        "action": row.action,
        "timing": row.timing,
        "source": list(row.sources),
        "verified": row.verified and not row.unverified_fields,
    }
