"""Judge whether a person is a candidate, from an intake file or a FHIR Bundle, and say what is missing.

example:
  lowtide evaluate intake.json
  lowtide evaluate bundle.json --indication trd --product racemic_ketamine --route iv --policy strict --json
  lowtide evaluate bundle.json --policy clinic --json

Without --policy the default stands, whatever clinic is in $LOWTIDE_HOME: the same file gives the same answer
everywhere. --policy clinic judges by what that clinic adopted, changed and approved.
"""

import argparse
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lowtide.data.rules import DECISIONS
from lowtide.exchange.fhir.facts import facts_from_bundle
from lowtide.pathway.course.approved import NOTHING, Approvals
from lowtide.pathway.evaluate.facts import Facts, Requested
from lowtide.pathway.evaluate.intake import facts_from_intake, requested
from lowtide.pathway.evaluate.rules import Evaluation, Finding, evaluate
from lowtide.pathway.evaluate.ruling.adopted import interaction_is_settled, is_settled
from lowtide.problems import bad
from lowtide.site.inputs import json_file
from lowtide.site.numbers import HELP, Numbers, numbers

HEADINGS = {
    "not_eligible": "Not eligible",
    "defer": "Defer until settled",
    "conditional": "On conditions",
    "eligible": "To note",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="an intake or a FHIR Bundle, as JSON")
    parser.add_argument("--indication", help="what it is for, such as trd")
    parser.add_argument("--product", help="such as racemic_ketamine")
    parser.add_argument("--route", help="such as iv")
    parser.add_argument("--policy", default="default", help=HELP)
    parser.add_argument("--on", metavar="YYYY-MM-DD", help="the day to judge on (today)")
    parser.add_argument("--json", action="store_true", help="answer as one JSON document")


def run(args: argparse.Namespace) -> int:
    with numbers(args.policy) as chosen:
        on = _day(args.on)
        asked = {name: getattr(args, name) for name in ("indication", "product", "route")}
        facts, request = _read(Path(args.file), asked, on)
        evaluation = evaluate(facts, request, chosen.policy, on)
        document = _document(evaluation, chosen)
        print(json.dumps(document, ensure_ascii=False) if args.json else text(evaluation, chosen.approved))
    return 0


def _document(evaluation: Evaluation, chosen: Numbers) -> dict[str, Any]:
    """The answer; what the clinic answers for counts as verified where the clinic was asked for."""
    document = evaluation.as_json()
    if chosen.approved:
        for row, finding in zip(document["findings"], evaluation.findings, strict=True):
            row["verified"] = is_settled(finding, chosen.approved)
        for row, found in zip(document["interactions"], evaluation.interactions, strict=True):
            row["verified"] = interaction_is_settled(found.interaction, chosen.approved)
    return document


def text(evaluation: Evaluation, approved: Approvals = NOTHING) -> str:
    """The evaluation for reading in a terminal."""
    profile = f"{evaluation.policy.label} policy {evaluation.policy.version}"
    lines = [
        f"Decision: {evaluation.decision.replace('_', ' ')}",
        f"({profile}, rules {evaluation.rules_version}, {evaluation.on})",
    ]
    if evaluation.urgent_escalation:
        lines.append("URGENT: a suicide-risk answer needs a clinician now, whatever the decision.")
    for decision in reversed(DECISIONS):
        found = [f for f in evaluation.findings if f.decision == decision]
        lines += (
            ["", HEADINGS[decision], *(line for f in found for line in _finding(f, approved))]
            if found
            else []
        )
    if evaluation.missing:
        lines += [
            "",
            "Not known",
            *(f"  {m.question} ({', '.join(m.needed_by)})" for m in evaluation.missing),
        ]
    if evaluation.interactions:
        lines += ["", "Interactions"]
        lines += [
            f"  {i.interaction.id} {i.severity}: {i.interaction.medicine}. {i.interaction.action}"
            for i in evaluation.interactions
        ]
    return "\n".join([*lines, "", "This supports a clinician's decision; it does not make one."])


def _finding(finding: Finding, approved: Approvals) -> list[str]:
    mark = "" if finding.verified or is_settled(finding, approved) else " [unverified default]"
    return [f"  {finding.rule.id} {finding.reason}{mark}", f"      {finding.rule.action}"]


def _read(path: Path, asked: dict[str, str | None], on: date) -> tuple[Facts, Requested]:
    mend = "Give one intake or one FHIR Bundle as JSON."
    document = json_file(path, mend)
    if not isinstance(document, dict):
        raise bad("not an intake", str(path), mend)
    if "resourceType" in document:
        return facts_from_bundle(path.read_bytes(), on, str(path)), requested({}, asked)
    if "vignettes" in document:
        raise bad("a collection of cases", str(path), "Give one of its elements as a file of its own.")
    return facts_from_intake(document, asked)


def _day(given: str | None) -> date:
    if given is None:
        return datetime.now().astimezone().date()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise bad(f"“{given}” is not a date", "--on", "Write it as 2026-11-22.") from None
