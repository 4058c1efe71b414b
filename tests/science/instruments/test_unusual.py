"""Answers from forms that nobody here has seen: odd names, odd values, odd shapes. What can be meant is read, what
cannot is refused, and nothing is guessed."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data.instruments import instrument, instruments
from lowtide.problems import BadInput
from lowtide.science.instruments.answers import About, about, read
from lowtide.science.instruments.score import Score, score

PHQ9 = instrument("PHQ9")
WEIGHT = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


def scored(name: str, answers: dict[str, Any], person: About | None = None) -> Score:
    return score(instrument(name), answers, person)


def flags(found: Score) -> set[str]:
    return {flag.id for flag in found.flags}


def response(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items), **more}


def item(link: str, **value: Any) -> dict[str, Any]:
    return {"linkId": link, "answer": [value]}


@pytest.mark.parametrize(
    "key",
    [
        "09",
        "q09",
        "PHQ-9 q9",
        "phq9_9",
        "PHQ9.9",
        "PHQ.9",
        "item_9",
        "Question 9",
        "/44249-1/44250-9/../44260-8",
    ],
)
def test_an_item_is_known_by_whatever_a_form_calls_it(key: str) -> None:
    assert read(PHQ9, {key: 2}).values == {"9": 2}


@pytest.mark.parametrize(("name", "key"), [("PEG", "peg3"), ("ISI", "isi_3"), ("MADRS", "MADRS-3")])
def test_a_name_may_be_glued_to_the_number(name: str, key: str) -> None:
    assert read(instrument(name), {key: 2}).values == {"3": 2}


@pytest.mark.parametrize("answer", ["2.0", " 2 ", 2.0])
def test_a_whole_number_may_be_written_with_its_zero(answer: Any) -> None:
    assert read(PHQ9, {"1": answer}).values == {"1": 2}


@pytest.mark.parametrize("answer", ["2,0", "2.5", "II", "١", "1e0", [1], [], True, "9" * 40, "-0.0x"])
def test_what_cannot_be_meant_is_refused(answer: Any) -> None:
    with pytest.raises(BadInput, match="item 1"):
        read(PHQ9, {"1": answer})


@pytest.mark.parametrize("word", ["y", "Y", "true", "TRUE", "yes"])
def test_a_yes_comes_in_many_spellings(word: str) -> None:
    assert read(instrument("DAST10"), {"1": word}).values == {"1": 1}


@pytest.mark.hazard("H039")
@pytest.mark.parametrize("key", ["10", "difficulty", "69722-7", "/69722-7"])
def test_the_question_on_function_is_not_counted(key: str) -> None:
    answers = {str(n): 3 for n in range(1, 10)}
    assert scored("PHQ9", answers | {key: "Extremely difficult"}).total == 27
    assert scored("PHQ9", answers | {key: 3}).total == 27


@pytest.mark.hazard("H039")
@pytest.mark.parametrize("stated", [27, 27.0, "27", "a lot", None])
@pytest.mark.parametrize("key", ["total", "Total score", "44261-6", "/44261-6"])
def test_a_stated_total_is_told_and_never_taken_over(key: str, stated: Any) -> None:
    found = scored("PHQ9", {str(n): 0 for n in range(1, 10)} | {key: stated})
    assert found.total == 0
    assert flags(found) == (set() if stated is None else {"stated_total_differs"})


def test_a_stated_total_without_its_answers_is_not_taken_over() -> None:
    found = scored("PHQ9", {"1": 1, "total": 14})
    assert (found.total, flags(found)) == (None, {"stated_total_unchecked"})


def test_a_stated_mean_may_be_rounded() -> None:
    assert flags(scored("PEG", {"1": 5, "2": 6, "3": 8, "total": "6.33"})) == set()
    assert flags(scored("PEG", {"1": 5, "2": 6, "3": 8, "total": 19})) == {"stated_total_differs"}


@pytest.mark.hazard("H039")
def test_the_code_of_the_whole_audit_is_told_from_that_of_the_short_one() -> None:
    found = scored("AUDITC", {"1": 1, "2": 1, "3": 1, "75624-7": 12}, About("male"))
    assert (found.total, flags(found)) == (3, {"miscoded"})


@pytest.mark.parametrize(
    ("total", "sex", "band"),
    [
        (2, None, "below the cut"), (3, None, None), (4, None, "positive"),
        (3, "female", "positive"), (3, "male", "below the cut"), (4, "male", "positive"), (2, "female", "below the cut"),
    ],
)  # fmt: skip
def test_the_cut_of_audit_c_is_that_of_the_sex_and_unknown_is_not_a_man(
    total: int, sex: str | None, band: str | None
) -> None:
    found = scored("AUDITC", {"1": min(total, 2), "2": max(total - 2, 0), "3": 0}, About(sex))
    assert found.band == band
    assert ("sex_needed" in flags(found)) is (band is None)


def test_the_sex_may_come_with_the_answers() -> None:
    assert scored("AUDITC", {"1": 2, "2": 1, "3": 0, "sex": "F"}).band == "positive"
    with pytest.raises(BadInput, match="sex"):
        scored("AUDITC", {"1": 2, "2": 1, "3": 0, "sex": "blue"})


@pytest.mark.parametrize(
    ("points", "years", "total"), [(25, 12, 26), (25, 13, 25), (25, None, 25), (30, 8, 30)]
)
def test_few_years_at_school_add_a_point_to_moca_never_above_its_highest(
    points: int, years: int | None, total: int
) -> None:
    found = scored("MOCA", {"1": points}, About(None, years))
    assert found.total == total
    assert flags(found) == (
        {"education_needed"} if years is None else {"education_point"} if years <= 12 else set()
    )


@pytest.mark.parametrize("years", ["-1", "12.5", "many", "41"])
def test_years_that_nobody_spends_at_school_are_refused(years: str) -> None:
    with pytest.raises(BadInput, match="education_years"):
        about(None, years)


@pytest.mark.hazard("H039")
def test_qids_asks_for_a_fall_or_a_rise_and_takes_the_higher_where_both_are_answered() -> None:
    one_each = {str(n): 1 for n in range(1, 17) if n not in (7, 8)} | {"6": 3}
    found = scored("QIDSSR16", one_each)
    assert (found.missing, found.prorated, found.subscales["appetite_weight"]) == ((), False, 3)
    assert found.total == 9 + 2
    neither = {key: value for key, value in one_each.items() if key not in ("6", "7")}
    assert scored("QIDSSR16", neither).missing == ("6", "7")
    assert scored("QIDSSR16", neither).total is None


@pytest.mark.hazard("H027")
def test_a_screener_that_contradicts_itself_says_so_and_the_yes_counts() -> None:
    answers = {"1": 0, "2": 0, "4": 1, "6": 0}
    found = scored("CSSRS", answers)
    assert (found.band, flags(found)) == ("high", {"suicidality", "contradiction"})


def test_a_form_may_ask_below_an_answer_and_in_groups_of_groups() -> None:
    inner = item("/44260-8", valueInteger=1)
    nested = {"linkId": "g", "item": [{"linkId": "h", "item": [inner]}]}
    below = {"linkId": "1", "answer": [{"valueInteger": 2, "item": [item("2", valueString="3")]}]}
    assert read(PHQ9, response(nested, below)).values == {"1": 2, "2": 3, "9": 1}


@pytest.mark.parametrize(
    "value",
    [
        {"valueCoding": {"system": "http://loinc.org", "code": "LA6570-1"}},
        {"valueCoding": {"display": "More than half the days"}},
        {"valueCoding": {"code": "a2", "extension": [{"url": WEIGHT, "valueDecimal": 2}]}},
        {"valueCodeableConcept": {"coding": [{"code": "LA6570-1"}]}},
        {"valueQuantity": {"value": 2}}, {"valueInteger": 2}, {"valueDecimal": 2.0}, {"valueString": "2"},
    ],
)  # fmt: skip
def test_an_answer_of_a_form_comes_in_any_shape(value: dict[str, Any]) -> None:
    assert read(PHQ9, response(item("3", **value))).values == {"3": 2}


@pytest.mark.parametrize(
    "coding",
    [
        {"code": "LA6569-3", "display": "Nearly every day"},
        {"code": "LA6569-3", "extension": [{"url": WEIGHT, "valueDecimal": 3}]},
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(coding: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="two different answers"):
        read(PHQ9, response(item("3", valueCoding=coding)))


@pytest.mark.hazard("H021")
def test_a_weight_does_not_make_the_other_scale_ours() -> None:
    coding = {"code": "0", "display": "Alert", "extension": [{"url": WEIGHT, "valueDecimal": 0}]}
    with pytest.raises(BadInput, match="5 = Responds readily"):
        read(instrument("MOAAS"), response(item("1", valueCoding=coding)))


def test_what_a_form_asks_besides_is_named_and_not_counted() -> None:
    items = [item(str(n), valueInteger=1) for n in range(1, 10)]
    found = score(PHQ9, response(*items, item("sleep-aid", valueString="none")))
    assert (found.total, flags(found)) == (9, {"suicidality", "not_read"})


def test_an_item_of_a_form_is_known_by_its_wording() -> None:
    asked = item("x7", valueInteger=2) | {"text": "2. Feeling down, depressed, or hopeless?"}
    assert read(PHQ9, response(asked)).values == {"2": 2}


@pytest.mark.parametrize(
    "canonical", ["http://loinc.org/q/69737-5|1", "https://x.example/Questionnaire/GAD-7"]
)
def test_answers_to_another_questionnaire_are_not_read_as_ours(canonical: str) -> None:
    with pytest.raises(BadInput, match="GAD-7"):
        read(PHQ9, response(item("1", valueInteger=1), questionnaire=canonical))


def test_a_form_without_any_answer_of_ours_is_refused() -> None:
    with pytest.raises(BadInput, match="no answer"):
        score(PHQ9, response(item("x", valueInteger=1)))


def test_groups_without_end_are_refused_and_do_not_fell_the_program() -> None:
    deep: dict[str, Any] = item("1", valueInteger=1)
    for _ in range(60):
        deep = {"linkId": "g", "item": [deep]}
    with pytest.raises(BadInput):
        read(PHQ9, response(deep))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=50)
@given(st.sampled_from(list(instruments().values())), st.dictionaries(st.text(max_size=6), JSON, max_size=4))
def test_nothing_that_is_sent_can_fell_the_scorer(one: Any, sent: dict[str, Any]) -> None:
    with suppress(BadInput):
        score(one, sent)


@given(st.sampled_from(list(instruments().values())), JSON)
def test_no_answer_of_a_form_can_fell_the_scorer(one: Any, value: Any) -> None:
    answer = {"valueCoding": value} if isinstance(value, dict) else {"valueString": value}
    with suppress(BadInput):
        score(one, response({"linkId": "1", "answer": [answer]}))


@pytest.mark.parametrize("stated", ["1e99999999", float("inf"), float("nan"), 10**400, -0.0, {"a": 1}, [27]])
def test_a_total_that_is_no_number_is_told_as_it_stands(stated: Any) -> None:
    found = scored("PHQ9", {str(n): 1 for n in range(1, 10)} | {"total": stated})
    assert (found.total, flags(found) - {"suicidality"}) == (9, {"stated_total_differs"})


@pytest.mark.parametrize("weight", [float("inf"), float("nan"), 10**400, True, "2", None])
def test_a_weight_that_is_no_answer_is_refused(weight: Any) -> None:
    coding = {"code": "a", "extension": [{"url": WEIGHT, "valueDecimal": weight}]}
    with pytest.raises(BadInput, match="item 3"):
        read(PHQ9, response(item("3", valueCoding=coding)))
