"""An open record: what nobody said is unknown, a no is a no, and a code that says half leaves half open."""

from datetime import date
from typing import Any

import pytest

from lowtide.data.expression import UNKNOWN, Span, answer
from lowtide.data.policies import policy
from lowtide.pathway.evaluate.facts import Answer, Facts, gather, medicine, problem, trial
from lowtide.pathway.evaluate.lookup import Asked
from lowtide.problems import BadInput

DAY = date(2026, 11, 22)
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def said(condition: str, facts: Facts) -> Any:
    return answer(condition, Asked(facts, {"setting": None}, policy("default").numbers(), DAY)).value


def lacks(condition: str, facts: Facts) -> tuple[str, ...]:
    return answer(condition, Asked(facts, {"setting": None}, policy("default").numbers(), DAY)).lacks


def test_what_nobody_mentioned_is_unknown() -> None:
    facts = gather()
    for condition in (
        "dx_active('psychosis')",
        "dx_ever('tia')",
        "med('maoi')",
        "allergy('ketamine')",
        "lactating",
    ):
        assert said(condition, facts) is UNKNOWN


def test_a_whole_list_says_no_to_what_it_does_not_name() -> None:
    facts = gather(complete={"problems", "medicines", "allergies"})
    for condition in ("dx_active('psychosis')", "dx_ever('tia')", "med('maoi')", "allergy('ketamine')"):
        assert said(condition, facts) is False


def test_an_answer_of_no_settles_one_item() -> None:
    facts = gather(answers={"dx.psychosis": "never", "med.maoi": False, "allergy.ketamine": False})
    assert said("dx_ever('psychosis')", facts) is False
    assert said("med('maoi')", facts) is False
    assert said("allergy('ketamine')", facts) is False
    assert said("dx_ever('tia')", facts) is UNKNOWN


def test_a_refuted_problem_is_a_no() -> None:
    facts = gather(problems=[problem(["tia"], status="refuted")])
    assert said("dx_ever('tia')", facts) is False


def test_a_problem_outweighs_an_answer_of_no() -> None:
    facts = gather(problems=[problem(["psychosis"])], answers={"dx.psychosis": "never"})
    assert said("dx_active('psychosis')", facts) is True


def test_a_past_problem_was_and_is_not() -> None:
    facts = gather(answers={"dx.psychosis": "past"})
    assert said("dx_ever('psychosis')", facts) is True
    assert said("dx_active('psychosis')", facts) is False


def test_a_coarse_code_leaves_its_finer_meanings_open_even_in_a_whole_list() -> None:
    facts = gather(problems=[problem(codings=[(ICD, "F31.9")])], complete={"problems"})
    assert said("dx_active('mania')", facts) is UNKNOWN
    assert said("dx_active('psychosis')", facts) is False


def test_an_answer_of_no_closes_what_a_coarse_code_left_open() -> None:
    facts = gather(problems=[problem(codings=[(ICD, "F31.9")])], answers={"dx.mania": "never"})
    assert said("dx_active('mania')", facts) is False


@pytest.mark.parametrize(
    ("since", "met"),
    [
        ("2026-10-11", True),
        ("2026-10-10", False),
        ("2026-10", True),
        ("2026-09", False),
        ("2026", True),
        (42, True),
        (43, False),
    ],
)
def test_a_rule_on_days_takes_the_end_that_is_worse(since: str | int, met: bool) -> None:
    facts = gather(problems=[problem(["mi"], status="past", since=since)], complete={"problems"})
    assert said("days_since('mi') <= mi_exclusion_days", facts) is met


def test_an_event_of_unknown_date_is_an_open_question() -> None:
    facts = gather(problems=[problem(["mi"], status="past")], complete={"problems"})
    assert said("days_since('mi') <= mi_exclusion_days", facts) is UNKNOWN
    assert lacks("days_since('mi') <= mi_exclusion_days", facts) == ("dx.mi",)


def test_a_value_ages_from_the_day_it_was_taken() -> None:
    facts = gather(answers={"weight_kg": Answer(80, "2026-10-22")})
    assert said("age_days('weight_kg') > weight_max_age_days", facts) is True
    facts = gather(answers={"weight_kg": Answer(80, "2026-10-23")})
    assert said("age_days('weight_kg') > weight_max_age_days", facts) is False


def test_an_age_from_a_partial_date_of_birth_may_stay_open() -> None:
    facts = gather(answers={"age_years": Span(64, 65)})
    assert said("age_years >= older_adult_age_years", facts) is UNKNOWN
    assert said("age_years < adult_age_years", facts) is False


@pytest.mark.hazard("H032")
def test_an_unrecognised_medicine_leaves_every_class_open_and_is_named() -> None:
    facts = gather(medicines=[medicine("Zyxaprol")], complete={"medicines"})
    assert said("med('maoi')", facts) is UNKNOWN
    assert lacks("med('maoi')", facts) == ("medicine:Zyxaprol",)


def test_an_unrecognised_medicine_that_a_clinician_dismissed_matters_no_more() -> None:
    facts = gather(medicines=[medicine("Zyxaprol", dismissed=True)], complete={"medicines"})
    assert said("med('maoi')", facts) is False


def test_an_unrecognised_problem_leaves_open_what_its_words_name() -> None:
    facts = gather(problems=[problem(label="Thoracic aortic aneurysm")], complete={"problems"})
    assert said("dx_ever('aneurysm')", facts) is UNKNOWN
    assert said("dx_ever('tia')", facts) is False


def test_an_answer_of_no_settles_a_class_whatever_the_unrecognised_medicine_is() -> None:
    facts = gather(medicines=[medicine("Zyxaprol")], answers={"med.maoi": False})
    assert said("med('maoi')", facts) is False


def test_a_daily_dose_is_told_as_lorazepam_where_a_source_has_the_equivalence() -> None:
    facts = gather(medicines=[medicine("clonazepam", daily_mg=3)], complete={"medicines"})
    assert said("lorazepam_eq_mg_day > lorazepam_eq_caution_mg_day", facts) is True
    assert said("lorazepam_eq_mg_day > lorazepam_eq_defer_mg_day", facts) is False


def test_nobody_who_takes_no_benzodiazepine_is_asked_how_much() -> None:
    too_much = "lorazepam_eq_mg_day > lorazepam_eq_caution_mg_day"
    assert said(too_much, gather(answers={"med.benzodiazepine": False})) is False
    assert said(too_much, gather(medicines=[medicine("sertraline")], complete={"medicines"})) is False
    assert said(too_much, gather(medicines=[medicine("sertraline")])) is UNKNOWN


def test_trials_that_are_known_may_be_enough_in_an_open_list() -> None:
    done = [
        trial(agent, weeks=8, adequate_dose=True, current_episode=True, by_form=True)
        for agent in ("escitalopram", "venlafaxine XR")
    ]
    assert said("adequate_trials(trial_min_weeks) < trials_required", gather(trials=done)) is False
    assert said("adequate_trials(trial_min_weeks) < trials_required", gather(trials=done[:1])) is UNKNOWN
    whole = gather(trials=done[:1], complete={"trials"})
    assert said("adequate_trials(trial_min_weeks) < trials_required", whole) is True


@pytest.mark.parametrize(
    ("answers", "condition"),
    [
        ({"sex_at_birth": "male"}, "lactating"),
        ({"sex_at_birth": "male"}, "childbearing_potential"),
        ({"cssrs_q2": False}, "cssrs_q5"),
        ({"ketamine_exposed": False}, "prior_serious_reaction"),
    ],
)
def test_an_open_record_is_not_asked_what_follows_from_it(answers: dict[str, Any], condition: str) -> None:
    assert said(condition, gather(answers=answers)) is False
    assert said(condition, gather(answers=answers, infer=False)) is UNKNOWN


@pytest.mark.parametrize(
    ("answers", "where"),
    [
        ({"no_such_item": 1}, "answers"),
        ({"age_years": "old"}, "age_years"),
        ({"age_years": -1}, "age_years"),
        ({"lactating": "yes"}, "lactating"),
        ({"dx.mi": "sometimes"}, "dx.mi"),
        ({"child_pugh": "D"}, "child_pugh"),
    ],
)
def test_an_answer_that_is_none_is_refused_by_its_item(answers: dict[str, Any], where: str) -> None:
    with pytest.raises(BadInput) as refused:
        gather(answers=answers)
    assert refused.value.problems[0].where == where


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="2026-13"):
        problem(["mi"], since="2026-13")
