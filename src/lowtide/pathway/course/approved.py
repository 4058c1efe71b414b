"""What a clinic has approved of the numbers that gate care, read from its stream (pure).

Every step reads it here: the tables as this clinic has approved them carry no mark where somebody answers for a
number. An approval names a number and its value, so that another value, in a later version of the tables, is
unapproved again (hazard H030).
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import msgspec

from lowtide.data import dosing, monitoring, own, rules, schedules, vocabulary
from lowtide.data.chair import Number as ChairNumber
from lowtide.data.dosing import Dosing
from lowtide.data.monitoring import Item
from lowtide.data.policies import Number
from lowtide.data.protocols import Protocol, open_fields
from lowtide.data.read import fingerprint
from lowtide.data.rules import Interaction
from lowtide.data.schedules import Rule, Threshold
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.clinic import NumberApproved, NumberChanged, NumberPostponed, PolicyAdopted

Key = tuple[str, str]
"""What an approval names: a number and its value, as text."""
Approvals = Mapping[Key, Entry]
"""What was approved -> the entry that approves it. Another value of the same name is not approved by it."""

READABLE = 40

NOTHING: Approvals = {}


# -- what was said ---------------------------------------------------------------------------------------------


def own_values(clinic: Chart) -> dict[str, tuple[str, Entry]]:
    """The clinic's own values as they stand: name -> (value, the entry that set it).

    A policy is adopted with all of its own numbers, so it also says which are given up; a change sets one and leaves
    the others alone. Numbers that belong to no policy (a colon is in their names) stay until they are changed again.
    """
    said: list[tuple[Entry, Body]] = [*clinic.said(PolicyAdopted), *clinic.said(NumberChanged)]
    found: dict[str, tuple[str, Entry]] = {}
    for entry, body in sorted(said, key=lambda pair: pair[0].seq):
        if isinstance(body, PolicyAdopted):
            kept = {name: pair for name, pair in found.items() if ":" in name}
            found = kept | {name: _kept(found, name, v, entry) for name, v in body.overrides.items()}
        elif isinstance(body, NumberChanged):
            found[body.number] = (body.value, entry)
    return found


def _kept(found: Mapping[str, tuple[str, Entry]], name: str, value: str, entry: Entry) -> tuple[str, Entry]:
    """An own value that a policy takes over as it stood is still that of the person who set it."""
    before = found.get(name)
    return before if before and before[0] == value else (value, entry)


def approvals(clinic: Chart) -> Approvals:
    """Everything somebody answers for here: what was approved, and the clinic's own values."""
    found: dict[Key, Entry] = {(b.number, b.value): entry for entry, b in clinic.said(NumberApproved)}
    rows = {(b.row, b.stands): entry for entry, b in clinic.said(NumberChanged) if b.row}
    mine = {(name, canonical(name, value)): entry for name, (value, entry) in own_values(clinic).items()}
    return found | rows | mine


def postponed(clinic: Chart) -> Approvals:
    """What somebody has looked at without deciding."""
    return {(body.number, body.value): entry for entry, body in clinic.said(NumberPostponed)}


def canonical(name: str, value: str) -> str:
    """One spelling of a value: 30.0 is 30."""
    if ":" in name:
        return value
    try:
        return f"{float(value):g}"
    except ValueError:
        return value


def last_words(clinic: Chart) -> dict[str, Entry]:
    """The latest entry about each number: what a page has seen, and what must not have moved since."""
    said: list[tuple[Entry, Any]] = [
        *clinic.said(NumberApproved),
        *clinic.said(NumberChanged),
        *clinic.said(NumberPostponed),
    ]
    return {row_of(body): entry for entry, body in sorted(said, key=lambda pair: pair[0].seq)}


def signed_name(entry: Entry, names: Mapping[str, str]) -> str:
    """Who signed: the name that was printed under it, which stays when somebody has left or changed the name."""
    return getattr(entry.body, "printed_name", "") or names.get(entry.by, entry.by)


def row_of(body: NumberApproved | NumberChanged | NumberPostponed) -> str:
    """The row that an answer is about: a number by itself, or the one it is part of."""
    return (body.row if isinstance(body, NumberChanged) else "") or body.number


# -- the keys --------------------------------------------------------------------------------------------------


def rule_key(rule: rules.Rule) -> Key:
    """A rule is approved as it stands: another condition or consequence has another value."""
    return f"rule:{rule.id}", fingerprint([rule.outcomes, rule.applies_to, rule.unknown])


def interaction_key(row: Interaction) -> Key:
    said = [row.when, row.severity, row.severity_by_route, row.action, row.timing, row.monitoring, row.hold]
    return f"interaction:{row.id}", fingerprint(said)


def number_key(number: Number) -> Key:
    return number.name, number_text(number.value)


def number_text(value: float | tuple[str, ...]) -> str:
    return ", ".join(value) if isinstance(value, tuple) else canonical("", f"{value:g}")


def field_key(protocol: Protocol, field: str) -> Key:
    """A field of a protocol: short values as they read, long ones by their fingerprint."""
    text = msgspec.json.encode(getattr(protocol, field)).decode().strip('"')
    value = text if len(text) <= READABLE else fingerprint(getattr(protocol, field))
    return f"protocol:{protocol.id}:{field}", value


def item_key(item: Item) -> Key:
    """A monitoring item as a whole: when it is due, what crosses it, what follows."""
    return f"monitoring:{item.id}", fingerprint([item.frequency, item.trigger, item.level, item.action])


def dosing_key(name: str, value: Decimal) -> Key:
    return f"dosing:{name}", f"{value:f}"


def chair_key(name: str, number: ChairNumber) -> Key:
    return f"chair:{name}", f"{number.value:f}"


def due_key(rule: Rule) -> Key:
    return f"due:{rule.rule_id}", str(rule.hours)


def limit_key(name: str, limit: Threshold) -> Key:
    return f"limit:{name}", str(limit.value)


def row_key(table: str, name: str, row: Any, numbers_only: bool = False) -> Key:
    """Any other row: its one number as it reads, or a fingerprint of all that it says."""
    found = [value for _, value in own.numbers_in(row)]
    plain = len(found) == 1 and numbers_only
    return f"{table}:{name}", f"{found[0]}" if plain else fingerprint(row)


# -- the tables as this clinic has approved them -----------------------------------------------------------------


def as_approved(protocol: Protocol, approved: Approvals) -> Protocol:
    """The protocol with only those fields marked that nobody here answers for."""
    left = tuple(f for f in open_fields(protocol) if field_key(protocol, f) not in approved)
    return msgspec.structs.replace(protocol, verified=True, unverified=left)


def monitored(approved: Approvals) -> dict[str, Item]:
    """The monitoring items; an approved one carries no mark."""
    keys, items = _item_keys(monitoring.in_force()), monitoring.items()
    return {name: _settled(item) if keys[name] in approved else item for name, item in items.items()}


def _settled(item: Item) -> Item:
    return msgspec.structs.replace(item, verified=True, unverified=())


@cache
def _item_keys(_values: own.Values) -> dict[str, Key]:
    return {name: item_key(item) for name, item in monitoring.items().items()}


def settled_due(approved: Approvals) -> frozenset[str]:
    """The ids of the due rules that carry no mark here."""
    found = schedules.rules().values()
    return frozenset(rule.rule_id for rule in found if rule.verified or due_key(rule) in approved)


def limit_is_settled(name: str, approved: Approvals) -> bool:
    """Whether a number that sorts answers was seen in its source or approved here."""
    limit = schedules.thresholds()[name]
    return limit.verified or limit_key(name, limit) in approved


def policy_name(clinic: Chart) -> str:
    """The policy the clinic adopted; the default for one that adopted none."""
    found = clinic.last(PolicyAdopted)
    return found[1].policy if found and found[1].policy in vocabulary.words()["policy"] else "default"


def dosing_in_force(clinic: Chart) -> Dosing:
    """The dosing numbers of the clinic's policy with its own values; `unverified` names those nobody answers for."""
    base, mine, approved = dosing.dosing(policy_name(clinic)), own_values(clinic), approvals(clinic)
    values = {name: value for name in dosing.numbers() if (value := _own(mine, f"dosing:{name}")) is not None}
    mixed = msgspec.structs.replace(base, **values) if values else base
    left = tuple(n for n in base.unverified if dosing_key(n, getattr(mixed, n)) not in approved)
    return msgspec.structs.replace(mixed, unverified=left)


def _own(mine: Mapping[str, tuple[str, Entry]], key: str) -> Decimal | None:
    try:
        return Decimal(mine[key][0]) if key in mine else None
    except InvalidOperation:
        return None
