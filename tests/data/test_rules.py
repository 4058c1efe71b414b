"""The rule tables: whole, consistent with each other, and honest about what was verified."""

import re

import pytest

from lowtide.data import codes, expression, intake, policies, read, rules
from lowtide.problems import BadInput

RULES, NUMBERS, INTERACTIONS = rules.rules(), rules.thresholds(), rules.interactions()
CONDITIONS = [o.when for rule in RULES.values() for o in rule.outcomes] + [
    i.when for i in INTERACTIONS.values()
]


def test_every_rule_and_interaction_of_the_source_tables_is_here() -> None:
    numbered = [key for key in RULES if re.fullmatch(r"C0\d\d[ab]?", key)]
    assert len(numbered) == 67 + len({"C071", "C072", "C073", "C074"})
    assert list(INTERACTIONS) == [f"I{n:02}" for n in range(1, 37)]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_speaks_only_of_numbers_items_and_the_request(condition: str) -> None:
    known = NUMBERS.keys() | intake.items().keys() | set(rules.REQUEST)
    assert set(expression.names(condition)) <= known


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_names_only_conditions_and_classes_of_the_code_tables(condition: str) -> None:
    for function, words in expression.calls(condition):
        if rules.ITEM_OF.get(function) == "dx.":
            assert set(words) <= codes.conditions().keys()
        if function in ("med", "allergy"):
            assert set(words) <= codes.medicine_classes().keys()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_input_of_a_rule_can_be_asked(rule: rules.Rule) -> None:
    assert set(rule.inputs) <= intake.items().keys()


@pytest.mark.parametrize("item", intake.items().values(), ids=lambda item: item.id)
def test_every_item_is_a_whole_question(item: intake.Item) -> None:
    assert item.section in intake.sections()
    assert item.question.endswith("?")
    assert item.kind != "number" or (item.unit and item.max is not None and item.min is not None)
    assert item.kind != "choice" or item.choices


def test_an_item_tells_which_rules_need_it() -> None:
    assert intake.needed_by()["sbp_mmhg"] == ("C011", "C012", "C014")
    assert "C009" in intake.needed_by()["dx.mi"]
    assert intake.needed_by()["setting"] == ("C043",)


def test_no_two_tables_use_one_name() -> None:
    lists = [NUMBERS.keys(), intake.items().keys(), set(rules.REQUEST)]
    assert len(set().union(*lists)) == sum(map(len, lists))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_an_unknown_input_may_only_be_named_where_it_could_not_worsen_the_decision(rule: rules.Rule) -> None:
    assert rule.unknown == "defer" or {o.decision for o in rule.outcomes} == {"eligible"}


@pytest.mark.parametrize(
    "row",
    [*RULES.values(), *NUMBERS.values(), *INTERACTIONS.values()],
    ids=lambda row: getattr(row, "id", None) or row.name,
)
def test_what_is_verified_has_a_source(row: rules.Rule | rules.Threshold | rules.Interaction) -> None:
    assert not row.verified or row.sources or getattr(row, "id", "") == "NO-RULE"


def test_every_number_is_used() -> None:
    used = {name for condition in CONDITIONS for name in expression.names(condition)}
    assert NUMBERS.keys() <= used


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_criterion_tells_the_limit_in_force_by_its_name(rule: rules.Rule) -> None:
    texts = [rule.criterion, *(o.reason for o in rule.outcomes)]
    assert {name for text in texts for name in re.findall(r"{(\w+)}", text)} <= set(rule.numbers)


@pytest.mark.parametrize("policy", policies.policies().values(), ids=lambda policy: policy.name)
def test_a_policy_replaces_numbers_and_decisions_that_exist(policy: policies.Policy) -> None:
    assert policy.threshold.keys() <= NUMBERS.keys()
    assert all(len(RULES[key].outcomes) == 1 for key in policy.rule)
    assert all(c.sources or not c.verified for c in (*policy.threshold.values(), *policy.rule.values()))


def test_a_policy_number_says_whose_it_is() -> None:
    numbers = policies.policy("payer").numbers()
    assert (numbers["trial_min_weeks"].value, numbers["trial_min_weeks"].policy) == (6, "payer")
    assert (numbers["sbp_gate_mmhg"].value, numbers["sbp_gate_mmhg"].policy) == (140, None)


def test_an_unknown_policy_names_the_choices() -> None:
    with pytest.raises(BadInput, match="default, strict, payer"):
        policies.policy("lenient")


def test_the_version_is_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rules.version()
    assert re.fullmatch(r"[0-9a-f]{12}", before)
    original = read.text
    monkeypatch.setattr(
        read, "text", lambda name: original(name) + ("# changed" if name == "rules/body.toml" else "")
    )
    rules.version.cache_clear()
    changed = rules.version()
    rules.version.cache_clear()
    assert changed != before
