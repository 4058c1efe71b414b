"""An instrument and its answers go out in FHIR and come back as they were, item by item."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.instruments import Instrument, instruments
from lowtide.science.instruments import fhir
from lowtide.science.instruments.answers import read
from lowtide.science.instruments.score import score

SCORED = [one for one in instruments().values() if one.ids]


def choices(one: Instrument, item: str) -> list[int]:
    detail = one.item(item)
    low, high = detail.range or (0, 0)
    return list(detail.steps) or list(range(low, high + 1))


@pytest.mark.parametrize("one", SCORED, ids=lambda one: one.id)
def test_every_value_of_every_item_comes_back_from_its_code(one: Instrument) -> None:
    for item in one.ids:
        for value in choices(one, item):
            sent = json.loads(json.dumps(fhir.response(one, {item: value})))
            assert read(one, sent).values == {item: value}


@given(st.sampled_from(SCORED), st.data())
def test_a_whole_form_keeps_its_score(one: Instrument, data: st.DataObject) -> None:
    values = {item: data.draw(st.sampled_from(choices(one, item))) for item in one.ids}
    before = score(one, values)
    after = score(one, fhir.response(one, values, before.total))
    assert (after.total, after.subscales, after.band, after.missing) == (
        before.total, before.subscales, before.band, before.missing,
    )  # fmt: skip
    assert "stated_total_differs" not in {flag.id for flag in after.flags}


@pytest.mark.parametrize("one", SCORED, ids=lambda one: one.id)
def test_a_questionnaire_asks_what_the_instrument_asks(one: Instrument) -> None:
    asked = fhir.questionnaire(one)["item"]
    assert [item["prefix"] for item in asked] == list(one.ids)
    assert len({item["linkId"] for item in asked}) == len(one.ids)


@pytest.mark.hazard("H041")
def test_wording_that_may_not_be_shown_does_not_leave_in_fhir() -> None:
    for one in SCORED:
        texts = [item.get("text") for item in fhir.questionnaire(one)["item"]]
        assert any(texts) is one.has_text
        if one.notice:
            assert fhir.questionnaire(one)["copyright"] == one.notice
