"""`docs/rules.md`: the rules manual, printed from the tables that decide."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lowtide.data import monitoring, policies, rules
from lowtide.data.protocols import Protocol, protocols, version
from lowtide.data.rules import Interaction, Rule
from lowtide.pathway.evaluate.words import filled, plain, told
from tests.repository.markdown import joined, sources, table
from tests.spec.examples import EXAMPLES

HEAD = """\
# The rules manual

Made by `make docs` from the tables that decide (`src/lowtide/data/rules`, `policies`, `protocols`,
`monitoring.toml`), version {version}. `lowtide rules` prints the same; a clinic's own *Rules* page shows what is in
force there, with its approvals.

A rule is looked at with everything that is known of a person. It answers *met*, *not met*, or *not known*; what is
not known is never taken for no. Met rules are findings; the strongest decides: eligible, conditional, defer, not
eligible. A clinician decides, not a rule. **Unverified** means that nobody has read the number in its source: it is a
default, it is marked in each finding that it decided, and it waits for the clinic's clinical lead.

{rules} rules, {unverified} of them unverified; {numbers} numbers, {unverified_numbers} unverified; {interactions}
interactions; {protocols} protocols; {items} monitoring items. Each rule is held to worked examples
(`tests/spec/rules`): {examples} of them; numeric limits are walked over from below to above.
"""


def page() -> Iterator[str]:
    found, numbers = rules.rules().values(), rules.thresholds().values()
    yield from HEAD.format(
        version=rules.version(),
        rules=len(found),
        unverified=sum(not r.verified for r in found),
        numbers=len(numbers),
        unverified_numbers=sum(not n.verified for n in numbers),
        interactions=len(rules.interactions()),
        protocols=len(protocols()),
        items=len(monitoring.items()),
        examples=len(EXAMPLES),
    ).splitlines()
    yield from _rules()
    yield from _numbers()
    yield from _policies()
    yield from _interactions()
    yield from _protocols()
    yield from _monitoring()


def _rules() -> Iterator[str]:
    examples = Counter(example.rule for example in EXAMPLES)
    yield from ("", "## Candidacy", "")
    for domain in dict.fromkeys(rule.domain for rule in rules.rules().values()):
        yield from (f"### {domain.capitalize()}", "")
        for rule in rules.rules().values():
            if rule.domain == domain:
                yield from _rule(rule, examples[rule.id])


def _rule(rule: Rule, examples: int) -> Iterator[str]:
    numbers = policies.policy("default").numbers()
    yield f"**{rule.id} {filled(rule.criterion, numbers)}**{_mark(rule.verified)}"
    yield ""
    yield from (
        f"- {outcome.decision.replace('_', ' ')}{_because(outcome.reason, numbers)}: `{outcome.when}`"
        for outcome in rule.outcomes
    )
    yield f"- {joined(rule.action, rule.rationale, rule.boundary and f'Boundary: {rule.boundary}')}"
    unknown = "defers the decision" if rule.unknown == "defer" else "is named, and decides nothing"
    override = "nobody" if rule.override == "none" else rule.override.replace("_", " ")
    escalates = " Escalates at once." if rule.escalates else ""
    yield f"- What is not known {unknown}. Set aside by: {override}.{escalates}{_for(rule.applies_to)}"
    yield f"- {examples} worked examples. Sources: {sources(rule.sources)}.{_note(rule.note)}"
    yield ""


def _because(reason: str, numbers: Any) -> str:
    return f" ({filled(reason, numbers)})" if reason else ""


def _for(scope: rules.AppliesTo) -> str:
    words = [
        ", ".join(w.replace("_", " ") for w in each)
        for each in (scope.indications, scope.products, scope.routes)
    ]
    named = "; ".join(w for w in words if w)
    return f" Only for: {named}." if named else ""


def _note(note: str) -> str:
    return f" {joined(note)}" if note else ""


def _mark(verified: bool) -> str:
    return "" if verified else " *unverified*"


def _numbers() -> Iterator[str]:
    yield from (
        "## Numbers",
        "",
        "What the rules compare with, before any policy. *Others* are what other sources say.",
        "",
    )
    yield from table(
        ("number", "value", "verified", "others", "sources", "note"),
        (
            (
                f"{n.meaning} (`{n.name}`)",
                told("", n.value, n.unit),
                "yes" if n.verified else "**no**",
                "; ".join(f"{o.who}: {plain(o.value)}" for o in n.others),
                sources(n.sources),
                n.note,
            )
            for n in rules.thresholds().values()
        ),
    )


def _policies() -> Iterator[str]:
    yield from (
        "## Policies",
        "",
        "What each profile changes; a clinic's own policy is one of these with further changes.",
        "",
    )
    for policy in policies.policies().values():
        yield from (f"**{policy.label}**, version {policy.version}. {policy.description}", "")
        changes: list[tuple[str, str, Any]] = [
            (f"`{name}`", plain(change.value), change) for name, change in policy.threshold.items()
        ]
        changes += [(name, ruling.decision.replace("_", " "), ruling) for name, ruling in policy.rule.items()]
        if changes:
            yield from table(
                ("what", "becomes", "verified", "sources", "note"),
                (
                    (w, b, "yes" if c.verified else "**no**", sources(c.sources), c.note)
                    for w, b, c in changes
                ),
            )


def _interactions() -> Iterator[str]:
    yield from ("## Interactions", "", "They never change a decision except through a rule.", "")
    yield from table(
        ("", "medicine", "severity", "effect", "action", "timing", "verified", "sources"),
        (_interaction(row) for row in rules.interactions().values()),
    )


def _interaction(row: Interaction) -> tuple[str, ...]:
    by_route = "; ".join(f"{route} {severity}" for route, severity in row.severity_by_route.items())
    verified = "yes" if row.verified else "**no**"
    if row.verified and row.unverified_fields:
        verified = f"not: {', '.join(row.unverified_fields).replace('_', ' ')}"
    severity = f"{row.severity} ({by_route})" if by_route else row.severity
    return (
        row.id,
        row.medicine,
        severity,
        row.effect,
        row.action,
        row.timing,
        verified,
        sources(row.sources),
    )


def _protocols() -> Iterator[str]:
    yield from ("## Protocols", "", "One that lacks what planning needs is for reference only.", "")
    yield from table(
        ("", "for", "dose", "over", "schedule", "at most", "unverified", "lacks", "source"),
        (_protocol(one) for one in protocols().values()),
    )


def _protocol(p: Protocol) -> tuple[str, ...]:
    dose = f"{p.dose.value:f} {p.dose.unit}" if p.dose else "open"
    caps = [(p.max_mg, "mg"), (p.max_mg_per_kg, "mg/kg"), (p.max_mg_per_h, "mg/h")]
    return (
        f"{p.id} (version {version(p.id)})",
        f"{p.condition}, {p.phase}",
        f"{dose} {p.product.replace('_', ' ')} {p.route or 'route open'}",
        f"{p.over_min:f} min" if p.over_min is not None else p.duration_note,
        p.schedule_note,
        ", ".join(f"{cap:f} {unit}" for cap, unit in caps if cap is not None),
        "whole row" if not p.verified else ", ".join(p.unverified).replace("_", " "),
        ", ".join(p.missing),
        f"{p.source_body}, {sources(p.source)}",
    )


def _monitoring() -> Iterator[str]:
    yield from (
        "## Monitoring",
        "",
        f"Reminders beside the bedside monitor, never its alarms. Version {monitoring.version()}.",
        "",
    )
    yield from table(
        ("", "what", "how often", "trigger", "level", "action", "who", "unverified", "sources"),
        (
            (
                item.id,
                f"{item.parameter} ({item.phase.replace('_', ' ')})",
                item.frequency_text,
                item.trigger_text,
                item.level.replace("_", " "),
                item.action,
                item.responsible,
                "whole row" if not item.verified else ", ".join(item.unverified).replace("_", " "),
                sources(item.source),
            )
            for item in monitoring.items().values()
        ),
    )
