"""Everything that decides, as rows of a page: what it says, where it comes from, who answers for it (pure)."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache

from lowtide.data import intake, own
from lowtide.data import rules as tables
from lowtide.data.own import Own
from lowtide.data.policies import Number, Policy, policies
from lowtide.data.protocols import Protocol, every, version
from lowtide.data.rules import Interaction, Rule
from lowtide.pathway.course.approved import (
    Approvals,
    approvals,
    as_approved,
    interaction_key,
    number_key,
    number_text,
    rule_key,
)
from lowtide.pathway.course.in_force import values_in_force
from lowtide.pathway.evaluate.ruling import other_tables
from lowtide.pathway.evaluate.ruling.adopted import with_own_numbers
from lowtide.pathway.evaluate.ruling.line import Line, Part, answered, seen
from lowtide.pathway.evaluate.words import filled, told
from lowtide.record.chart import Chart


def lines(clinic: Chart) -> list[Line]:
    """Every rule, number, interaction, protocol, limit and due time, as they are in force in this clinic."""
    here, approved = values_in_force(clinic), approvals(clinic)
    with own.laying(here):
        candidacy, others = _unanswered(here)
        return [
            *(answered(line, approved) for line in candidacy),
            *(_protocol(one, approved) for one in every().values()),
            *(answered(line, approved) for line in others),
        ]


@lru_cache(maxsize=8)
def _unanswered(here: Own) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The rows of candidacy and those of the other tables, with every mark still standing: made once for what is laid."""
    policy = with_own_numbers(policies()[here.policy], dict(here.named))
    numbers = policy.numbers()
    candidacy = (
        *(_rule(rule, numbers, policy) for rule in tables.rules().values()),
        *(_number(number) for number in numbers.values()),
        *(_interaction(row) for row in tables.interactions().values()),
    )
    return candidacy, tuple(other_tables.lines())


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


def _rule(rule: Rule, numbers: Mapping[str, Number], policy: Policy) -> Line:
    key, ruling = rule_key(rule), policy.rule.get(rule.id)
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
        state=seen(rule.verified),
        key=key[0],
        value=key[1],
        place=tables.table_of()[rule.id],
    )


def _number(number: Number) -> Line:
    key = number_key(number)
    used = _used_by().get(number.name, [])
    return Line(
        id=number.name,
        kind="numbers",
        title=told(number.meaning, number.value, number.unit),
        text=f"Used by {', '.join(used)}." if used else "",
        decides=f"{number.policy} policy" if number.policy else "",
        sources=number.sources,
        note=number.note,
        state=seen(number.verified),
        key=key[0],
        value=key[1],
        others=tuple(_others(number)),
        place=tables.table_of()[number.name],
        parts=_part(number),
    )


def _part(number: Number) -> tuple[Part, ...]:
    """The number as the clinic may set it; nothing for a list of words."""
    if isinstance(number.value, tuple):
        return ()
    known = tuple(_known(number.name))
    value = number_text(number.value)
    return (Part(key=number.name, name=number.name, label="", value=value, unit=number.unit, known=known),)


@cache
def _used_by() -> dict[str, list[str]]:
    """Name of a number -> the rules whose conditions use it, or ask for a value that counts for so long."""
    found: dict[str, list[str]] = {}
    for rule in tables.rules().values():
        for name in rule.numbers:
            found.setdefault(name, []).append(rule.id)
    for item in intake.items().values():
        if item.valid_for:
            found.setdefault(item.valid_for, []).extend(intake.needed_by()[item.id])
    return {name: list(dict.fromkeys(ids)) for name, ids in found.items()}


def _others(number: Number) -> Iterator[str]:
    """What other sources and the other policies say, where it is something else."""
    threshold = tables.thresholds()[number.name]
    yield from (f"{o.who}: {told('', o.value, number.unit)}" for o in threshold.others)
    for policy in policies().values():
        change = policy.threshold.get(number.name)
        if change and change.value != number.value:
            yield f"{policy.label} policy: {told('', change.value, number.unit)}"
    if number.policy and threshold.value != number.value:
        yield f"as published: {told('', threshold.value, number.unit)}"


def _known(name: str) -> Iterator[float]:
    """The values that the tables, other sources and policies give a number; none for a list of words."""
    threshold = tables.thresholds()[name]
    changes = (policy.threshold.get(name) for policy in policies().values())
    values = (threshold.value, *(o.value for o in threshold.others), *(c.value for c in changes if c))
    yield from (float(v) for v in values if not isinstance(v, tuple))


def _interaction(row: Interaction) -> Line:
    key = interaction_key(row)
    recalled = f"Recalled or defaults: {', '.join(row.unverified_fields)}." if row.unverified_fields else ""
    return Line(
        id=row.id,
        kind="interactions",
        title=row.medicine,
        text=". ".join(part.rstrip(".") for part in (row.effect, row.action, row.timing) if part),
        decides=row.severity,
        sources=row.sources,
        note=" ".join(filter(None, (recalled, row.note))),
        state=seen(row.verified and not row.unverified_fields),
        key=key[0],
        value=key[1],
        place="interactions",
    )


def _protocol(one: Protocol, approved: Approvals) -> Line:
    """A protocol as a whole: open while one of its fields is; the fields are approved one by one."""
    dose = (
        f"{one.dose.value:f} {one.dose.unit} {one.route or ''}" if one.dose else one.dose_note or "dose open"
    )
    left = as_approved(one, approved).unverified
    open_ = f"Recalled or defaults: {', '.join(left).replace('_', ' ')}." if left else ""
    lacking = f" For reference only: no {', '.join(one.missing)}." if one.missing else ""
    settled = bool(one.unverified or not one.verified) and not left
    return Line(
        id=one.id,
        kind="protocols",
        title=f"{one.condition}, {one.phase}: {dose.strip()}",
        text=f"{one.source_body}. {one.schedule_note}".strip(". ") + f".{lacking}",
        decides=f"version {version(one.id)}",
        sources=one.source,
        note=" ".join(filter(None, (open_, one.note))),
        state="unverified" if left else "approved" if settled else "verified",
    )
