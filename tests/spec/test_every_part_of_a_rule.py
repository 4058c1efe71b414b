"""Every part of a rule's condition matters to an example of that rule: each `and` and `or` is left one part short in turn.

A part whose loss no example notices is either missing an example, or says nothing: the latter are named here, with why.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator

import msgspec
import pytest

from lowtide.data import rules
from lowtide.data.policies import policy
from lowtide.pathway.evaluate.facts import Facts, Requested
from lowtide.pathway.evaluate.intake import facts_from_intake
from lowtide.pathway.evaluate.rules import evaluate
from tests.spec.examples import DAY, EXAMPLES, said

Case = tuple[Facts, Requested, str]

EQUIVALENT = {
    (
        "C020",
        0,
        "missing(hcg_result)",
    ): "without a result there is no age of it, and a missing age is asked for beside",
    (
        "C057",
        0,
        "missing(weight_kg)",
    ): "without a weight there is no age of it, and a missing age is asked for beside",
    ("C023", 1, "sud_active not in sud_excluding_severities"): (
        "of a listed dependence, assessed as that grave or not at all, the first outcome has spoken"
    ),
    ("C023", 0, "not dx_active('substance_dependence')"): (
        "a form that gives a length of remission says that there is one; without a length the later outcomes wait alike"
    ),
    (
        "C023",
        1,
        "confirmed(dx_active('substance_dependence')) and sud_active not in sud_excluding_severities",
    ): ("the last outcome waits for a listed dependence too: this one only says why in better words"),
    ("C043", 2, "in_doubt('dx.suicidal_ideation')"): (
        "a doubt settles neither this outcome nor the next, which holds the same doubt: the rule stays open either way"
    ),
    ("C043", 4, "confirmed(age_days('cssrs_q6_3mo') > age_days('phq9_item9'))"): (
        "a form has no dates of its scales; a chart has, and tests/pathway/evaluate/test_suicidality.py is about them"
    ),
}
"""(rule, which outcome, part) -> why no case can tell whether it is there."""


def one_short(when: str) -> Iterator[tuple[str, str]]:
    """Each part of an `and` or `or`, and the condition without it."""
    tree = ast.parse(when, mode="eval")
    for at, one in enumerate(n for n in ast.walk(tree) if isinstance(n, ast.BoolOp)):
        for part in range(len(one.values)):
            yield ast.unparse(one.values[part]), ast.unparse(_Without(at, part).of(when))


class _Without(ast.NodeTransformer):
    """Leaves a part of one `and` or `or` out, that which is met as number `at` on a walk."""

    def __init__(self, at: int, part: int) -> None:
        self.at, self.part = at, part

    def of(self, when: str) -> ast.AST:
        tree = ast.parse(when, mode="eval")
        self.one = [n for n in ast.walk(tree) if isinstance(n, ast.BoolOp)][self.at]
        return self.visit(tree)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        if node is not self.one:
            return self.generic_visit(node)
        del node.values[self.part]
        return node if len(node.values) > 1 else node.values[0]


def answered(rule_id: str, case: Case) -> str:
    facts, requested, profile = case
    return said(evaluate(facts, requested, policy(profile), DAY, among=frozenset({rule_id})), rule_id)


@pytest.fixture(scope="module")
def cases() -> dict[str, list[tuple[Case, str]]]:
    """The examples of each rule, read, and what the rule says of them."""
    found = defaultdict(list)
    for example in EXAMPLES:
        case = (*facts_from_intake(example.form), example.policy)
        found[example.rule].append((case, example.met))
    return found


@pytest.mark.hazard("H029")
@pytest.mark.parametrize("rule_id", rules.rules())
def test_every_part_of_a_rule_matters_to_an_example_of_it(
    rule_id: str, cases: dict[str, list[tuple[Case, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule, unnoticed = rules.rules()[rule_id], set()
    for place, outcome in enumerate(rule.outcomes):
        for part, when in one_short(outcome.when):
            outcomes = list(rule.outcomes)
            outcomes[place] = msgspec.structs.replace(outcome, when=when)
            short = msgspec.structs.replace(rule, outcomes=tuple(outcomes))
            monkeypatch.setitem(rules.rules(), rule_id, short)
            if all(answered(rule_id, case) == met for case, met in cases[rule_id]):
                unnoticed.add((rule_id, place, part))
    assert unnoticed == {key for key in EQUIVALENT if key[0] == rule_id}


def test_a_part_is_left_out_of_its_own_place_only() -> None:
    assert list(one_short("a and (b or not c)")) == [
        ("a", "b or not c"),
        ("b or not c", "a"),
        ("b", "a and (not c)"),
        ("not c", "a and b"),
    ]
