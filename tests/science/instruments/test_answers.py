"""Answers are accepted in every form in which they arrive, and refused when they cannot be meant."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.instruments import instrument, instruments
from lowtide.problems import BadInput
from lowtide.science.instruments.answers import read, readable

PHQ9, MOAAS, CSSRS = instrument("PHQ9"), instrument("MOAAS"), instrument("CSSRS")


@pytest.mark.parametrize("key", ["9", "/44260-8", "44260-8", "Q9", "item 9", "H1/T1/Q9"])
@pytest.mark.parametrize(
    "answer", [2, 2.0, "2", "LA6570-1", "More than half the days", "more than half the days"]
)
def test_an_item_and_its_answer_are_known_by_any_name(key: str, answer: Any) -> None:
    assert read(PHQ9, {key: answer}).values == {"9": 2}


@pytest.mark.parametrize(
    "answer", [4, -1, 2.5, True, "", "often", "LA6572-7", float("nan"), float("inf"), [1], {}]
)
def test_an_answer_the_item_does_not_take_is_refused(answer: Any) -> None:
    with pytest.raises(BadInput, match="item 1"):
        read(PHQ9, {"1": answer})


@pytest.mark.parametrize("key", ["11", "0", "44261-7", "", "subtotal"])
def test_an_unknown_item_is_refused(key: str) -> None:
    with pytest.raises(BadInput, match="has no item"):
        read(PHQ9, {key: 1})


def test_a_null_is_not_an_answer() -> None:
    assert read(PHQ9, {"1": None, "2": 0}).values == {"2": 0}


def test_what_is_asked_but_not_scored_is_left_out() -> None:
    assert read(PHQ9, {"1": 1, "69722-7": "Somewhat difficult"}).values == {"1": 1}


def test_two_different_answers_to_one_item_are_refused() -> None:
    assert read(PHQ9, {"9": 1, "44260-8": 1}).values == {"9": 1}
    with pytest.raises(BadInput, match="answered twice"):
        read(PHQ9, {"9": 0, "44260-8": 1})


@pytest.mark.parametrize(
    ("answer", "value"), [(True, 1), (False, 0), ("yes", 1), ("No", 0), ("LA33-6", 1), (1, 1)]
)
def test_a_yes_or_no_is_read_from_words_codes_and_truth(answer: Any, value: int) -> None:
    assert read(CSSRS, {"1": answer}).values == {"1": value}


@pytest.mark.hazard("H021")
@pytest.mark.parametrize(
    "answer",
    [
        "Leiden 0",
        "0 (Leiden)",
        6,
        {"system": "urn:leiden", "code": "0"},
        {"code": "0", "display": "Alert (Leiden)"},
    ],
)
def test_a_value_of_another_sedation_scale_is_refused(answer: Any) -> None:
    with pytest.raises(BadInput, match="5 = Responds readily"):
        read(MOAAS, {"1": answer})


@pytest.mark.hazard("H021")
def test_a_sedation_score_may_be_given_in_words() -> None:
    assert read(MOAAS, {"1": "Responds readily to name spoken in normal tone"}).values == {"1": 5}


@pytest.mark.parametrize(
    ("name", "keys"),
    [("CADSS6", ["1", "2", "6", "7", "15", "22"]), ("ISI", ["1a", "1b", "1c", "2", "3", "4", "5"])],
)
def test_another_numbering_of_the_same_items_is_understood(name: str, keys: list[str]) -> None:
    values = read(instrument(name), {key: n % 3 for n, key in enumerate(keys)}).values
    assert values == {str(n + 1): n % 3 for n in range(len(keys))}


def response(*items: dict[str, Any], status: str = "completed") -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "status": status, "item": list(items)}


def coded(link: str, code: str) -> dict[str, Any]:
    return {"linkId": link, "answer": [{"valueCoding": {"system": "http://loinc.org", "code": code}}]}


def test_a_questionnaire_response_is_read_with_its_groups() -> None:
    group = {
        "linkId": "/44249-1",
        "item": [coded("/44250-9", "LA6571-9"), {"linkId": "/44255-8", "answer": [{"valueInteger": 1}]}],
    }
    assert read(PHQ9, response(group)).values == {"1": 3, "2": 1}


def test_a_quantity_counts_by_its_value() -> None:
    item = {"linkId": "1", "answer": [{"valueQuantity": {"value": 7, "unit": "{score}"}}]}
    assert read(instrument("NRS"), response(item)).values == {"1": 7}


@pytest.mark.parametrize(
    "given",
    [
        response(coded("/44250-9", "LA6571-9"), status="entered-in-error"),
        {"resourceType": "QuestionnaireResponse", "item": "none"},
        {"resourceType": "Observation"},
        response({"linkId": "/44250-9", "answer": [{"valueInteger": 1}, {"valueInteger": 2}]}),
    ],
)
def test_a_response_that_cannot_be_trusted_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        read(PHQ9, given)


@pytest.mark.hazard("H026")
def test_a_faulty_form_still_gives_what_can_be_read() -> None:
    assert readable(PHQ9, {"1": 17, "nonsense": 2, "9": 1}).values == {"9": 1}


@given(st.sampled_from([one for one in instruments().values() if one.ids]), st.data())
def test_every_item_takes_every_value_of_its_range_by_number_and_by_code(one, data) -> None:
    item_id = data.draw(st.sampled_from(one.ids))
    item = one.item(item_id)
    value = data.draw(st.sampled_from(item.steps or range(item.range[0], item.range[1] + 1)))
    assert read(one, {item_id: value}).values == {item_id: value}
    if item.loinc:
        assert read(one, {f"/{item.loinc}": value}).values == {item_id: value}
    for option in item.options:
        assert read(one, {item_id: option.code or option.text}).values == {item_id: option.value}
