"""What a finding opens to on page and paper: rule, condition, inputs, limits, who may set it aside (pure)."""

from lowtide.pathway.evaluate.deciding.overriding import of
from lowtide.pathway.evaluate.rules import Finding
from lowtide.pathway.evaluate.words import told


def opened(finding: Finding) -> tuple[tuple[str, str], ...]:
    """What a finding opens to: its condition, what it was met on, the limits and whose they are, who may set it aside."""
    rule = finding.rule
    limits = ", ".join(
        f"{told(n.meaning, n.value, n.unit)} ({f'{n.policy} policy' if n.policy else 'rule table'})"
        for n in finding.numbers
    )
    said = {
        "Rule": f"{rule.id}, {rule.kind}, {rule.domain}",
        "Holds when": "; ".join(outcome.when for outcome in rule.outcomes),
        "Boundary": rule.boundary,
        "Inputs": ", ".join(map(str, finding.used)),
        "Limits": limits,
        "If not known": "defers" if rule.unknown == "defer" else "is named",
        "Set aside by": of(finding).label,
        "Policy": finding.ruling.note if finding.ruling else "",
        "Note": rule.note,
    }
    return tuple((name, text) for name, text in said.items() if text)
