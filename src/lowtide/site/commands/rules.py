"""Print every rule, number, interaction, protocol and policy that decides, with its source, whether it was verified,
and who approved it in this clinic.

example:
  lowtide rules
  lowtide rules --json
"""

import argparse
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from lowtide.data import own, policies, protocols, read, rules
from lowtide.data.protocols import open_fields
from lowtide.pathway.course.approved import (
    Approvals,
    approvals,
    as_approved,
    field_key,
    interaction_key,
    number_key,
    rule_key,
    signed_name,
)
from lowtide.pathway.course.in_force import values_in_force
from lowtide.pathway.evaluate.ruling.adopted import policy_in_force
from lowtide.pathway.evaluate.ruling.line import Line
from lowtide.pathway.evaluate.ruling.tables import lines
from lowtide.pathway.evaluate.words import filled, told
from lowtide.people.clinic import CLINIC
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Staff
from lowtide.site.setup import is_made

APART = ("rules", "numbers", "interactions", "protocols")
"""Kinds that have lists of their own; every other row stands under `others`."""
FILES = {
    "dosing": ("dosing.toml",),
    "monitoring": ("monitoring.toml",),
    "chair": ("chair.toml",),
    "rescue": ("rescue_doses.toml",),
    "safe": ("safe.toml",),
    "schedules": ("schedules.toml",),
    "workup": ("workup.toml", "reconciling.toml"),
    "ledger": ("trials.toml", "minimum_doses.csv"),
    "tolerability": ("titration.toml",),
    "consent": ("consent/en.toml",),
    "booking": ("opening.toml",),
    "prescreen": ("prescreen.toml",),
    "programs": ("programs.toml",),
    "longterm": ("longterm.toml",),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="answer as one JSON document")


def run(args: argparse.Namespace) -> int:
    document = tables(_clinic())
    print(json.dumps(document, ensure_ascii=False) if args.json else text(document))
    return 0


def _clinic() -> Chart:
    """The clinic's stream; an empty one where no clinic was set up."""
    if not is_made():
        return Chart.of(CLINIC, ())
    from lowtide.record import store

    return store.load(CLINIC)


class _Answers(msgspec.Struct, frozen=True):
    """Who answers for what here."""

    approved: Approvals
    names: Mapping[str, str]

    def of(self, key: tuple[str, str]) -> dict[str, Any]:
        return self.told(self.approved.get(key))

    def told(self, entry: Entry | None) -> dict[str, Any]:
        if entry is None:
            return {"approved": False}
        by = signed_name(entry, self.names)
        return {"approved": True, "approved_by": by, "approved_at": entry.at.isoformat()}


def tables(clinic: Chart) -> dict[str, Any]:
    """Everything that decides, as it stands in this clinic."""
    with own.laying(values_in_force(clinic)):
        return _tables(clinic)


def _tables(clinic: Chart) -> dict[str, Any]:
    names = {f"staff:{body.staff}": body.name for _, body in clinic.said(Staff)}
    answers = _Answers(approvals(clinic), names)
    numbers = policy_in_force(clinic).numbers()
    ruled = [
        {
            **_row(rule),
            "criterion": filled(rule.criterion, numbers),
            "inputs": rule.inputs,
            "thresholds": rule.numbers,
            **answers.of(rule_key(rule)),
        }
        for rule in rules.rules().values()
    ]
    return {
        "version": rules.version(),
        "rules": ruled,
        "thresholds": [
            {**_row(t), "in_force": numbers[name].value, **answers.of(number_key(numbers[name]))}
            for name, t in rules.thresholds().items()
        ],
        "interactions": [
            {**_row(row), **answers.of(interaction_key(row))} for row in rules.interactions().values()
        ],
        "policies": [
            {**msgspec.to_builtins(policy), "approved": False} for policy in policies.policies().values()
        ],
        "protocols": [_protocol(protocol, answers) for protocol in protocols.protocols().values()],
        "others": [_other(line, answers) for line in lines(clinic) if line.kind not in APART],
    }


def _row(row: msgspec.Struct) -> dict[str, Any]:
    fields = msgspec.to_builtins(row)
    source = fields.pop("sources")
    return {**fields, "source": source, "version": rules.version()}


def _protocol(protocol: protocols.Protocol, answers: _Answers) -> dict[str, Any]:
    """A protocol is approved when each field that its source does not give is."""
    fields = open_fields(protocol)
    left = as_approved(protocol, answers.approved).unverified
    return {
        **msgspec.to_builtins(protocol),
        "missing": protocol.missing,
        "version": protocols.version(protocol.id),
        "approved": bool(fields) and not left,
        "approvals": {f: answers.of(field_key(protocol, f)) for f in fields if f not in left},
    }


def _other(line: Line, answers: _Answers) -> dict[str, Any]:
    return {
        "id": line.id,
        "kind": line.kind,
        "text": line.title,
        "values": {part.label or line.id: part.value for part in line.parts},
        "unit": line.parts[0].unit if len(line.parts) == 1 else None,
        "version": read.digest(*FILES[line.kind]),
        "source": line.sources,
        "verified": line.state == "verified",
        **answers.told(line.approval),
    }


def text(document: dict[str, Any]) -> str:
    """The tables for reading in a terminal: one line a row, what nobody answers for marked."""
    told_ = [f"Rules {document['version']}", ""]
    for rule in document["rules"]:
        decisions = " or ".join(dict.fromkeys(o["decision"].replace("_", " ") for o in rule["outcomes"]))
        told_.append(f"{rule['id']:8} {decisions}: {rule['criterion']}{_mark(rule)}")
    told_ += ["", "Numbers"]
    told_ += [f"  {told(t['name'], t['value'], t['unit'])}{_mark(t)}" for t in document["thresholds"]]
    told_ += ["", "Interactions"]
    told_ += [f"{i['id']:8} {i['severity']}: {i['medicine']}{_mark(i)}" for i in document["interactions"]]
    told_ += ["", "Protocols"]
    told_ += [f"{p['id']:8} {p['condition']}: {p['source_body']}{_mark(p)}" for p in document["protocols"]]
    told_ += ["", "Dosing, monitoring, due times, work-up and the rest"]
    told_ += [f"{o['id']:8} {o['text']}{_mark(o)}" for o in document["others"]]
    return "\n".join(told_)


def _mark(row: dict[str, Any]) -> str:
    if row["approved"] and "approved_by" in row:
        return f" [approved by {row['approved_by']}, {row['approved_at'][:10]}]"
    return "" if row["verified"] or row["approved"] else " [unverified default]"
