"""What was stored is corrected at the chair without a network: sent once, under the guards of the record's page."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from lowtide.pathway.session.rules.facts import session_facts
from lowtide.people.clinic import zone
from lowtide.people.record_pages import actions
from lowtide.people.tablets.tokens import issue
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Note, Rating, Vitals
from lowtide.record.entries.clinic import EnteredInError
from tests.pathway.session.conftest import Care
from tests.pathway.session.test_correcting import page_of
from tests.pathway.session.test_pages import send
from tests.pathway.session.test_tablet_entries import DEVICE, Chair, chair, hire, states

__all__ = ["chair"]
SignIn = Callable[..., Client]


@pytest.fixture
def pressure(chair: Chair) -> Entry:
    return chair.care.measure(10, sbp_mmhg=163, dbp_mmhg=84, heart_rate_bpm=80, spo2_pct=97)[0]


def anew(entry: Entry, row: str = "bp", **said: Any) -> dict[str, Any]:
    said = said or {"sbp_mmhg": 136, "dbp_mmhg": 84}
    return {"about": str(entry.id), "row": row, "reason": "mistyped", **said}


def read(chair: Chair, row: str) -> list[str]:
    return [r.text for r in session_facts(chair.care.chart, chair.care.session).readings[row]]


@pytest.mark.hazard("H016")
@pytest.mark.hazard("H017")
def test_a_stored_value_that_was_corrected_without_a_network_arrives_as_its_correction(
    chair: Chair, pressure: Entry
) -> None:
    made = chair.made("correct", anew(pressure), minutes=20)
    assert states(chair.send(made)) == ["stored"]
    entry = chair.stored(made)
    assert (entry.corrects, entry.reason, entry.by) == (pressure.id, "mistyped", chair.nurse.by)
    assert (entry.at, entry.counter) == (pressure.at, pressure.counter)
    assert (entry.device, entry.device_at) == (DEVICE, chair.care.at(20))
    assert entry.body == Vitals(sbp_mmhg=136, dbp_mmhg=84, heart_rate_bpm=80, spo2_pct=97)
    assert (read(chair, "bp")[-1], read(chair, "hr")[-1]) == ("136/84", "80")


@pytest.mark.hazard("H008")
def test_it_is_written_once_however_often_it_is_sent(chair: Chair, pressure: Entry) -> None:
    made = chair.made("correct", anew(pressure))
    answers = [*chair.send(made, made), *chair.send(made)]
    assert states(answers) == ["stored"] * 3
    assert len({a["seq"] for a in answers}) == 1
    assert len(chair.care.chart.line(pressure.id)) == 2


@pytest.mark.hazard("H008")
def test_a_form_whose_answer_was_lost_and_that_waited_all_the_same_is_one_correction(
    chair: Chair, pressure: Entry
) -> None:
    made = chair.made("correct", anew(pressure))
    line = chair.care.chart.line(pressure.id)
    body = Vitals(sbp_mmhg=136, dbp_mmhg=84, heart_rate_bpm=80, spo2_pct=97)
    actions.correct(chair.nurse, UUID(made["id"]), line, body, "mistyped", at=pressure.at, now=timezone.now())
    assert states(chair.send(made)) == ["stored"]
    assert len(chair.care.chart.line(pressure.id)) == 2


def test_a_time_that_was_typed_with_it_moves_the_reading(chair: Chair, pressure: Entry) -> None:
    taken = chair.care.at(5)
    made = chair.made("correct", anew(pressure), taken=f"{taken.astimezone(zone()):%H:%M}")
    assert states(chair.send(made)) == ["stored"]
    assert chair.stored(made).at == taken.replace(second=0, microsecond=0)


@pytest.mark.hazard("H016")
def test_one_that_somebody_corrected_meanwhile_is_refused_with_who_and_to_what(
    chair: Chair, pressure: Entry, sign_in: SignIn
) -> None:
    made = chair.made("correct", anew(pressure))
    fields = {"sbp_mmhg": "139", "dbp_mmhg": "84", "corrects": pressure.id, "why": "misread"}
    assert send(sign_in("nurse"), page_of(chair.care, pressure), **fields) == 302
    other = chair.made("vitals", {"sbp_mmhg": 141, "dbp_mmhg": 84})
    answers = chair.send(made, other)
    assert states(answers) == ["refused", "stored"]
    (problem,) = answers[0]["problems"]
    assert "corrected it meanwhile: it says 139/84" in problem["what"]
    assert "139/84" in read(chair, "bp")
    assert "136/84" not in read(chair, "bp")


def test_a_correction_of_one_that_waited_with_it_follows_it(chair: Chair, pressure: Entry) -> None:
    first = chair.made("correct", anew(pressure))
    second = chair.made("correct", {**anew(pressure, sbp_mmhg=133, dbp_mmhg=84), "about": first["id"]})
    assert states(chair.send(first, second)) == ["stored", "stored"]
    assert read(chair, "bp")[-1] == "133/84"
    assert len(chair.care.chart.line(pressure.id)) == 3


def test_a_reading_and_its_correction_that_waited_together_arrive_in_their_order(chair: Chair) -> None:
    first = chair.made("vitals", {"sbp_mmhg": 163, "dbp_mmhg": 84})
    body = {"about": first["id"], "row": "bp", "reason": "mistyped", "sbp_mmhg": 136, "dbp_mmhg": 84}
    assert states(chair.send(first, chair.made("correct", body))) == ["stored", "stored"]
    assert read(chair, "bp")[-1] == "136/84"


@pytest.mark.hazard("H016")
def test_what_was_never_so_is_struck_without_a_network(chair: Chair, pressure: Entry) -> None:
    made = chair.made("retract", {"about": str(pressure.id), "reason": "another chair’s"})
    assert states(chair.send(made, made)) == ["stored", "stored"]
    assert isinstance(chair.stored(made).body, EnteredInError)
    assert "163/84" not in read(chair, "bp")
    late = chair.send(chair.made("correct", anew(pressure)))[0]
    assert "marked it as entered in error meanwhile" in late["problems"][0]["what"]


def test_a_rating_and_a_note_are_corrected_without_a_network(chair: Chair) -> None:
    care = chair.care
    rated = care.write(Rating(scale="nausea", value=Decimal(7)), 15, session=care.session)
    noted = chair.made("note", {"text": "calm and awake"})
    chair.send(noted)
    value = chair.made("correct", anew(rated, "nausea", value="1"))
    words = chair.made("correct", anew(chair.stored(noted), "note", text="calm, eyes closed"))
    assert states(chair.send(value, words)) == ["stored", "stored"]
    assert read(chair, "nausea") == ["1"]
    assert chair.stored(words).body == Note(text="calm, eyes closed", topic="clinical")


@pytest.mark.parametrize(
    "body",
    [
        {"row": "bp", "sbp_mmhg": 136},
        {"row": "bp", "sbp_mmhg": 84, "dbp_mmhg": 136},
        {"row": "bp", "sbp_mmhg": 999, "dbp_mmhg": 84},
        {"row": "bp", "sbp_mmhg": 136, "dbp_mmhg": 84, "reason": " "},
        {"row": "bp", "sbp_mmhg": 136, "dbp_mmhg": 84, "spo2_pct": 90},
        {"row": "nausea", "value": "3"},
        {"row": "boredom", "value": "3"},
        {"row": "note", "text": "calm"},
        {"row": "bp", "sbp_mmhg": 136, "dbp_mmhg": 84, "about": str(uuid4())},
    ],
)
def test_what_the_form_would_refuse_is_refused_in_words(
    chair: Chair, pressure: Entry, body: dict[str, Any]
) -> None:
    answer = chair.send(chair.made("correct", {"about": str(pressure.id), "reason": "mistyped", **body}))[0]
    assert answer["state"] == "refused"
    assert "fault of the program" not in answer["problems"][0]["what"]
    assert read(chair, "bp")[-1] == "163/84"


def test_an_entry_of_another_session_is_not_corrected_from_this_one(
    chair: Chair, new_care: Callable[..., Care]
) -> None:
    other = new_care(start=timezone.now() - timedelta(days=3))
    other.prepare()
    other.begin()
    there = other.measure(10, sbp_mmhg=163, dbp_mmhg=84)[0]
    assert states(chair.send(chair.made("correct", anew(there)))) == ["refused"]


def test_who_may_not_chart_corrects_no_reading(chair: Chair, pressure: Entry) -> None:
    therapist = hire("Thea Moor", "therapist")
    token = issue(therapist, DEVICE, now=chair.care.at(5)).token
    answer = chair.send(chair.made("correct", anew(pressure), token=token))[0]
    assert answer["state"] == "refused"
    assert read(chair, "bp")[-1] == "163/84"


def test_a_tablet_takes_along_why_values_are_corrected_and_which_line_is_which_entry(
    chair: Chair, pressure: Entry, sign_in: SignIn
) -> None:
    told = sign_in("nurse").get(f"/patients/{chair.care.patient}/sessions/{chair.care.session}/tablet").json()
    assert ["mistyped", "Mistyped"] in told["sheet"]["correcting"]
    assert str(pressure.id) in {line["id"] for line in told["log"]}


def test_the_tablets_link_to_a_note_leads_to_the_records_page_once_the_network_is_back(
    chair: Chair, sign_in: SignIn
) -> None:
    noted = chair.made("note", {"text": "calm and awake"})
    chair.send(noted)
    answer = sign_in("nurse").get(page_of(chair.care, chair.stored(noted), "note"), follow=True)
    assert answer.status_code == 200
    assert "calm and awake" in answer.content.decode()
