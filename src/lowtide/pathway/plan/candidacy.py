"""Whether the person may have what the protocol gives: candidacy's own rules, as checks on a plan made from a file."""

from collections.abc import Iterator
from datetime import date

from lowtide.data.policies import Policy
from lowtide.data.protocols import Protocol
from lowtide.data.rules import rules
from lowtide.pathway.evaluate.facts import Facts
from lowtide.pathway.evaluate.facts import Requested as Judged
from lowtide.pathway.evaluate.rules import Evaluation, evaluate
from lowtide.pathway.plan.intake import Requested

SAID = {
    "not_eligible": "Not eligible",
    "defer": "Deferred until settled",
    "conditional": "On conditions",
    "eligible": "Eligible",
}
STOPS = ("not_eligible", "defer")


def candidacy(
    facts: Facts, requested: Requested, protocol: Protocol, policy: Policy, on: date
) -> Evaluation | None:
    """Judge the protocol's product and route for what was asked for, else for what it was made for.

    None while the route is not known: neither the protocol nor the request names one.
    """
    route = protocol.route or requested.route
    if route is None:
        return None
    asked = Judged(
        indication=requested.indication or protocol.indications[0],
        product=protocol.product,
        route=route,
        setting=requested.setting,
        protocol_id=protocol.id,
    )
    return evaluate(facts, asked, policy, on)


def decided_by(evaluation: Evaluation) -> Iterator[str]:
    """What made the decision: findings as severe as it, and what is not known where a rule defers for it."""
    for finding in evaluation.findings:
        if finding.decision == evaluation.decision != "eligible":
            yield f"{finding.rule.id} ({finding.reason})"
    if evaluation.decision == "defer":
        named = {finding.rule.id for finding in evaluation.findings}
        needing = {rule_id for missing in evaluation.missing for rule_id in missing.needed_by}
        waiting = [i for i in sorted(needing - named) if rules()[i].unknown == "defer"]
        if waiting:
            yield f"not known what {', '.join(waiting)} need"
