"""What would change a decision, worked out by running the rules again, the cheapest step first (pure)."""

import msgspec

from lowtide.data.effort import Effort, effort_of, efforts
from lowtide.data.mending import Mend, mends
from lowtide.data.rules import DECISIONS, Decision
from lowtide.pathway.evaluate.deciding.overriding import of
from lowtide.pathway.evaluate.facts import Facts
from lowtide.pathway.evaluate.lookup import AGE
from lowtide.pathway.evaluate.rules import Evaluation, Finding, Missing, evaluate
from lowtide.pathway.evaluate.supposing import best, changed

TOO_EARLY = 24
"""With more facts missing than this nobody can say what it would come to."""
ROUNDS = 3
"""Answers can open further questions; after so many rounds what is still open stays open."""


class Change(msgspec.Struct, frozen=True):
    """One step: the items it settles or the finding it clears, what it takes, the rules it quiets.

    `alone` is what the rules would say with this step only, where that is not what they say now.
    """

    verb: str
    takes: str
    items: tuple[str, ...]
    rules: tuple[str, ...]
    alone: Decision | None = None
    finding: Finding | None = None


class Outlook(msgspec.Struct, frozen=True):
    """The steps, what all of them together would come to at best, and the rules no step quiets."""

    steps: tuple[Change, ...]
    at_best: Decision
    fixed: tuple[str, ...]


def outlook(facts: Facts, made: Evaluation) -> Outlook:
    """Every step that would help. What is supposed is the answer the rules like best: this says what may come."""
    asking = _asking(facts, made)
    if len(made.missing) > TOO_EARLY:
        return Outlook(tuple(asking), made.decision, ())
    supposed, after = _answered(facts, made)
    mending: list[Change] = []
    for finding in _against(after):
        mend = _mend(finding)
        option = _mended(supposed, made, mend, finding) if mend else supposed
        if mend and _is_quiet(option, made, finding):
            supposed = option
            mending.append(_mending(mend, finding, facts, made))
    rest = evaluate(supposed, made.requested, made.policy, made.on)
    letters = [f for f in _against(rest) if of(f).takes != "refused" and f.decision != "conditional"]
    steps = (*asking, *sorted(mending, key=_by_cost), *map(_letter, letters))
    left = [f for f in rest.findings if f not in letters]
    at_best = max([f.decision for f in left], key=DECISIONS.index, default=DECISIONS[0])
    fixed = tuple(f.rule.id for f in left if f.decision in ("defer", "not_eligible"))
    return Outlook(steps, at_best, fixed)


def _answered(facts: Facts, made: Evaluation) -> tuple[Facts, Evaluation]:
    """The facts with everything that is not known answered as the rules would like it best."""
    now = made
    for _ in range(ROUNDS):
        for missing in now.missing:
            facts = best(facts, made, missing.item, missing.needed_by)
        now = evaluate(facts, made.requested, made.policy, made.on)
        if not now.missing:
            break
    return facts, now


def _asking(facts: Facts, made: Evaluation) -> list[Change]:
    """What is not known, by what it takes to know it."""
    found = [
        (effort, [m for m in made.missing if effort_of(m.item) is effort]) for effort in efforts().values()
    ]
    return [_asked(effort, missing, facts, made) for effort, missing in found if missing]


def _asked(effort: Effort, missing: list[Missing], facts: Facts, made: Evaluation) -> Change:
    if len(made.missing) <= TOO_EARLY:
        for one in missing:
            facts = best(facts, made, one.item, one.needed_by)
    rules = tuple(dict.fromkeys(rule for m in missing for rule in m.needed_by))
    return Change(effort.verb, effort.words, tuple(m.item for m in missing), rules, _alone(facts, made))


def _against(evaluation: Evaluation) -> list[Finding]:
    return [f for f in evaluation.findings if f.decision != "eligible"]


def _mend(finding: Finding) -> Mend | None:
    """The cheapest change of something this finding rests on."""
    excludes = finding.decision == "not_eligible"
    return next((m for m in mends() if _items(m, finding) and (m.excluded or not excludes)), None)


def _items(mend: Mend, finding: Finding) -> tuple[str, ...]:
    used = {use.item.removesuffix(AGE) for use in finding.used}
    return tuple(item for item in mend.items if item in used)


def _mended(facts: Facts, made: Evaluation, mend: Mend, finding: Finding) -> Facts:
    for item in _items(mend, finding):
        facts = changed(facts, made, item, [finding.rule.id])
    return facts


def _is_quiet(facts: Facts, made: Evaluation, finding: Finding) -> bool:
    again = evaluate(facts, made.requested, made.policy, made.on, among=frozenset({finding.rule.id}))
    return not again.missing and all(
        DECISIONS.index(f.decision) < DECISIONS.index(finding.decision) for f in again.findings
    )


def _by_cost(change: Change) -> int:
    return next(n for n, mend in enumerate(mends()) if mend.verb == change.verb)


def _mending(mend: Mend, finding: Finding, facts: Facts, made: Evaluation) -> Change:
    alone = _alone(_mended(facts, made, mend, finding), made)
    return Change(mend.verb, mend.words, _items(mend, finding), (finding.rule.id,), alone, finding)


def _letter(finding: Finding) -> Change:
    """What cannot be changed, and may be set aside."""
    action = finding.rule.action.rstrip(".")
    return Change(of(finding).step, action, (), (finding.rule.id,), None, finding)


def _alone(facts: Facts, made: Evaluation) -> Decision | None:
    after = evaluate(facts, made.requested, made.policy, made.on).decision
    return after if after != made.decision else None
