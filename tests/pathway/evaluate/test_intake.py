"""Reading the intake form: a full history where it is filled in, unknown where it is not, refused where it is wrong."""

import copy
from typing import Any

import pytest

from lowtide.pathway.evaluate.intake import facts_from_intake, requested
from lowtide.problems import BadInput
from tests.spec.examples import VIGNETTES, judged, put, said

V01 = VIGNETTES["V01"]


def form(**changes: Any) -> dict[str, Any]:
    made = copy.deepcopy(V01)
    for path, value in changes.items():
        put(made, path.replace("__", "."), value)
    return made


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("demographics.age_years", -1, "demographics.age_years"),
        ("demographics.age_years", "44", "demographics.age_years"),
        ("demographics.age_years", True, "demographics.age_years"),
        ("demographics.age_years", float("nan"), "demographics.age_years"),
        ("demographics.weight_age_days", -3, "demographics.weight_age_days"),
        ("demographics.lactating", "no", "demographics.lactating"),
        ("demographics", None, "demographics"),
        ("demographics", [], "demographics"),
        ("vitals", [], "vitals"),
        ("labs.hcg", "negative", "labs.hcg"),
        ("labs.child_pugh", "D", "labs.child_pugh"),
        ("scales.cssrs.q4", 1, "scales.cssrs.q4"),
        ("scales.phq9", 28, "scales.phq9"),
        ("substance.sud_active", "a little", "substance.sud_active"),
        ("substance.uds_positive", "cocaine", "substance.uds_positive"),
        ("substance.sud_remission_days", 1.5j, "substance.sud_remission_days"),
        ("workup_done", "ecg", "workup_done"),
        ("diagnoses", {}, "diagnoses"),
        ("diagnoses.0", "mdd", "diagnoses[0]"),
        ("diagnoses.0.status", "maybe", "diagnoses[0].status"),
        ("diagnoses.0.days_since", -1, "diagnoses[0].days_since"),
        ("diagnoses.0.date", "May", "diagnoses[0].date"),
        ("diagnoses.0", {"status": "active"}, "diagnoses[0]"),
        ("medications.0.name", "", "medications[0].name"),
        ("medications.0.keys", "ssri", "medications[0].keys"),
        ("medications.0.mme_day", "a lot", "medications[0].mme_day"),
        ("treatment_trials.1.weeks", -2, "treatment_trials[1].weeks"),
        ("treatment_trials.1.min_effective_dose", "yes", "treatment_trials[1].min_effective_dose"),
        ("allergies", [3], "allergies[0]"),
        ("requested.indication", "gout", "requested.indication"),
        ("requested.product", None, "requested.product"),
        ("requested.route", 7, "requested.route"),
    ],
)
def test_a_fault_is_refused_by_its_place(path: str, value: Any, where: str) -> None:
    wrong = copy.deepcopy(V01)
    put(wrong, path, value)
    with pytest.raises(BadInput) as refused:
        facts_from_intake(wrong)
    assert refused.value.problems[0].where == where
    assert refused.value.problems[0].mend


@pytest.mark.hazard("H016")
def test_pressures_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(BadInput, match="systolic pressure 90 is not above diastolic pressure 140"):
        facts_from_intake(form(vitals__sbp=90, vitals__dbp=140))


@pytest.mark.parametrize("value", [None, 3, "trd", [], [1]])
def test_what_is_no_intake_is_refused(value: Any) -> None:
    with pytest.raises(BadInput):
        facts_from_intake(value)


def test_an_unknown_word_names_the_choices() -> None:
    with pytest.raises(BadInput, match="trd, mdsi, gad"):
        requested({"requested": {"indication": "gout", "product": "ketamine", "route": "iv"}})


def test_words_given_beside_the_form_override_it() -> None:
    found = requested(V01, {"indication": "anxiety", "product": None, "route": "intranasal"})
    assert (found.indication, found.product, found.route) == ("gad", "racemic_ketamine", "in")


def test_a_request_given_only_beside_the_form_stands() -> None:
    bare = {key: value for key, value in V01.items() if key != "requested"}
    asked = {"indication": "trd", "product": "ketamine", "route": "iv"}
    assert facts_from_intake(bare, asked)[1].product == "racemic_ketamine"


def test_an_item_without_a_place_of_its_own_is_read_under_its_name() -> None:
    facts, _ = facts_from_intake(form(logistics__cpap_adherent=False))
    assert facts.values["cpap_adherent"] is False


def test_an_age_of_zero_and_a_pain_of_zero_are_values() -> None:
    facts, _ = facts_from_intake(form(demographics__age_years=0, scales__nrs=0))
    assert (facts.values["age_years"], facts.values["nrs"]) == (0, 0)


def test_a_form_that_asks_nothing_is_deferred_not_refused() -> None:
    answer = judged({"requested": V01["requested"], "demographics": {}})
    assert answer.decision == "defer"
    assert len(answer.missing) > 50


def test_reading_a_form_leaves_it_as_it_was() -> None:
    before = copy.deepcopy(V01)
    facts_from_intake(V01)
    assert before == V01


@pytest.mark.parametrize(
    ("path", "value", "where", "known"),
    [
        ("diagnosis", [], "diagnosis", "diagnoses"),
        ("medicatons", [{"name": "phenelzine"}], "medicatons", "medications"),
        ("vital", {"sbp": 190}, "vital", "vitals"),
        ("demographics.age", 70, "demographics.age", "age_years"),
        ("vitals.sbp_mmhg", 190, "vitals.sbp_mmhg", "sbp"),
        ("labs.hcg", {"outcome": "positive"}, "labs.hcg.outcome", "result"),
        ("diagnoses.0.states", "past", "diagnoses[0].states", "status"),
        ("medications.0.key", ["maoi"], "medications[0].key", "keys"),
        ("treatment_trials.1.week", 8, "treatment_trials[1].week", "weeks"),
        ("requested.rout", "iv", "requested.rout", "route"),
        ("history", {"cpap_adherent": True, "psychosis": "current"}, "history", "diagnoses"),
    ],
)
def test_a_key_that_the_form_does_not_have_is_refused_with_the_known_ones(
    path: str, value: Any, where: str, known: str
) -> None:
    with pytest.raises(BadInput) as refused:
        facts_from_intake(form(**{path.replace(".", "__"): value}))
    problem = refused.value.problems[0]
    assert problem.where == where
    assert path.split(".")[-1] in str(problem) or "outcome" in str(problem)
    assert known in problem.mend


@pytest.mark.parametrize("key", ["note", "notes", "expected", "title", "id"])
def test_a_note_beside_the_answers_changes_nothing(key: str) -> None:
    plain, noted = facts_from_intake(V01)[0], facts_from_intake(form(**{key: "as told by the sister"}))[0]
    assert plain == noted


def test_items_may_stand_in_a_section_of_their_own() -> None:
    facts, _ = facts_from_intake(form(sleep={"cpap_adherent": False}))
    assert facts.values["cpap_adherent"] is False


@pytest.mark.parametrize(("answer", "found"), [(True, "not_eligible"), (None, "unknown"), (False, "no")])
def test_pregnant_is_read_as_the_condition_it_says(answer: bool | None, found: str) -> None:
    made = copy.deepcopy(V01)
    made["demographics"]["pregnant"] = answer
    assert said(judged(made), "C019") == found


def test_what_is_planned_is_active_for_the_rules() -> None:
    made = copy.deepcopy(V01) | {"planned": ["eye_surgery"]}
    assert said(judged(made), "C029") == "defer"


def test_a_list_of_what_is_planned_does_not_stand_for_the_list_of_diagnoses() -> None:
    made = copy.deepcopy(V01) | {"planned": ["eye_surgery"], "diagnoses": None}
    assert "dx.aneurysm" in {m.item for m in judged(made).missing}


@pytest.mark.parametrize("path", ["scales.dn4", "scales.hdrs17", "labs.qtc"])
def test_scales_and_values_the_tables_speak_of_are_kept(path: str) -> None:
    made = copy.deepcopy(V01)
    put(made, path, 20)
    assert judged(made).as_json() == judged(V01).as_json()


def test_a_misspelt_key_is_still_refused() -> None:
    made = copy.deepcopy(V01)
    made["demographics"]["pregnnat"] = False
    with pytest.raises(BadInput, match="pregnnat"):
        judged(made)
