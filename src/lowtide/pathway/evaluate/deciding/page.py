"""An evaluation as the page shows it: the verdict, what would change it, findings by consequence (pure)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from lowtide.data import codes, intake
from lowtide.data import rules as tables
from lowtide.data.effort import effort_of
from lowtide.data.policies import Number
from lowtide.data.rules import Rule
from lowtide.data.sources import told as told_sources
from lowtide.pathway.course.approved import NOTHING, Approvals, interaction_key, number_key, rule_key
from lowtide.pathway.evaluate.deciding.changing import Change, Outlook
from lowtide.pathway.evaluate.deciding.opened import opened
from lowtide.pathway.evaluate.deciding.origins import Origin
from lowtide.pathway.evaluate.lookup import AGE
from lowtide.pathway.evaluate.rules import Evaluation, Finding, InteractionFound, Missing, Used, applying
from lowtide.pathway.evaluate.ruling.adopted import interaction_is_settled
from lowtide.pathway.evaluate.ruling.backing import answered_by
from lowtide.pathway.evaluate.wanted import ON_RECORD, in_ledger
from lowtide.pathway.evaluate.words import plain, told

WORDS = {
    "not_eligible": ("stop", "Not eligible"),
    "defer": ("hold", "Defer, for now"),
    "conditional": ("caution", "Conditional"),
    "eligible": ("clear", "Eligible"),
}
LEVELS = {
    "not_eligible": ("stop", "Stop"),
    "defer": ("hold", "Hold"),
    "conditional": ("caution", "Caution"),
    "eligible": ("note", "Note"),
}
HEADINGS = {
    "not_eligible": ("Excludes", "treatment would not be right as things stand"),
    "defer": ("Holds", "wait until it is settled"),
    "conditional": ("Conditions", "would carry into the plan"),
    "eligible": ("Notes", "to know, no reason against"),
}
SEVERITIES = {
    "contraindicated": "stop",
    "major": "hold",
    "moderate": "caution",
    "minor": "note",
    "none": "note",
}
NOBODY: Mapping[str, str] = {}
FULL = ("contraindicated", "major")
"""Interactions of these severities are shown in full; the others stand together below them."""
SHOWN_NAMES = 3
STRANGERS = ("medicine:", "problem:")
SHOWN_STEPS = 8
"""So many steps stand open on the page; the others below them."""


class Chip(msgspec.Struct, frozen=True):
    text: str
    rule: str


class Ask(msgspec.Struct, frozen=True):
    """An item that is not known, by the place where it is asked."""

    item: str
    label: str
    place: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One row of findings: rule, value, boundary, source, and where sources differ."""

    level: str
    word: str
    title: str
    text: str
    differ: str = ""
    value: str = ""
    origin: str = ""
    sources: tuple[Chip, ...] = ()
    unverified: tuple[Chip, ...] = ()
    asks: tuple[Ask, ...] = ()
    opens: tuple[tuple[str, str], ...] = ()
    links: tuple[str, ...] = ()
    ledger: bool = False


class Group(msgspec.Struct, frozen=True):
    title: str
    about: str
    rows: tuple[Shown, ...]


class Step(msgspec.Struct, frozen=True):
    """One thing that would change the verdict, and what it takes."""

    what: str
    takes: str
    place: str = ""
    in_full: bool = True


class Verdict(msgspec.Struct, frozen=True):
    level: str
    words: str
    text: str
    cleared: str
    fixed: str
    steps: tuple[Step, ...]


def verdict(evaluation: Evaluation, ahead: Outlook) -> Verdict:
    """The answer in two words, why in a sentence, and what would change it, the cheapest first."""
    level, words = WORDS[evaluation.decision]
    steps = tuple(_step(change, number < SHOWN_STEPS) for number, change in enumerate(ahead.steps))
    return Verdict(level, words, _why(evaluation), _cleared(evaluation, ahead), ", ".join(ahead.fixed), steps)


def _why(evaluation: Evaluation) -> str:
    counts = [
        (
            sum(f.decision == "not_eligible" for f in evaluation.findings),
            "finding excludes",
            "findings exclude",
        ),
        (sum(_holds(f) for f in evaluation.findings), "finding holds", "findings hold"),
        (len(evaluation.missing), "fact is missing", "facts are missing"),
        (
            sum(f.decision == "conditional" for f in evaluation.findings),
            "condition applies",
            "conditions apply",
        ),
    ]
    said = [f"{n} {one if n == 1 else many}" for n, one, many in counts if n]
    return (
        f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else "".join(said)
    ) or "No finding speaks against it"


def _holds(finding: Finding) -> bool:
    return finding.decision == "defer" and not finding.missing


def _cleared(evaluation: Evaluation, ahead: Outlook) -> str:
    """What it would come to at best with every step done."""
    return (
        ""
        if ahead.at_best == evaluation.decision
        else WORDS[ahead.at_best][1].removesuffix(", for now").lower()
    )


def _step(change: Change, in_full: bool) -> Step:
    """One step; what it would come to by itself is said where that differs."""
    alone = f"; by itself: {WORDS[change.alone][1].lower()}" if change.alone else ""
    rules = ", ".join(change.rules[:SHOWN_NAMES]) + (" …" if len(change.rules) > SHOWN_NAMES else "")
    place = f"f-{change.finding.rule.id}" if change.finding else "missing"
    return Step(_step_words(change), f"{change.takes} · {rules}{alone}", place, in_full)


def _step_words(change: Change) -> str:
    if not change.items:
        return change.verb
    labels = ", ".join(label_of(item) for item in change.items[:SHOWN_NAMES])
    few = len(change.items) <= SHOWN_NAMES
    return (
        f"{change.verb}: {labels}"
        if few
        else f"{change.verb} {len(change.items)} {effort_of(change.items[0]).many}"
    )


# -- findings -------------------------------------------------------------------------------------------------


def groups(
    evaluation: Evaluation,
    origins: Mapping[str, Origin],
    approved: Approvals,
    names: Mapping[str, str],
    asked: Iterable[str],
) -> list[Group]:
    """Findings by consequence; what is not known stands after what holds. `asked`: items said to be not known."""
    shown: dict[str, list[Shown]] = {decision: [] for decision in HEADINGS}
    open_gates: list[Shown] = []
    for finding in evaluation.findings:
        row = _shown(finding, origins, approved, names)
        (open_gates if finding.missing else shown[finding.decision]).append(row)
    found = [Group(*HEADINGS[d], tuple(rows)) for d, rows in shown.items() if rows]
    unknown = (*open_gates, *_not_known(evaluation, frozenset(asked)))
    if unknown:
        about = "counts as a reason to wait, never as “no”"
        place = sum(group.title in ("Excludes", "Holds") for group in found)
        found.insert(place, Group("Not known", about, unknown))
    return found


def _shown(
    finding: Finding, origins: Mapping[str, Origin], approved: Approvals, names: Mapping[str, str]
) -> Shown:
    level, word = LEVELS[finding.decision]
    asks = tuple(ask(item) for item in finding.missing)
    settled, open_chips = _chips(finding, approved, names)
    facts = [used for used in finding.used if used.item not in finding.missing]
    return Shown(
        level="unknown" if asks else level,
        word="Missing" if asks else word,
        title=_title(finding),
        text=_text(finding.rule),
        differ=_differ(finding),
        value=", ".join(_value(used) for used in facts),
        origin=_origin(facts, origins),
        sources=settled,
        unverified=open_chips,
        asks=asks,
        opens=opened(finding),
        links=finding.sources,
        ledger=any(in_ledger(used.item) for used in finding.used),
    )


def _title(finding: Finding) -> str:
    """The reason without the facts and limits that stand beside it."""
    facts = ", ".join(map(str, finding.used))
    title = finding.reason.split(". Limits: ")[0]
    return title.removesuffix(f": {facts}") if facts else title


def _text(rule: Rule) -> str:
    return ". ".join(part.rstrip(".") for part in (rule.action, rule.rationale) if part) + "."


def _value(used: Used) -> str:
    """A figure after its name; a word after a colon."""
    in_words = isinstance(used.value, bool | str | frozenset)
    return told(f"{used.label}:" if in_words else used.label, used.value, used.unit)


def _origin(facts: list[Used], origins: Mapping[str, Origin]) -> str:
    items = (used.item.removesuffix(AGE) for used in facts)
    found = [origins[item] for item in items if item in origins]
    return str(found[0]) if found else ""


def _differ(finding: Finding) -> str:
    """Where other sources give another number, or a policy another decision."""
    others = [
        f"{other.who}: {told('', other.value, number.unit)}"
        for number in finding.numbers
        for other in tables.thresholds()[number.name].others
    ]
    if finding.ruling:
        others.append(finding.ruling.note or "this policy decides otherwise than the rule")
    return "; ".join(others)


def _chips(
    finding: Finding, approved: Approvals, names: Mapping[str, str]
) -> tuple[tuple[Chip, ...], tuple[Chip, ...]]:
    """(settled, not settled): the rule and its numbers by where they come from, or who approved them."""
    rule, settled, unsettled = finding.rule, [], []
    entry = approved.get(rule_key(rule))
    if rule.verified or entry:
        who = f", {answered_by(entry, names)}" if entry else ""
        settled.append(Chip(f"{rule.id} · {told_sources(finding.sources)}{who}", rule.id))
    else:
        unsettled.append(Chip(f"{rule.id} unverified", rule.id))
    for number in finding.numbers:
        approval = approved.get(number_key(number))
        said = f"{_limit(number)}, {told_sources(number.sources)}"
        if approval:
            settled.append(Chip(f"{said}, {answered_by(approval, names)}", rule.id))
        elif number.verified:
            settled.append(Chip(said, rule.id))
        else:
            unsettled.append(Chip(f"{said}, unverified", rule.id))
    return tuple(settled), tuple(unsettled)


def _limit(number: Number) -> str:
    return told("", number.value, number.unit) if not isinstance(number.value, tuple) else number.meaning


# -- not known ------------------------------------------------------------------------------------------------


def _not_known(evaluation: Evaluation, asked: frozenset[str]) -> Iterator[Shown]:
    """What is missing, section by section; what a gate above already names is left out."""
    gates = {f.rule.id for f in evaluation.findings if f.missing}
    rest = [m for m in evaluation.missing if not gates.issuperset(m.needed_by)]
    yield from (_unmatched(m) for m in rest if m.item.startswith(STRANGERS))
    by_section: dict[str, list[Missing]] = {key: [] for key in intake.sections()}
    for missing in rest:
        if missing.item in intake.items():
            by_section[intake.items()[missing.item].section].append(missing)
        elif not missing.item.startswith(STRANGERS):
            by_section["medicines"].append(missing)
    for key, items in by_section.items():
        if items:
            yield _section_row(key, items, asked)


def _unmatched(missing: Missing) -> Shown:
    kind, _, name = missing.item.partition(":")
    what, place = ("medicines", "medicines") if kind == "medicine" else ("conditions", "problems")
    return Shown(
        level="unknown",
        word="Unmatched",
        title=f"{name} is not recognised",
        text=f"It may touch any rule on {what}. {missing.question}",
        sources=tuple(Chip(r, r) for r in missing.needed_by[:SHOWN_NAMES]),
        asks=(Ask(missing.item, f"the list of {place}", place),),
    )


def _section_row(key: str, items: list[Missing], asked: frozenset[str]) -> Shown:
    needed = list(dict.fromkeys(rule for m in items for rule in m.needed_by))
    more = f", and {len(needed) - 6} more" if len(needed) > 6 else ""
    known_open = all(m.item in asked for m in items)
    return Shown(
        level="unknown",
        word="Not known" if known_open else "Not asked",
        title=intake.sections()[key],
        text=" ".join(m.question for m in items if in_ledger(m.item) or m.question.startswith(ON_RECORD)),
        origin=f"for {', '.join(needed[:6])}{more}",
        asks=tuple(ask(m.item) for m in items),
    )


def ask(item: str) -> Ask:
    """Where an item is asked: its question, or the list it is read from."""
    known = intake.items().get(item)
    if in_ledger(item):
        return Ask(item, label_of(item), "ledger")
    place = f"q-{item}" if known and known.ask else "medicines" if item.startswith("med") else "problems"
    return Ask(item, label_of(item), place)


def label_of(item: str) -> str:
    if item in intake.items():
        return intake.items()[item].label
    if item.startswith(STRANGERS):
        return item.partition(":")[2]
    found = codes.medicine_classes().get(item.removeprefix("med."))
    return found.label if found else item


# -- interactions and what is clear ----------------------------------------------------------------------------


def interactions(
    evaluation: Evaluation, approved: Approvals = NOTHING, names: Mapping[str, str] = NOBODY
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(in full, together): the most severe first, so that none hides among the minor ones."""
    order = list(SEVERITIES)
    found = sorted(evaluation.interactions, key=lambda i: (order.index(i.severity), i.interaction.id))
    shown = [(i, _interaction(i, approved, names)) for i in found]
    return [s for i, s in shown if i.severity in FULL], [s for i, s in shown if i.severity not in FULL]


def _interaction(found: InteractionFound, approved: Approvals, names: Mapping[str, str]) -> dict[str, Any]:
    row = found.interaction
    entry = approved.get(interaction_key(row))
    who = ", ".join(plain(used.value) for used in found.used if isinstance(used.value, str))
    return {
        "level": SEVERITIES[found.severity],
        "word": found.severity.capitalize(),
        "id": row.id,
        "title": row.medicine,
        "who": who,
        "text": f"{row.effect.rstrip('.')}. {row.action.rstrip('.')}.",
        "timing": row.timing,
        "monitoring": row.monitoring,
        "sources": told_sources(row.sources) + (f", {answered_by(entry, names)}" if entry else ""),
        "verified": interaction_is_settled(row, approved),
    }


def clear(evaluation: Evaluation) -> list[Rule]:
    """The rules that speak of this request, were answered, and found nothing."""
    spoken = {f.rule.id for f in evaluation.findings} | {r for m in evaluation.missing for r in m.needed_by}
    return [rule for rule in applying(evaluation.requested) if rule.id not in spoken]


def domains(rules: Iterable[Rule]) -> list[str]:
    """What these rules are about, each once."""
    return list(dict.fromkeys(rule.domain for rule in rules))
