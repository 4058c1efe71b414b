"""Facts as they would be, were an item otherwise; and which answer the rules would like best (pure).

This answers “what would change the decision?”. It never fills in what is not known: what is supposed here is shown as a
supposition, and no decision is made on it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from lowtide.data import intake, rules
from lowtide.data.expression import Span
from lowtide.data.rules import DECISIONS
from lowtide.pathway.evaluate.adequacy import Trial
from lowtide.pathway.evaluate.answers import checked
from lowtide.pathway.evaluate.facts import CONSENT, Facts, Medicine, Problem
from lowtide.pathway.evaluate.rules import Evaluation, evaluate

UNMATCHED, STRANGER = "medicine:", "problem:"
MANY, LONG_WEEKS = 4, 52
"""More trials, and longer ones, than any policy asks for."""


def supposed(facts: Facts, item: str, value: Any) -> Facts:
    """The facts with another answer to one item, given today."""
    if item.startswith(UNMATCHED):
        return _with_medicines(facts, lambda m: m.classes is None and m.name == item.removeprefix(UNMATCHED))
    if item.startswith(STRANGER):
        return _without_stranger(facts, item.removeprefix(STRANGER))
    known = intake.items().get(item)
    facts = msgspec.structs.replace(
        facts, unsettled=facts.unsettled - {item}, consents=() if item == CONSENT else facts.consents
    )
    match known.kind if known else "medicine":
        case "condition":
            return _condition(facts, item, str(value))
        case "medicine":
            key = item.removeprefix("med.")
            without = _with_medicines(facts, lambda m: key in (m.classes or ()), drop=True)
            return msgspec.structs.replace(without, denied=facts.denied | {item})
        case "allergy":
            return msgspec.structs.replace(facts, denied=facts.denied | {item})
        case "trials":
            return _trials(facts)
    assert known
    answer = checked(known, value, item)
    assert answer is not None, item
    return msgspec.structs.replace(
        facts, values={**facts.values, item: answer}, taken={**facts.taken, item: 0}
    )


def best(facts: Facts, evaluation: Evaluation, item: str, among: Iterable[str]) -> Facts:
    """The facts with the answer to an item that leaves these rules with the least to say."""
    wanted = frozenset(among)
    options = [supposed(facts, item, value) for value in _answers(item)]
    return min(options, key=lambda option: weight(_again(option, evaluation, wanted)))


def changed(facts: Facts, evaluation: Evaluation, item: str, among: Iterable[str]) -> Facts:
    """The facts after something was changed: a condition that was treated is past, it was not never there."""
    if item.startswith("dx."):
        return supposed(facts, item, "past")
    return best(facts, evaluation, item, among)


def _again(facts: Facts, evaluation: Evaluation, among: frozenset[str]) -> Evaluation:
    return evaluate(facts, evaluation.requested, evaluation.policy, evaluation.on, among=among)


def weight(evaluation: Evaluation) -> tuple[int, int]:
    """How much the rules have to say: grave findings before mild ones, then what is not known."""
    return sum(10 ** DECISIONS.index(f.decision) - 1 for f in evaluation.findings), len(evaluation.missing)


def _answers(item: str) -> Iterator[Any]:
    """Answers to try: both words, each choice, and numbers on each side of every limit that asks for the item."""
    known = intake.items().get(item)
    if known is None:
        yield None
        return
    match known.kind:
        case "yes_no":
            yield from (False, True)
        case "condition":
            yield from ("never", "active")
        case "choice":
            yield from known.choices
        case "several":
            yield ()
        case "word":
            yield from ("none", "other")
        case "number":
            yield from _numbers(known)
        case _:
            yield None


def _numbers(item: intake.Item) -> Iterator[float]:
    low, high = item.min or 0, item.max or 0
    names = {n for rule in rules.rules().values() if item.id in rule.inputs for n in rule.numbers}
    limits = (rules.thresholds()[name].value for name in sorted(names))
    near = [v + step for v in limits if isinstance(v, int | float) for step in (-1, 0, 1)]
    yield from dict.fromkeys(min(max(v, low), high) for v in (*near, low, high))


def _condition(facts: Facts, item: str, value: str) -> Facts:
    key = item.removeprefix("dx.")
    others = tuple(p for p in facts.problems if key not in p.keys)
    if value == "past":
        past = Problem(frozenset({key}), status="past")
        return msgspec.structs.replace(facts, problems=(*others, past), denied=facts.denied - {item})
    if value == "never":
        denials = {other: said for other, said in facts.denials.items() if other != item}
        return msgspec.structs.replace(facts, problems=others, denied=facts.denied | {item}, denials=denials)
    added = Problem(frozenset({key}))
    return msgspec.structs.replace(facts, problems=(*others, added), denied=facts.denied - {item})


def _without_stranger(facts: Facts, label: str) -> Facts:
    """The problem of these words recognised as one that no rule asks about."""
    problems = tuple(
        msgspec.structs.replace(p, stranger=p.stranger and p.label != label) for p in facts.problems
    )
    return msgspec.structs.replace(facts, problems=problems)


def _with_medicines(facts: Facts, meant: Any, *, drop: bool = False) -> Facts:
    """The medicines meant recognised as none that a rule asks about, or stopped."""
    kept: list[Medicine] = []
    for one in facts.medicines:
        if not meant(one):
            kept.append(one)
        elif not drop:
            kept.append(msgspec.structs.replace(one, classes=frozenset()))
    return msgspec.structs.replace(facts, medicines=tuple(kept))


def _trials(facts: Facts) -> Facts:
    """Enough adequate trials: those begun as if each had been one, and as many more as any policy asks for."""
    weeks = Span(LONG_WEEKS, LONG_WEEKS)
    more = tuple(
        Trial(
            f"another {n}",
            frozenset({f"class {n}"}),
            weeks,
            True,
            True,
            adherent=True,
            worked=False,
            judged=True,
        )
        for n in range(MANY)
    )
    return msgspec.structs.replace(facts, trials=(*facts.trials, *more), complete=facts.complete | {"trials"})
