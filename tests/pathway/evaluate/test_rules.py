"""The evaluation: what it says of each finding, number, interaction and hole, and what it must never leave out."""

import copy
from typing import Any

import pytest

from lowtide.pathway.evaluate.rules import Evaluation
from tests.spec.examples import VIGNETTES, judged, put


def case(base: str = "V01", profile: str = "default", **changes: Any) -> Evaluation:
    form = copy.deepcopy(VIGNETTES[base])
    for path, value in changes.items():
        put(form, path.replace("__", "."), value)
    return judged(form, profile)


def finding(evaluation: Evaluation, rule_id: str):
    return next(f for f in evaluation.findings if f.rule.id == rule_id)


def test_the_answer_has_the_public_form() -> None:
    answer = case("V23").as_json()
    assert list(answer) == ["decision", "urgent_escalation", "findings", "interactions", "missing", "policy"]
    assert all(list(f) == ["rule_id", "decision", "reason", "source", "verified"] for f in answer["findings"])
    assert all(
        list(i) == ["interaction_id", "severity", "action", "timing", "source", "verified"]
        for i in answer["interactions"]
    )
    assert answer["policy"] == {"name": "default", "version": "1"}


def test_a_finding_tells_the_values_and_limits_it_was_made_on() -> None:
    found = finding(case(vitals__sbp=162), "C011")
    assert {use.item: use.value for use in found.used} == {"sbp_mmhg": 162, "age_years": 44}
    assert {number.name: number.value for number in found.numbers} == {
        "older_adult_age_years": 65,
        "sbp_gate_mmhg": 140,
    }
    assert "systolic pressure 162 mmHg" in found.reason
    assert "systolic gate 140 mmHg" in found.reason


def test_a_limit_that_did_not_decide_is_not_blamed() -> None:
    found = finding(case(substance__sud_active="severe"), "C023")
    assert "sud_remission_min_days" not in {n.name for n in found.numbers}
    assert found.verified


def test_a_finding_decided_by_an_unverified_number_is_marked() -> None:
    found = finding(case(substance__sud_remission_days=30), "C023")
    assert [n.name for n in found.unverified_numbers] == ["sud_remission_min_days"]
    assert not found.verified
    assert found.rule.verified


def test_a_policy_number_is_named_as_the_policys() -> None:
    found = finding(case(profile="payer", treatment_trials__1__weeks=5), "C045")
    weeks = next(n for n in found.numbers if n.name == "trial_min_weeks")
    assert (weeks.value, weeks.policy) == (6, "payer")
    assert set(weeks.sources) <= set(found.sources)


def test_a_ruling_of_a_policy_brings_its_source() -> None:
    form = copy.deepcopy(VIGNETTES["V10"])
    found = finding(judged(form, "strict"), "C018")
    assert found.decision == "not_eligible"
    assert "https://trials.co/clinical-trials-details/-/NCT03113968" in found.sources


def test_the_criterion_tells_the_limit_in_force() -> None:
    assert "over 2 mg/day" in finding(case("V23"), "C055").reason


@pytest.mark.hazard("H026")
@pytest.mark.parametrize("worse", [{}, {"demographics__age_years": 12}, {"consent__capacity": False}])
def test_a_suicide_risk_answer_surfaces_whatever_else_is_decided(worse: dict[str, Any]) -> None:
    assert case(scales__cssrs__q5=True, **worse).urgent_escalation


def test_the_escalation_stays_when_the_labelled_pathway_softens_the_decision() -> None:
    evaluation = case("V18")
    assert evaluation.decision == "conditional"
    assert evaluation.urgent_escalation


def test_the_pathway_is_not_taken_for_granted_when_the_setting_is_not_stated() -> None:
    evaluation = case("V18", requested__setting=None)
    assert evaluation.decision == "defer"
    assert evaluation.urgent_escalation
    assert "setting" in {m.item for m in evaluation.missing}


@pytest.mark.hazard("H028")
def test_what_is_missing_is_listed_with_the_rules_that_need_it() -> None:
    evaluation = case(vitals__spo2_ra=None)
    hole = next(m for m in evaluation.missing if m.item == "spo2_pct")
    assert evaluation.decision == "defer"
    assert hole.needed_by == ("C040",)
    assert hole.question.endswith("?")


def test_a_gate_that_takes_a_missing_item_as_not_in_hand_also_asks_for_it() -> None:
    evaluation = case(logistics__escort=None)
    assert finding(evaluation, "C044").decision == "defer"
    assert ("escort", ("C044",)) in {(m.item, m.needed_by) for m in evaluation.missing}


def test_a_missing_work_up_item_is_named_alone() -> None:
    done = [word for word in VIGNETTES["V01"]["workup_done"] if word != "ecg"]
    assert [m.item for m in case(workup_done=done).missing] == ["workup.ecg"]


@pytest.mark.hazard("H032")
def test_an_unmatched_medicine_defers_until_it_is_matched() -> None:
    evaluation = case(medications=[{"name": "Zyxaprol"}])
    assert evaluation.decision == "defer"
    assert "medicine:Zyxaprol" in {m.item for m in evaluation.missing}


def test_an_interaction_never_changes_the_decision_by_itself() -> None:
    evaluation = case(medications=[{"name": "lithium"}, {"name": "carbamazepine"}, {"name": "clozapine"}])
    assert evaluation.decision == "eligible"
    assert [i.interaction.id for i in evaluation.interactions] == ["I12", "I17", "I19"]


@pytest.mark.parametrize(
    ("route", "severity"), [("iv", "minor"), ("po", "major"), ("sl", "major"), ("sc", "moderate")]
)
def test_an_interaction_may_weigh_differently_by_route(route: str, severity: str) -> None:
    evaluation = case(requested__route=route, medications=[{"name": "itraconazole"}])
    assert [(i.interaction.id, i.severity) for i in evaluation.interactions] == [("I10", severity)]


def test_an_interaction_of_another_route_or_product_is_left_out() -> None:
    assert not case(medications=[{"name": "oxymetazoline"}]).interactions
    assert [i.interaction.id for i in case("V02", medications=[{"name": "oxymetazoline"}]).interactions] == [
        "I28"
    ]


def test_a_drug_screen_can_show_an_interaction() -> None:
    evaluation = case(substance__uds_positive=["cocaine"], substance__uds_explained=False)
    assert "I34" in {i.interaction.id for i in evaluation.interactions}


def test_findings_come_strongest_first() -> None:
    evaluation = case("V06")
    assert [f.decision for f in evaluation.findings] == ["not_eligible", "conditional", "eligible"]


def test_an_evaluation_says_what_it_was_judged_by() -> None:
    evaluation = case()
    assert evaluation.requested.indication == "trd"
    assert len(evaluation.rules_version) == 12
    assert evaluation.on.isoformat() == "2026-11-22"
