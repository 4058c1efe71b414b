"""A chart is an open world: what nobody said is unknown, a no is a no, and the latest word stands."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data.expression import UNKNOWN, Span, answer
from lowtide.data.policies import policy
from lowtide.pathway.evaluate.lookup import Asked
from lowtide.pathway.evaluate.rules import applying
from lowtide.record.chart import Chart
from lowtide.record.entries.chair import Note, Vitals
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.history import (
    Allergy,
    Diagnosis,
    HistoryTaken,
    Medicine,
    ProblemStatus,
    Result,
)
from lowtide.record.entries.identity import Patient, Sex
from tests.pathway.evaluate.charts import (
    NO,
    NOT_KNOWN,
    TODAY,
    TRD,
    YES,
    chart,
    correction,
    entry,
    facts,
    judged,
    said,
    whole_history,
)

ACTIVE, PAST, REFUTED, UNCLEAR = (
    ProblemStatus.ACTIVE,
    ProblemStatus.PAST,
    ProblemStatus.REFUTED,
    ProblemStatus.UNKNOWN,
)


def says(condition: str, of: Chart) -> Any:
    return answer(condition, Asked(facts(of), {"setting": None}, policy("default").numbers(), TODAY)).value


def value(item: str, of: Chart) -> Any:
    return facts(of).values.get(item)


# -- no is only what somebody said ------------------------------------------------------------------------------


def test_an_empty_chart_knows_nothing() -> None:
    for condition in (
        "dx_active('psychosis')",
        "med('maoi')",
        "allergy('ketamine')",
        "lactating",
        "age_years < adult_age_years",
    ):
        assert says(condition, chart()) is UNKNOWN


def test_a_history_that_names_a_condition_a_medicine_or_an_allergy_says_no_to_it() -> None:
    taken = chart(HistoryTaken(items=("dx.tia", "med.maoi", "allergy.ketamine")))
    assert says("dx_ever('tia')", taken) is False
    assert says("med('maoi')", taken) is False
    assert says("allergy('ketamine')", taken) is False
    assert says("dx_ever('psychosis')", taken) is UNKNOWN


def test_a_history_that_names_any_other_item_says_nothing_about_it() -> None:
    taken = chart(HistoryTaken(items=("lactating", "phq9", "sud_active", "uds_positive", "workup.ecg")))
    assert facts(taken).values == {}


@pytest.mark.hazard("H028")
def test_an_item_that_was_asked_and_is_not_known_is_no_no() -> None:
    asked = chart(said("dx.tia", NOT_KNOWN), HistoryTaken(items=("dx.tia",)))
    assert says("dx_ever('tia')", asked) is UNKNOWN


@pytest.mark.hazard("H028")
def test_a_whole_list_does_not_answer_what_somebody_said_is_not_known() -> None:
    lists = HistoryTaken(items=("problems", "medicines", "allergies"))
    unsure = chart(
        lists, said("dx.tia", NOT_KNOWN), said("med.maoi", NOT_KNOWN), said("allergy.ketamine", NOT_KNOWN)
    )
    assert says("dx_ever('tia')", unsure) is UNKNOWN
    assert says("med('maoi')", unsure) is UNKNOWN
    assert says("allergy('ketamine')", unsure) is UNKNOWN
    assert says("dx_ever('psychosis')", unsure) is False


def test_a_dose_that_is_not_known_is_not_added_up_from_a_whole_list() -> None:
    unsure = chart(HistoryTaken(items=("medicines",)), said("lorazepam_eq_mg_day", NOT_KNOWN))
    assert says("lorazepam_eq_mg_day > lorazepam_eq_caution_mg_day", unsure) is UNKNOWN


def test_an_answer_entered_in_error_leaves_its_item_open() -> None:
    wrong = entry(said("dx.tia", YES, "past"))
    taken = chart(wrong, HistoryTaken(items=("dx.tia",)), correction(wrong, EnteredInError()))
    assert says("dx_ever('tia')", taken) is UNKNOWN


# -- the latest word stands -------------------------------------------------------------------------------------


def test_a_later_answer_stands_and_not_known_takes_it_back() -> None:
    first, later = entry(said("lactating", YES), days=30), entry(said("lactating", NO), days=10)
    assert value("lactating", chart(later, first)) is False
    assert value("lactating", chart(later, first, entry(said("lactating", NOT_KNOWN), days=1))) is None


def test_a_corrected_answer_says_what_the_correction_says() -> None:
    wrong = entry(said("dx.psychosis", NO))
    assert (
        says("dx_active('psychosis')", chart(wrong, correction(wrong, said("dx.psychosis", YES, "active"))))
        is True
    )


def test_a_measured_value_stands_over_an_older_answer_and_under_a_newer_one() -> None:
    vitals = entry(Vitals(sbp_mmhg=150, dbp_mmhg=90), days=5)
    assert value("sbp_mmhg", chart(vitals, entry(said("sbp_mmhg", YES, "120"), days=9))) == 150
    assert value("sbp_mmhg", chart(vitals, entry(said("sbp_mmhg", YES, "120"), days=1))) == 120


@pytest.mark.hazard("H034")
def test_a_pregnancy_test_counts_by_the_day_it_was_taken_not_typed_in() -> None:
    old = entry(said("hcg_result", YES, "negative", date="2026-10-01"))
    newer = entry(Result(label="hCG", test="hcg", text="positive"), days=12)
    assert value("hcg_result", chart(newer, old)) == "positive"


@pytest.mark.hazard("H034")
@pytest.mark.parametrize(("taken", "waits"), [("2026-11-15", False), ("2026-11-14", True)])
def test_a_pregnancy_test_holds_for_seven_days(taken: str, waits: bool) -> None:
    evaluation = judged(
        whole_history(
            childbearing_potential=said("childbearing_potential", YES),
            hcg_result=said("hcg_result", YES, "negative", date=taken),
        )
    )
    assert ("C020" in {f.rule.id for f in evaluation.findings}) is waits


def test_a_date_known_to_the_year_does_not_make_a_test_younger_than_its_entry() -> None:
    vague = entry(said("hcg_result", YES, "negative", date="2026"), days=5)
    newer = entry(Result(label="hCG", test="hcg", text="positive"), days=1)
    assert value("hcg_result", chart(vague, newer)) == "positive"


# -- problems, medicines, allergies -----------------------------------------------------------------------------


def test_a_refuted_problem_is_a_no_until_somebody_says_otherwise() -> None:
    refuted = entry(Diagnosis(label="TIA", keys=("tia",), status=REFUTED), days=9)
    assert says("dx_ever('tia')", chart(refuted)) is False
    assert says("dx_ever('tia')", chart(refuted, said("dx.tia", YES, "past"))) is True
    assert says("dx_ever('tia')", chart(refuted, said("dx.tia", NOT_KNOWN))) is UNKNOWN


def test_a_problem_outweighs_a_later_no() -> None:
    problem = entry(Diagnosis(label="psychosis", keys=("psychosis",), status=ACTIVE), days=9)
    assert says("dx_active('psychosis')", chart(problem, said("dx.psychosis", NO))) is True


def test_a_problem_entered_in_error_is_gone() -> None:
    problem = entry(Diagnosis(label="psychosis", keys=("psychosis",), status=ACTIVE))
    assert says("dx_ever('psychosis')", chart(problem, correction(problem, EnteredInError()))) is UNKNOWN


@pytest.mark.hazard("H032")
def test_a_medicine_nobody_recognises_keeps_every_class_open() -> None:
    unknown = chart(HistoryTaken(items=("medicines",)), Medicine(name="Tranquilon", status=ACTIVE))
    assert says("med('maoi')", unknown) is UNKNOWN
    assert "medicine:Tranquilon" in {m.item for m in judged(unknown).missing}


@pytest.mark.hazard("H032")
def test_a_no_to_a_class_does_not_speak_for_a_medicine_nobody_recognises() -> None:
    taken = chart(said("med.maoi", NO), Medicine(name="Tranquilon", status=ACTIVE))
    assert says("med('maoi')", taken) is UNKNOWN


def test_a_clinician_can_say_that_an_unrecognised_medicine_does_not_matter() -> None:
    taken = Medicine(name="Tranquilon", status=ACTIVE, does_not_matter=True)
    assert says("med('maoi')", chart(HistoryTaken(items=("medicines",)), taken)) is False


def test_a_medicine_of_which_nobody_knows_whether_it_is_taken_leaves_its_class_open() -> None:
    perhaps = Medicine(name="phenelzine", status=UNCLEAR)
    assert says("med('maoi')", chart(HistoryTaken(items=("medicines",)), perhaps)) is UNKNOWN
    past = Medicine(name="phenelzine", status=PAST)
    assert says("med('maoi')", chart(HistoryTaken(items=("medicines",)), past)) is False


def test_no_known_allergies_is_a_no_to_each_and_no_known_medicine_allergy_to_medicines() -> None:
    none = chart(Allergy(substance="any", status=REFUTED))
    assert says("allergy('excipient')", none) is False
    of_medicines = chart(Allergy(substance="any medicine", status=REFUTED))
    assert says("allergy('ketamine')", of_medicines) is False
    assert says("allergy('excipient')", of_medicines) is UNKNOWN


def test_an_allergy_that_was_ruled_out_is_a_no_to_that_one() -> None:
    ruled_out = chart(Allergy(substance="ketamine", status=REFUTED))
    assert says("allergy('ketamine')", ruled_out) is False
    assert says("allergy('excipient')", ruled_out) is UNKNOWN


# -- who the patient is, and joined charts ----------------------------------------------------------------------


def test_an_age_from_a_year_of_birth_lies_between_two() -> None:
    assert value("age_years", chart(Patient(family="T", birth_date="2008"))) == Span(17, 18)
    assert says("age_years < adult_age_years", chart(Patient(family="T", birth_date="2008"))) is UNKNOWN


def test_sex_that_is_not_known_is_not_known() -> None:
    assert value("sex_at_birth", chart(Patient(family="T", sex=Sex.UNKNOWN))) is None


def test_joined_charts_are_read_as_one_person_with_the_charts_own_identity_first() -> None:
    here = entry(Patient(family="T", birth_date="1980-05-17"), days=9, seq=1)
    there = entry(Patient(family="T", birth_date="1990-05-17"), stream="chart:q")
    psychosis = entry(said("dx.psychosis", YES, "active"), stream="chart:q", seq=2)
    both = Chart.union([Chart.of("chart:p", [here]), Chart.of("chart:q", [there, psychosis])])
    assert says("dx_active('psychosis')", both) is True
    assert value("age_years", both) == 46


# -- laws -------------------------------------------------------------------------------------------------------

ITEMS = [e for e in whole_history() if e.body.kind_name() == "history_item"]


def test_the_whole_history_leaves_nothing_open() -> None:
    evaluation = judged(whole_history())
    assert (evaluation.decision, evaluation.missing) == ("eligible", ())


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(len(whole_history()))))
def test_the_order_of_arrival_leaves_no_trace(order: list[int]) -> None:
    entries = whole_history(dx__tia=said("dx.tia", YES, "past"))
    assert judged([entries[n] for n in order]).as_json() == judged(entries).as_json()


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(ITEMS))
def test_saying_the_same_again_changes_nothing(again: Any) -> None:
    entries = whole_history()
    more = [
        *entries,
        entry(again.body),
        entry(Note(text="seen", topic="progress")),
        entry(HistoryTaken(items=(again.body.item,))),
    ]
    assert judged(more).as_json() == judged(entries).as_json()


WORSE = (
    {"dx__tia": said("dx.tia", YES, "past")},
    {"dx__psychosis": said("dx.psychosis", YES, "active")},
    {"med__maoi": said("med.maoi", YES)},
    {"lorazepam_eq_mg_day": said("lorazepam_eq_mg_day", YES, "9")},
    {"cssrs_q4": said("cssrs_q4", YES)},
    {},
)


@pytest.mark.hazard("H028")
@settings(max_examples=80, deadline=None)
@given(st.sampled_from(WORSE), st.sets(st.sampled_from([e.body.item for e in ITEMS]), min_size=1, max_size=4))
def test_saying_that_something_is_not_known_never_makes_anyone_eligible(
    changes: Any, items: set[str]
) -> None:
    entries = whole_history(**changes)
    before, after = judged(entries), judged([*entries, *(entry(said(item, NOT_KNOWN)) for item in items)])
    assert after.decision != "eligible" or before.decision == "eligible"


SETTLED = {
    "aneurysm_cleared", "cpap_adherent", "uds_explained", "sud_remission_days",  # nothing that they are about is there
    "childbearing_potential", "hcg_result", "contraception",  # each settled by the other two
    "madrs", "phq9",  # either scale passes
    "med.opioid",  # no sleep apnoea, and the dose is known
    "setting",  # asked for only where there is suicidal intent
}  # fmt: skip


@pytest.mark.hazard("H028")
def test_each_answer_an_eligible_case_rests_on_makes_it_wait_once_it_is_not_known() -> None:
    needed = {item for rule in applying(TRD) if rule.unknown == "defer" for item in rule.inputs}
    asked = [e.body.item for e in ITEMS if e.body.item in needed]
    entries = whole_history()
    waits = {i for i in asked if judged([*entries, entry(said(i, NOT_KNOWN))]).decision == "defer"}
    assert set(asked) - waits == SETTLED
