"""Messages: both ways, told that nobody reads them live; words of crisis show help and raise a task."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.portal import crisis_words
from lowtide.pathway.course.models import DueRow
from lowtide.people.clinic import CLINIC
from lowtide.portal.conversation import crisis_in
from lowtide.record import store
from lowtide.record.entries.base import Source
from lowtide.record.entries.clinic import OpeningHours, OpenSpan
from lowtide.record.entries.portal import Message, PatientRequest
from tests.conftest import said
from tests.pathway.course.story import Story
from tests.portal.conftest import SignIn, html, sent

pytestmark = pytest.mark.django_db
Mine = tuple[Client, Story]
HELP = "You are not alone with this"


def task(story: Story, name: str) -> DueRow | None:
    return DueRow.objects.filter(stream=story.stream, task=name).first()


def desk_page(story: Story) -> str:
    return f"/patients/{story.patient}/messages"


def test_a_message_is_an_entry_of_the_patient_and_a_task_of_the_clinic(mine: Mine) -> None:
    client, story = mine
    assert client.post("/my/messages", sent(text="May I drive to work?")).status_code == 302
    entry, body = store.load(story.stream).said(Message)[0]
    assert (entry.by, entry.source, body.text) == (
        f"patient:{story.patient}",
        Source.PATIENT,
        "May I drive to work?",
    )
    row = task(story, "message")
    assert row
    assert "drive" not in f"{row.label}{row.detail}"


def test_sent_twice_a_message_is_said_once(mine: Mine) -> None:
    client, story = mine
    form = sent(text="Hello")
    for _ in range(2):
        assert client.post("/my/messages", form).status_code == 302
    assert len(store.load(story.stream).said(Message)) == 1


def test_an_empty_message_is_told_what_is_missing(mine: Mine) -> None:
    client, story = mine
    answer = client.post("/my/messages", sent(text="  "))
    assert answer.status_code == 422
    assert "Write what you want to say." in answer.content.decode()
    assert not store.load(story.stream).said(Message)


def test_the_answer_is_read_by_the_patient_and_ends_the_task(mine: Mine, sign_in: SignIn) -> None:
    client, story = mine
    client.post("/my/messages", sent(text="May I drive to work?"))
    nurse = sign_in("nurse")
    assert "May I drive to work?" in html(nurse, desk_page(story))
    nurse.post(desk_page(story), sent(do="answer", text="Not before you have slept."))
    assert "Not before you have slept." in html(client, "/my/messages")
    assert "Your clinic has written to you" in html(client, "/my/")
    assert task(story, "message") is None


def test_a_message_may_be_dealt_with_by_a_call(mine: Mine, sign_in: SignIn) -> None:
    client, story = mine
    client.post("/my/messages", sent(text="Please call me"))
    sign_in("nurse").post(desk_page(story), sent(do="settle", how="called", note="all well"))
    assert task(story, "message") is None
    assert "The clinic has read this." in html(client, "/my/messages")
    assert "all well" not in html(client, "/my/messages")


@pytest.mark.hazard("H026")
def test_whoever_writes_of_dying_sees_help_at_once_and_the_clinic_gets_an_urgent_task(
    mine: Mine, sign_in: SignIn
) -> None:
    client, story = mine
    answer = client.post("/my/messages", sent(text="I can’t go on. I want to DIE."), follow=True)
    page = answer.content.decode()
    assert HELP in page
    assert 'href="tel:5550100"' in page
    row = task(story, "message_crisis")
    assert row
    assert (row.word, row.owner, row.second) == ("Call now", "prescriber", "medical_director")
    assert row.escalates_at
    assert "A message with words of crisis" in html(sign_in("prescriber"), "/today")


@pytest.mark.hazard("H026")
def test_a_written_answer_is_not_enough_to_words_of_crisis_somebody_speaks_to_the_patient(
    mine: Mine, sign_in: SignIn
) -> None:
    client, story = mine
    client.post("/my/messages", sent(text="I want to kill myself"))
    nurse = sign_in("nurse")
    nurse.post(desk_page(story), sent(do="answer", text="We will call you."))
    assert task(story, "message_crisis")
    nurse.post(desk_page(story), sent(do="settle", how="nothing"))
    assert task(story, "message_crisis")
    assert HELP in html(client, "/my/messages")
    nurse.post(desk_page(story), sent(do="settle", how="called", note="safe tonight"))
    assert task(story, "message_crisis") is None
    assert HELP not in html(client, "/my/messages")


@pytest.mark.hazard("H026")
@pytest.mark.parametrize("text", ["", "How are you?", "I want to die"])
def test_every_message_page_says_that_nobody_reads_at_night(mine: Mine, text: str) -> None:
    client, _ = mine
    if text:
        client.post("/my/messages", sent(text=text))
    assert "Nobody reads messages at night or live." in html(client, "/my/messages")


@pytest.mark.hazard("H026")
def test_while_the_clinic_is_shut_the_page_says_when_it_opens(mine: Mine) -> None:
    client, _ = mine
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).weekday()
    hours = OpeningHours(spans=(OpenSpan(tomorrow, "08:15", "16:00"),))
    store.append([said(hours, CLINIC)])
    assert "The clinic opens again:" in html(client, "/my/messages")
    assert "08:15" in html(client, "/my/messages")


@pytest.mark.hazard("H026")
def test_each_word_of_crisis_is_found_however_it_is_written() -> None:
    for word in (w for words in crisis_words().values() for w in words.words):
        for text in (word, word.upper(), f"Well... {word}!!", f"({word.replace(' ', chr(10))})"):
            assert crisis_in(text), text


@pytest.mark.parametrize("text", ["I feel fine", "My phone died", "The suicidesquad film", "No quiero vino"])
def test_other_words_are_not_taken_for_it(text: str) -> None:
    assert crisis_in(text) == ()


@given(before=st.text(), after=st.text())
def test_whatever_stands_around_a_word_of_crisis_it_is_found(before: str, after: str) -> None:
    assert "want to die" in crisis_in(f"{before} want to die {after}")


def test_words_of_crisis_are_found_with_any_apostrophe_and_accent() -> None:
    for text in ("i can't go on", "i can’t go on", "I cant go on", "no puedo más", "QUIERO MORIR"):
        assert crisis_in(text), text


@pytest.mark.hazard("H026")
@pytest.mark.parametrize(
    "text",
    [
        "I just want to be dead", "I'd kill my self if I could", "I want to end it all", "thinking of ending it all",
        "kms lol", "I could jump off a bridge", "I'd rather be dead.", "take my own life", "I'm tired of living",
        "I don't want to be alive", "quiero tirarme de un puente", "prefiero estar muerta", "Ich will tot sein",
        "dem allem ein Ende setzen", "mich erschießen",
    ],
)  # fmt: skip
def test_other_ways_of_saying_it_are_found(text: str) -> None:
    assert crisis_in(text)


@pytest.mark.hazard("H026")
@pytest.mark.parametrize(
    "text", ["The week ended well", "We crossed the bridge", "A dead battery", "No puedo el lunes"]
)
def test_everyday_words_near_them_are_not(text: str) -> None:
    assert crisis_in(text) == ()


# -- what is asked for ------------------------------------------------------------------------------------------


def test_who_wants_to_stop_is_heard_by_nurse_and_prescriber_and_reads_what_came_of_it(
    mine: Mine, sign_in: SignIn
) -> None:
    client, story = mine
    client.post("/my/data", sent(what="stop_treatment", text="It does nothing for me"))
    row = task(story, "patient_stops")
    assert row
    assert (row.needs, row.word) == ("WRITE_HISTORY", "Wants to stop")
    assert "The clinic has not answered yet." in html(client, "/my/data")
    entry = store.load(story.stream).said(PatientRequest)[0][0]
    form = sent(do="outcome", request=str(entry.id), outcome="Spoke; visits cancelled")
    sign_in("prescriber").post(desk_page(story), form)
    assert task(story, "patient_stops") is None
    assert "Spoke; visits cancelled" in html(client, "/my/data")


def test_who_wants_their_place_closed_or_a_fact_mended_is_heard_by_the_desk(
    mine: Mine, sign_in: SignIn
) -> None:
    client, story = mine
    for what in ("close_access", "correct"):
        client.post("/my/data", sent(what=what))
        row = task(story, f"patient_asks_{what}")
        assert row
        assert row.needs == "EDIT_IDENTITY"
    assert "To close their own place" in html(sign_in("front_desk"), f"/patients/{story.patient}/own-place")


def test_the_same_is_not_asked_for_twice_while_it_waits(mine: Mine) -> None:
    client, story = mine
    client.post("/my/data", sent(what="stop_treatment"))
    again = client.post("/my/data", sent(what="stop_treatment"))
    assert again.status_code == 422
    assert "asked for this already" in again.content.decode()
    assert len(store.load(story.stream).said(PatientRequest)) == 1


def test_nothing_chosen_is_told(mine: Mine) -> None:
    client, _ = mine
    assert "Choose one." in client.post("/my/data", sent(what="")).content.decode()


def test_a_request_of_another_patient_is_not_settled_here(mine: Mine, sign_in: SignIn) -> None:
    _, story = mine
    form = sent(do="outcome", request=str(uuid4()), outcome="done")
    assert sign_in("prescriber").post(desk_page(story), form).status_code == 422
