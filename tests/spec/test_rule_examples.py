"""Each rule said in examples: one case that triggers it, one that just does not, every threshold walked over.

The TOML files beside this hold them, by the rule tables they belong to. An `example` changes a vignette (V01 where none
is named) and says what the rule answers: a decision, `no`, or `unknown`. A `boundary` walks one value over a threshold.
"""

from collections import defaultdict

import pytest

from lowtide.data import policies, rules
from tests.spec.examples import BOUNDARIES, EXAMPLES, Boundary, Example, judged, said


@pytest.mark.hazard("H029")
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_rule_says_what_its_example_says(example: Example) -> None:
    assert said(judged(example.form, example.policy), example.rule) == example.met


def answers() -> dict[str, set[str]]:
    found = defaultdict(set)
    for example in EXAMPLES:
        found[example.rule].add(example.met)
    return found


@pytest.mark.parametrize("rule_id", rules.rules())
def test_every_rule_has_a_case_that_triggers_it_and_one_that_does_not(rule_id: str) -> None:
    assert "no" in answers()[rule_id] or {"not_eligible", "conditional"} <= answers()[rule_id]
    assert answers()[rule_id] - {"no", "unknown"}


@pytest.mark.parametrize("rule_id", rules.rules())
def test_every_outcome_of_a_rule_has_an_example(rule_id: str) -> None:
    assert {outcome.decision for outcome in rules.rules()[rule_id].outcomes} <= answers()[rule_id]


@pytest.mark.hazard("H029")
@pytest.mark.parametrize("name", policies.policies())
def test_every_number_is_walked_over_one_step_on_each_side(name: str) -> None:
    """The policy's own numbers; for the default, every number of the tables."""
    numbers = policies.policy(name).numbers()
    bare = {
        f"{rule.id} {number}"
        for rule in rules.rules().values()
        for number in rule.numbers
        if isinstance(numbers[number].value, int | float)
        and (name == "default" or numbers[number].policy == name)
        and not any(
            is_walked(b, numbers[number].value) for b in BOUNDARIES if (b.rule, b.policy) == (rule.id, name)
        )
    }
    assert bare <= NOT_WALKED


NOT_WALKED = {
    "C045 trials_required",  # counted in trials: examples of one, two and three
    "C045 trial_classes_required",  # counted in classes: examples of one, two and three
    "C039 osa_bmi_limit",  # walked in kilograms: 139, 140 and 141 kg at 2 m
}


def is_walked(boundary: Boundary, limit: float) -> bool:
    """The value itself, and on each side of it one no further than a step of 1 away."""
    values = [value for value, _ in boundary.answers]
    return (
        limit in values
        and any(limit - 1 <= value < limit for value in values)
        and any(limit < value <= limit + 1 for value in values)
    )


@pytest.mark.parametrize(
    ("policy", "rule_id"), [(p.name, rule) for p in policies.policies().values() for rule in p.rule]
)
def test_every_ruling_of_a_policy_has_a_case_that_meets_it_and_one_that_does_not(
    policy: str, rule_id: str
) -> None:
    said_so = {e.met for e in EXAMPLES if (e.policy, e.rule) == (policy, rule_id)}
    assert {policies.policy(policy).rule[rule_id].decision, "no"} <= said_so
