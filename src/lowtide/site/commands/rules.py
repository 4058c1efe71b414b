"""Print every rule, number, interaction, protocol and policy that decides, with its source and whether it was verified.

example:
  lowtide rules
  lowtide rules --json
"""

import argparse
import json
from typing import Any

import msgspec

from lowtide.data import policies, protocols, rules
from lowtide.pathway.evaluate.words import filled, told


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="answer as one JSON document")


def run(args: argparse.Namespace) -> int:
    document = tables()
    print(json.dumps(document, ensure_ascii=False) if args.json else text(document))
    return 0


def tables() -> dict[str, Any]:
    """Everything that decides. Nothing is approved here: approvals are entries of a clinic."""
    numbers = policies.policy("default").numbers()
    ruled = [
        {
            **_row(rule),
            "criterion": filled(rule.criterion, numbers),
            "inputs": rule.inputs,
            "thresholds": rule.numbers,
        }
        for rule in rules.rules().values()
    ]
    return {
        "version": rules.version(),
        "rules": ruled,
        "thresholds": [_row(threshold) for threshold in rules.thresholds().values()],
        "interactions": [_row(row) for row in rules.interactions().values()],
        "policies": [
            {**msgspec.to_builtins(policy), "approved": False} for policy in policies.policies().values()
        ],
        "protocols": [_protocol(protocol) for protocol in protocols.protocols().values()],
    }


def _row(row: msgspec.Struct) -> dict[str, Any]:
    fields = msgspec.to_builtins(row)
    source = fields.pop("sources")
    return {**fields, "source": source, "version": rules.version(), "approved": False}


def _protocol(protocol: protocols.Protocol) -> dict[str, Any]:
    version = protocols.version(protocol.id)
    return {
        **msgspec.to_builtins(protocol),
        "missing": protocol.missing,
        "version": version,
        "approved": False,
    }


def text(document: dict[str, Any]) -> str:
    """The tables for reading in a terminal: one line a row, unverified ones marked."""
    lines = [f"Rules {document['version']}", ""]
    for rule in document["rules"]:
        decisions = " or ".join(dict.fromkeys(o["decision"].replace("_", " ") for o in rule["outcomes"]))
        lines.append(f"{rule['id']:8} {decisions}: {rule['criterion']}{_mark(rule)}")
    lines += ["", "Numbers"]
    lines += [f"  {told(t['name'], t['value'], t['unit'])}{_mark(t)}" for t in document["thresholds"]]
    lines += ["", "Interactions"]
    lines += [f"{i['id']:8} {i['severity']}: {i['medicine']}{_mark(i)}" for i in document["interactions"]]
    lines += ["", "Protocols"]
    lines += [f"{p['id']:8} {p['condition']}: {p['source_body']}{_mark(p)}" for p in document["protocols"]]
    return "\n".join(lines)


def _mark(row: dict[str, Any]) -> str:
    return "" if row["verified"] else " [unverified default]"
