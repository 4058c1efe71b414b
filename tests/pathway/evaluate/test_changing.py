"""What would change a decision is worked out by the rules themselves, the cheapest step first, and promises nothing."""

from datetime import date
from typing import Any

import pytest

from lowtide.data import intake
from lowtide.data.mending import mends
from lowtide.data.policies import policy
from lowtide.data.rules import DECISIONS
from lowtide.pathway.evaluate.deciding.changing import Outlook, outlook
from lowtide.pathway.evaluate.intake import facts_from_intake
from lowtide.pathway.evaluate.rules import Evaluation, evaluate
from tests.spec.examples import VIGNETTES

ON = date(2026, 11, 22)


def ahead(vignette: dict[str, Any]) -> tuple[Evaluation, Outlook]:
    facts, requested = facts_from_intake(vignette)
    made = evaluate(facts, requested, policy("default"), ON)
    return made, outlook(facts, made)


def case(name: str) -> tuple[Evaluation, Outlook]:
    return ahead(VIGNETTES[name])


def test_every_item_that_can_be_changed_is_one_the_rules_know() -> None:
    listed = [item for mend in mends() for item in mend.items]
    assert all(item in intake.items() or item.startswith("med.") for item in listed)
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("vignette", VIGNETTES.values(), ids=lambda v: v["id"])
def test_steps_never_make_the_outlook_worse_and_each_names_its_rules(vignette: dict[str, Any]) -> None:
    made, found = ahead(vignette)
    assert DECISIONS.index(found.at_best) <= DECISIONS.index(made.decision)
    assert all(step.rules for step in found.steps)


def test_a_high_pressure_is_measured_again_and_by_itself_that_suffices() -> None:
    _, found = case("V04")
    (step,) = found.steps
    assert (step.items, step.alone) == (("sbp_mmhg", "dbp_mmhg"), "conditional")


def test_a_psychosis_that_was_treated_is_past_and_still_asks_for_a_letter() -> None:
    _, found = case("V09")
    assert [step.rules for step in found.steps] == [("C015",), ("C016",)]
    assert found.steps[0].alone == "defer"


@pytest.mark.hazard("H034")
def test_a_positive_pregnancy_test_is_not_argued_away_by_another_one() -> None:
    _, found = case("V12")
    assert found.fixed == ("C019",)
    assert "hcg_result" not in [item for step in found.steps for item in step.items]


def test_what_no_step_changes_is_named() -> None:
    assert case("V06")[1].fixed == ("C005",)


def test_what_is_missing_comes_with_the_cheapest_first_and_what_it_could_come_to() -> None:
    made, found = case("V25")
    assert made.decision == "defer"
    assert found.at_best == "eligible"
    assert [step.verb for step in found.steps][:2] == ["Score", "Order"]
