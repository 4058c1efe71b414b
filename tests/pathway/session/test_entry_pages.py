"""Charting on the keypad: what stands under the field, what is refused, asked once more, late or not done."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from lowtide.pathway.session.actions import charting
from lowtide.record.entries.chair import (
    Vitals,
)
from tests.pathway.session.conftest import Care
from tests.pathway.session.test_pages import TO_NOON, SignIn, clinic_zone, facts, running, send, text, url

__all__ = ["clinic_zone", "running"]


def test_the_last_value_stands_under_the_field_never_in_it(running: Care, sign_in: SignIn) -> None:
    page = sign_in("nurse").get(url(running, "enter/bp")).content.decode()
    assert re.search(r'name="sbp_mmhg" value=""', page)
    assert "last 143, 12 min ago" in page


def test_what_is_due_beside_the_pressure_is_asked_with_it(running: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    assert 'name="heart_rate_bpm"' in nurse.get(url(running, "enter/bp")).content.decode()
    charting.vitals(running.act(31), Vitals(heart_rate_bpm=80, spo2_pct=97))
    assert 'name="heart_rate_bpm"' not in nurse.get(url(running, "enter/bp")).content.decode()


@pytest.mark.hazard("H016")
def test_swapped_pressures_are_refused_beside_the_field_and_kept(running: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    answer = nurse.post(url(running, "enter/bp"), {"entry_id": uuid4(), "sbp_mmhg": "88", "dbp_mmhg": "143"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="88"' in page
    again = nurse.post(
        url(running, "enter/bp"), {"entry_id": uuid4(), "sbp_mmhg": "88", "dbp_mmhg": "143", "sure": "88/143"}
    )
    assert "systolic is not above diastolic" in again.content.decode()
    assert len(facts(running).readings["bp"]) == 3


@pytest.mark.hazard("H016")
def test_an_unlikely_value_asks_to_look_again_and_is_written_when_it_is_confirmed(
    running: Care, sign_in: SignIn
) -> None:
    nurse = sign_in("nurse")
    fields = {"entry_id": uuid4(), "sbp_mmhg": "199", "dbp_mmhg": "90"}
    first = nurse.post(url(running, "enter/bp"), fields)
    assert "Far from the last value: look again." in first.content.decode()
    assert nurse.post(url(running, "enter/bp"), fields | {"sure": "199/90"}).status_code == 302
    assert facts(running).readings["bp"][-1].text == "199/90"


def test_what_cannot_be_believed_is_never_written(running: Care, sign_in: SignIn) -> None:
    answer = sign_in("nurse").post(
        url(running, "enter/bp"),
        {"entry_id": uuid4(), "sbp_mmhg": "1430", "dbp_mmhg": "88", "sure": "1430/88"},
    )
    assert "outside 50 to 280" in answer.content.decode()


@pytest.mark.hazard("H021")
def test_sedation_is_chosen_in_words_with_the_number_second(running: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    said = text(nurse, url(running, "enter/sedation"))
    assert said.index("Awake: answers readily") < said.index("(5)") < said.index("No response")
    assert send(nurse, url(running, "enter/sedation"), value="7") == 422
    assert send(nurse, url(running, "enter/sedation"), value="5") == 302


def test_a_late_entry_is_marked_and_the_future_is_refused(running: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    earlier = (running.at(10) + TO_NOON).strftime("%H:%M")
    assert send(nurse, url(running, "enter/nausea"), value="0", taken=earlier) == 302
    entry = facts(running).readings["nausea"][-1].entry
    assert abs(entry.at - running.at(10)) < timedelta(minutes=1)
    assert "written late" in text(nurse, url(running, "flowsheet"))
    later = (running.at(52) + TO_NOON).strftime("%H:%M")
    answer = nurse.post(url(running, "enter/nausea"), {"entry_id": uuid4(), "value": "0", "taken": later})
    assert "in the future" in answer.content.decode()


def test_one_press_sent_twice_is_one_entry_and_another_value_shows_both(
    running: Care, sign_in: SignIn
) -> None:
    nurse, press = sign_in("nurse"), uuid4()
    for _ in range(2):
        answer = nurse.post(
            url(running, "enter/bp"), {"entry_id": press, "sbp_mmhg": "150", "dbp_mmhg": "90"}
        )
        assert answer.status_code == 302
    assert len(facts(running).readings["bp"]) == 4
    other = nurse.post(url(running, "enter/bp"), {"entry_id": press, "sbp_mmhg": "155", "dbp_mmhg": "90"})
    page = other.content.decode()
    assert other.status_code == 409
    assert "150" in page
    assert "155" in page


def test_why_something_was_not_done(running: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    assert "Not done? Say why" in text(nurse, url(running, "enter/sedation"))
    assert send(nurse, url(running, "not-done/sedation"), why="asleep") == 302
    assert facts(running).omissions[-1].why == "asleep"
