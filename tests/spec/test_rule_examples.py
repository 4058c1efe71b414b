"""Each rule said in examples: one case that triggers it, one that just does not, every threshold walked over.

The TOML files beside this hold them, by the rule tables they belong to. An `example` changes a vignette (V01 where none
is named) and says what the rule answers: a decision, `no`, or `unknown`. A `boundary` walks one value over a threshold.
"""

from collections import defaultdict

import pytest

from lowtide.data import rules
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
def test_every_number_of_a_rule_is_walked_over() -> None:
    walked = {(b.rule, limit) for b in BOUNDARIES for limit in crossed(b)}
    bare = []
    for rule in rules.rules().values():
        limits = [rules.thresholds()[name] for name in rule.numbers]
        bare += [
            f"{rule.id} {t.name}"
            for t in limits
            if isinstance(t.value, int | float) and (rule.id, t.name) not in walked
        ]
    assert set(bare) == NOT_WALKED


NOT_WALKED = {
    "C045 trials_required",  # counted in trials: the examples add and remove one
    "C045 trial_classes_required",  # one class by default, two for a payer: both are examples
    "C011 older_adult_age_years",  # walked by its two gates at 64 and 65
}


def crossed(boundary: Boundary) -> list[str]:
    """The numbers of the rule whose value lies within the walk, or that the walk is measured against in another unit."""
    values = [value for value, _ in boundary.answers]
    limits = ((name, rules.thresholds()[name].value) for name in rules.rules()[boundary.rule].numbers)
    return [
        name
        for name, limit in limits
        if isinstance(limit, int | float) and (min(values) <= limit <= max(values) or name == "osa_bmi_limit")
    ]
