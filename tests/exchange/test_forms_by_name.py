"""What goes out as a form comes in again, item by item, whatever the instrument."""

import msgspec
import pytest

from lowtide.data.instruments import Instrument, instruments
from lowtide.pathway.course.scores import risk_items
from lowtide.pathway.outcomes.risk import open_risks
from lowtide.pathway.outcomes.rules import risk_words
from lowtide.record.entries.care import Answers
from lowtide.science.instruments import fhir
from lowtide.science.instruments.score import score
from tests.exchange.making import Json, bodies, read
from tests.pathway.course.story import Story

SCORED = [one for one in instruments().values() if one.total != "unscored"]


def sent(one: Instrument, values: dict[str, int], **more: object) -> Json:
    about = {"id": "q1", "subject": {"reference": "Patient/1"}, "authored": "2026-11-20T08:00:00Z"}
    return fhir.response(one, values) | about | more


def answers(resource: Json) -> Answers:
    (body,) = bodies(read(resource))
    assert isinstance(body, Answers)
    return body


@pytest.mark.parametrize("one", SCORED, ids=lambda one: one.id)
@pytest.mark.parametrize("end", [0, 1])
def test_a_whole_form_comes_back_with_its_score(one: Instrument, end: int) -> None:
    values = {item: (one.item(item).range or (0, 0))[end] for item in one.ids}
    found = answers(sent(one, values))
    assert (found.instrument, found.items, found.complete) == (one.id, values, True)
    assert score(one, found.items).total == score(one, values).total


@pytest.mark.hazard("H027")
def test_the_question_on_behaviour_comes_in_with_the_screener() -> None:
    one = instruments()["CSSRS"]
    found = answers(sent(one, {"1": 0, "2": 0, "6": 1, "6b": 1}))
    assert (found.items["6"], found.items["6b"], found.complete) == (1, 1, True)
    assert answers(sent(one, {"6": 1})).complete is False


def test_a_few_items_of_a_form_are_kept_and_not_scored() -> None:
    reading = read(sent(instruments()["PCL5"], {"1": 2, "2": 2}))
    assert reading.said == ()
    assert "2 of 20 items" in (reading.kept_because or "")


def test_answers_out_of_range_are_kept_with_the_reason() -> None:
    reading = read(sent(instruments()["MADRS"], {"1": 9}))
    assert reading.said == ()
    assert "could not be read" in (reading.kept_because or "")


@pytest.mark.hazard("H026")
@pytest.mark.parametrize("name", ["PHQ9", "MADRS", "QIDSSR16", "CSSRS"])
def test_a_risk_item_that_was_answered_and_cannot_be_read_waits_for_somebody_to_read_it(name: str) -> None:
    one = instruments()[name]
    (risk, *_) = risk_items(one)
    form = sent(one, {risk: 0})
    form["item"][-1]["answer"] = [{"valueString": "rather often, to be honest"}]
    found = answers(form)
    assert risk in found.unread
    assert found.complete is False


@pytest.mark.hazard("H026")
def test_a_form_whose_items_are_not_ours_by_name_is_read_by_somebody_if_it_asks_of_suicide() -> None:
    items = [{"linkId": f"zz{n}", "answer": [{"valueInteger": 0}]} for n in range(1, 10)]
    form = sent(instruments()["PHQ9"], {"1": 0}) | {"item": items}
    assert answers(form).unread == ("9",)
    other = sent(instruments()["PEG"], {"1": 0}) | {"item": items}
    assert read(other).said == ()


@pytest.mark.hazard("H026")
def test_an_answer_that_could_not_be_read_is_an_open_task() -> None:
    story = Story()
    unread = Answers(
        instrument="PHQ9", version="import", items={}, mode="import", complete=False, unread=("9",)
    )
    story.say(unread)
    (found,) = open_risks(story.chart, instruments()["PHQ9"])
    assert found.is_urgent
    assert "item 9 could not be read" in risk_words(found)
    harmless = msgspec.structs.replace(unread, unread=("3",))
    other = Story()
    other.say(harmless)
    assert not open_risks(other.chart, instruments()["PHQ9"])
