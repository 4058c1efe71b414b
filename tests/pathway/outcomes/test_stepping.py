"""A questionnaire without script: a page a question, each answer kept as it is given, help at once (hazard H026)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.pathway.course.models import DueRow
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import Answers
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db
PLACE = "/my/questions"


@pytest.fixture
def story(clinic: object) -> Story:
    return Story(at=datetime.now(UTC) - timedelta(days=2)).took_history().decided().tell()


def own(sign_in: SignIn, story: Story) -> Client:
    return sign_in("patient", patient=story.patient)


def page(client: Client, path: str = PLACE) -> str:
    """What somebody without script sees: what lies in the template is not there."""
    whole = client.get(path, follow=True).content.decode()
    return re.sub(r"<template.*?</template>", "", whole, flags=re.S)


def press(client: Client, item: str, value: int, form: UUID) -> str:
    """Press one answer; answers the page that follows."""
    sent = {"form": str(form), "step": item, f"item_{item}": str(value)}
    response = client.post(PLACE, sent)
    assert response.status_code == 302
    return page(client, PLACE + response["Location"].removeprefix(PLACE))


def forms(story: Story) -> list[tuple[Entry, Answers]]:
    return store.load(story.stream).said(Answers)


def test_each_question_is_a_page_and_each_answer_a_button_that_sends_itself(
    sign_in: SignIn, story: Story
) -> None:
    shown = page(own(sign_in, story))
    assert "1 of 9" in shown
    assert shown.count('type="submit" name="item_1"') == 4
    assert 'name="item_2"' not in shown


@pytest.mark.hazard("H026")
def test_a_risk_answer_pressed_first_and_then_left_is_a_task_with_help_on_the_next_page(
    sign_in: SignIn, story: Story
) -> None:
    client, form = own(sign_in, story), uuid4()
    shown = press(client, "9", 2, form)
    assert DueRow.objects.get(stream=story.stream, task="risk").word == "Urgent"
    assert not forms(story)[0][1].complete
    assert "You are not alone with this" in shown
    assert "Nobody reads these pages at night or live." in shown
    assert 'href="tel:5550100"' in shown
    assert "The form was not finished." in sign_in("prescriber").get("/today").content.decode()


def test_a_form_that_is_gone_on_with_starts_at_its_first_open_question_and_still_shows_help(
    sign_in: SignIn, story: Story
) -> None:
    client, form = own(sign_in, story), uuid4()
    press(client, "1", 0, form)
    press(client, "9", 1, form)
    shown = page(client)
    assert str(form) in shown
    assert "2 of 9" in shown
    assert "You are not alone with this" in shown


def test_at_the_end_every_answer_can_be_changed_until_it_is_said_to_be_done(
    sign_in: SignIn, story: Story
) -> None:
    client, form = own(sign_in, story), uuid4()
    for item in "12345678":
        press(client, item, 1, form)
    shown = press(client, "9", 0, form)
    assert "Your answers" in shown
    press(client, "1", 3, form)
    assert not forms(story)[0][1].complete
    done = client.post(PLACE, {"form": str(form)})
    assert done["Location"] == "/my/questions/done"
    ((_, body),) = forms(story)
    assert (body.complete, body.items["1"], len(body.items)) == (True, 3, 9)


def test_a_question_may_be_left_open_and_the_end_says_so(sign_in: SignIn, story: Story) -> None:
    client, form = own(sign_in, story), uuid4()
    press(client, "1", 1, form)
    shown = page(client, f"{PLACE}?form={form}&q=end")
    assert "Questions still open: 8" in shown
    left = client.post(PLACE, {"form": str(form), "leave": "1", "item_1": "1"})
    assert left["Location"] == "/my/questions/done"


def test_the_form_of_somebody_else_is_not_opened_by_its_address(sign_in: SignIn, story: Story) -> None:
    form = uuid4()
    press(own(sign_in, story), "9", 3, form)
    other = Story(at=datetime.now(UTC) - timedelta(days=2)).took_history().decided().tell()
    shown = page(own(sign_in, other), f"{PLACE}?form={form}&q=9")
    assert "answer--chosen" not in shown
    assert 'id="help" hidden' in shown


@pytest.mark.parametrize(
    "query", ["form=x", "form=&q=77", "q=9", "form=00000000-0000-0000-0000-000000000000&q=x"]
)
def test_an_address_that_names_nothing_opens_a_question_all_the_same(
    sign_in: SignIn, story: Story, query: str
) -> None:
    assert "of 9" in page(own(sign_in, story), f"{PLACE}?anyway=1&{query}")


@pytest.mark.hazard("H026")
def test_signed_out_half_way_the_patient_is_told_that_it_was_not_sent_and_whom_to_call(
    clinic: object,
) -> None:
    lost = Client().post(PLACE, {"form": str(uuid4()), "step": "9", "item_9": "3"})
    assert lost.status_code == 403
    assert "Not sent yet: you were signed out" in lost.content.decode()
    assert "555 0100" in lost.content.decode()


@pytest.mark.hazard("H026")
def test_with_script_an_answer_that_calls_for_help_is_marked_so_that_no_network_is_needed(
    sign_in: SignIn, story: Story
) -> None:
    whole = own(sign_in, story).get(PLACE, follow=True).content.decode()
    assert len(re.findall(r'name="item_9" value="[123]" data-raises', whole)) == 3
    assert 'value="0" data-raises' not in whole
    assert not re.search(r'name="item_[1-8]" value="\d" data-raises', whole)


def test_with_script_the_last_answer_can_still_be_changed_before_done(sign_in: SignIn, story: Story) -> None:
    client, form = own(sign_in, story), uuid4()
    nine = {f"item_{n}": "1" for n in range(1, 10)}
    for last in ("1", "0"):
        answer = client.post(PLACE, {"form": str(form), "part": "1", **nine, "item_9": last})
        assert answer.json()["saved"] == 9
    client.post(PLACE, {"form": str(form), **nine, "item_9": "0"})
    ((_, body),) = forms(story)
    assert (body.complete, body.items["9"]) == (True, 0)
    assert DueRow.objects.filter(stream=story.stream, task="risk").exists()
