"""Everything that decides, as rows of a page: what it says, where it comes from, who answers for it (pure)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import msgspec

from lowtide.data import rules as tables
from lowtide.data.policies import Number, Policy
from lowtide.data.protocols import Protocol, protocols, version
from lowtide.data.rules import Interaction, Rule
from lowtide.pathway.evaluate.ruling.adopted import OWN, Approvals, number_key, rule_key
from lowtide.pathway.evaluate.words import filled, told
from lowtide.record.entries.base import Entry

Kind = Literal["rules", "numbers", "interactions", "protocols"]
State = Literal["verified", "approved", "unverified"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `key` and `value` are what an approval names; without a key it cannot be approved here."""

    id: str
    kind: Kind
    title: str
    text: str
    decides: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""
    state: State
    approval: Entry | None = None
    key: str = ""
    value: str = ""
    others: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return " ".join((self.id, self.title, self.text, self.decides, self.note, *self.sources)).lower()


def lines(policy: Policy, approved: Approvals) -> list[Line]:
    """Every rule, number, interaction and protocol, as the policy in force has them."""
    numbers = policy.numbers()
    return [
        *(_rule(rule, numbers, policy, approved) for rule in tables.rules().values()),
        *(_number(number, approved) for number in numbers.values()),
        *(_interaction(row) for row in tables.interactions().values()),
        *(_protocol(one) for one in protocols().values()),
    ]


def chosen(found: list[Line], kind: str, show: str, words: str) -> list[Line]:
    """The rows of a kind that wait for somebody (`unverified`), and that name every word."""
    tests: Iterator[Callable[[Line], bool]] = iter(
        (
            lambda line: not kind or line.kind == kind,
            lambda line: show != "unverified" or line.state == "unverified",
            lambda line: all(word in line.words for word in words.lower().split()),
        )
    )
    for test in tests:
        found = [line for line in found if test(line)]
    return found


def _state(*, verified: bool, approval: Entry | None) -> State:
    return "verified" if verified else "approved" if approval else "unverified"


def _rule(rule: Rule, numbers: Mapping[str, Number], policy: Policy, approved: Approvals) -> Line:
    key = rule_key(rule)
    approval, ruling = approved.get(key), policy.rule.get(rule.id)
    decisions = dict.fromkeys([ruling.decision] if ruling else [o.decision for o in rule.outcomes])
    return Line(
        id=rule.id,
        kind="rules",
        title=filled(rule.criterion, numbers),
        text=". ".join(part.rstrip(".") for part in (rule.action, rule.rationale) if part),
        decides=" or ".join(d.replace("_", " ") for d in decisions)
        + (f" ({policy.label} policy)" if ruling else ""),
        sources=tuple(dict.fromkeys((*rule.sources, *(ruling.sources if ruling else ())))),
        note=rule.note,
        state=_state(verified=rule.verified, approval=approval),
        approval=approval,
        key=key[0],
        value=key[1],
    )


def _number(number: Number, approved: Approvals) -> Line:
    key = number_key(number)
    approval = approved.get(key)
    used = [rule.id for rule in tables.rules().values() if number.name in rule.numbers]
    return Line(
        id=number.name,
        kind="numbers",
        title=told(number.meaning, number.value, number.unit),
        text=f"used by {', '.join(used)}" if used else "",
        decides=f"{number.policy} policy" if number.policy else "",
        sources=number.sources,
        note=number.note,
        state="approved"
        if approval and number.note == OWN
        else _state(verified=number.verified, approval=approval),
        approval=approval,
        key=key[0],
        value=key[1],
        others=tuple(
            f"{o.who}: {told('', o.value, number.unit)}" for o in tables.thresholds()[number.name].others
        ),
    )


def _interaction(row: Interaction) -> Line:
    return Line(
        id=row.id,
        kind="interactions",
        title=row.medicine,
        text=". ".join(part.rstrip(".") for part in (row.effect, row.action, row.timing) if part),
        decides=row.severity,
        sources=row.sources,
        note=row.note,
        state=_state(verified=row.verified, approval=None),
    )


def _protocol(one: Protocol) -> Line:
    dose = f"{one.dose.value:f} {one.dose.unit} {one.route or ''}" if one.dose else "dose open"
    open_fields = (
        f"Recalled or defaults: {', '.join(one.unverified).replace('_', ' ')}." if one.unverified else ""
    )
    lacking = f" For reference only: no {', '.join(one.missing)}." if one.missing else ""
    return Line(
        id=one.id,
        kind="protocols",
        title=f"{one.condition}, {one.phase}: {dose.strip()}",
        text=f"{one.source_body}. {one.schedule_note}".strip(". ") + f".{lacking}",
        decides=f"version {version(one.id)}",
        sources=one.source,
        note=" ".join(filter(None, (open_fields, one.note))),
        state=_state(verified=one.verified and not one.unverified, approval=None),
    )
