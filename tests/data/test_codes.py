"""Coded and written problems and medicines are recognised, and what is not recognised is not guessed."""

import pytest

from lowtide.data import intake
from lowtide.data.codes import (
    conditions,
    conditions_named,
    medicine_classes,
    recognise_medicine,
    recognise_problem,
)

ICD, SNOMED = "http://hl7.org/fhir/sid/icd-10-cm", "http://snomed.info/sct"


@pytest.mark.parametrize(
    ("coding", "keys"),
    [
        ((ICD, "F33.2"), {"mdd"}),
        ((ICD, "F33.3"), {"mdd", "psychosis", "psychotic_depression"}),
        ((ICD, "I21.4"), {"mi"}),
        ((ICD, "I25.2"), {"mi"}),
        ((ICD, "I20.0"), {"unstable_angina", "unstable_cardiac"}),
        ((ICD, "F10.21"), {"substance_remission"}),
        ((SNOMED, "22298006"), {"mi"}),
        ((SNOMED, "59621000"), {"htn"}),
        (("icd10cm", "g9051"), {"crps"}),
        ((ICD, "J06.9"), set()),
        (("http://example.org/local", "I21"), set()),
    ],
)
def test_a_code_is_placed_by_its_longest_start(coding: tuple[str, str], keys: set[str]) -> None:
    assert recognise_problem([], [coding]).keys == keys


def test_a_coarse_code_leaves_the_finer_question_open() -> None:
    assert recognise_problem([], [(ICD, "H40.9")]).possible == {"untreated_glaucoma", "treated_glaucoma"}


def test_a_key_settles_what_its_code_leaves_open() -> None:
    found = recognise_problem(["treated_glaucoma"], [(ICD, "H40.9")])
    assert found.possible == frozenset()
    assert "treated_glaucoma" in found.keys


@pytest.mark.parametrize("condition", conditions().values(), ids=conditions().keys())
def test_a_condition_points_only_at_others_of_the_table(condition) -> None:
    assert {*condition.implies, *condition.may_be} <= conditions().keys()


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("phenelzine", {"maoi"}),
        ("Nardil 15 mg tablet", {"maoi"}),
        ("24 HR Venlafaxine 75 MG Extended Release Oral Capsule", {"snri"}),
        ("Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet", {"opioid"}),
        ("St. John's wort", {"cyp_inducer"}),
        ("Spravato", {"esketamine"}),
        ("dextromethorphan-bupropion", {"nmda_antagonist", "bupropion"}),
        ("metformin", set()),
        ("cocaine", {"illicit_stimulant"}),
        ("non-prescribed ketamine", {"illicit_stimulant"}),
        ("xanthines", {"xanthine", "theophylline"}),
        ("thyroid hormone", {"thyroid_hormone"}),
    ],
)
def test_a_medicine_is_known_by_generic_or_brand_name(text: str, classes: set[str]) -> None:
    found = recognise_medicine(text)
    assert found is not None
    assert found.classes == classes


@pytest.mark.parametrize(
    ("brand", "part"),
    [("Paxlovid", "ritonavir"), ("Nuedexta", "dextromethorphan"), ("Nuedexta", "quinidine")],
)
def test_a_brand_of_a_combination_has_the_classes_of_its_parts(brand: str, part: str) -> None:
    whole, one = recognise_medicine(brand), recognise_medicine(part)
    assert whole is not None
    assert one is not None
    assert one.classes <= whole.classes


def test_a_code_of_st_johns_wort_is_known() -> None:
    found = recognise_medicine("capsules", [("http://www.nlm.nih.gov/research/umls/rxnorm", "258326")])
    assert found is not None
    assert found.classes == {"cyp_inducer"}


def test_a_medicine_is_known_by_its_code() -> None:
    by_atc = recognise_medicine("tablets", [("http://www.whocc.no/atc", "N06AF03")])
    by_rxnorm = recognise_medicine("tablets", [("http://www.nlm.nih.gov/research/umls/rxnorm", "8123")])
    assert by_atc is not None
    assert by_rxnorm is not None
    assert by_atc.classes == by_rxnorm.classes == {"maoi"}


@pytest.mark.hazard("H032")
@pytest.mark.parametrize("coding", [("atc", "nonsense"), ("rxnorm", "0"), ("local", "N06AF03")])
def test_a_medicine_nobody_knows_is_not_guessed(coding: tuple[str, str]) -> None:
    assert recognise_medicine("Zyxaprol forte", [coding]) is None


def test_an_equivalence_is_given_where_a_source_has_one() -> None:
    clonazepam, bromazepam = recognise_medicine("clonazepam"), recognise_medicine("bromazepam")
    assert clonazepam is not None
    assert bromazepam is not None
    assert clonazepam.per_mg == {"lorazepam_eq_mg_day": 2}
    assert bromazepam.per_mg == {}


def test_every_equivalence_is_of_an_item_that_is_summed_up() -> None:
    found = recognise_medicine("lorazepam")
    assert found is not None
    assert all(intake.items()[item].total_over for item in found.per_mg)


def test_words_that_name_a_condition_are_noticed() -> None:
    assert conditions_named("Abdominal aortic aneurysm, 4 cm") == {"aneurysm"}
    assert conditions_named("ulcerative colitis") == frozenset()


def test_payers_count_classes_of_antidepressants() -> None:
    antidepressants = {key for key, c in medicine_classes().items() if c.antidepressant}
    assert {"ssri", "snri", "tca", "maoi", "bupropion"} <= antidepressants
    assert "benzodiazepine" not in antidepressants
