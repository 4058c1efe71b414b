"""What was asked or told at the desk is noted by whoever books: neutral, without a chart, for the same few eyes."""

from collections.abc import Callable

import pytest
from django.test import Client

from lowtide.pathway.safety.longterm.signals import asking, signals
from lowtide.pathway.safety.longterm.stops import open_stops
from lowtide.record import store
from lowtide.record.entries.longterm import UseSignal
from tests.pathway.course.story import Story
from tests.pathway.safety.longterm.test_pages import lately
from tests.portal.conftest import sent

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db
EARLY = {"signal": "early_request", "days_early": "4", "said_words": "A journey in the week of the visit.", "told_at": "phone"}  # fmt: skip


@pytest.fixture
def story(clinic: object) -> Story:
    return lately().tell()


def note(client: Client, story: Story, **said: str) -> int:
    form = sent(on="today", **{**EARLY, **said})
    form["on"] = client.get(f"/patients/{story.patient}/desk-note").context["form"]["on"].value()
    return client.post(f"/patients/{story.patient}/desk-note", form).status_code


def observed(story: Story) -> list[UseSignal]:
    return [body for _, body in store.load(story.stream).said(UseSignal)]


@pytest.mark.hazard("H035")
def test_the_front_desk_notes_an_earlier_wish_with_its_reason_and_it_joins_what_is_kept_in_mind(
    sign_in: SignIn, story: Story
) -> None:
    assert note(sign_in("front_desk"), story) == 302
    body = observed(story)[-1]
    assert (body.signal, body.days_early, body.told_at) == ("early_request", 4, "phone")
    found = signals(store.load(story.stream))[-1]
    assert (
        found.text
        == "Asked for a session early, 4 days early, on the telephone, A journey in the week of the visit."
    )
    assert not asking(store.load(story.stream))


@pytest.mark.hazard("H035")
def test_a_dose_that_was_lost_asks_for_a_talk_before_the_next_session(sign_in: SignIn, story: Story) -> None:
    note(
        sign_in("front_desk"), story, signal="lost_supply", days_early="", said_words="It fell into the sink."
    )
    assert [one.key for one in open_stops(store.load(story.stream))] == ["misuse"]


def test_it_is_read_by_the_same_few_as_every_note_on_use_and_by_its_author(
    sign_in: SignIn, story: Story
) -> None:
    desk = sign_in("front_desk")
    note(desk, story)
    entry, _ = store.load(story.stream).said(UseSignal)[-1]
    assert set(entry.visible_to) == {"prescriber", "medical_director", "therapist"}
    assert (
        "A journey in the week of the visit."
        in desk.get(f"/patients/{story.patient}/desk-note").content.decode()
    )
    nurse = sign_in("nurse").get(f"/patients/{story.patient}/desk-note").content.decode()
    assert "A journey in the week of the visit." not in nurse


def test_the_desk_reads_nothing_of_the_care_on_that_page(sign_in: SignIn, story: Story) -> None:
    page = sign_in("front_desk").get(f"/patients/{story.patient}/desk-note").content.decode()
    for word in ("PHQ-9", "mg", "misuse", "accus", "suspici"):
        assert word not in page


def test_why_is_asked_for_and_only_what_the_desk_hears_can_be_noted(sign_in: SignIn, story: Story) -> None:
    desk = sign_in("front_desk")
    assert note(desk, story, said_words="") == 422
    assert note(desk, story, signal="screen") == 422
    assert observed(story) == []


@pytest.mark.parametrize("role", ["therapist", "researcher", "administrator"])
def test_who_books_nobody_notes_nothing_here(sign_in: SignIn, story: Story, role: str) -> None:
    assert sign_in(role).get(f"/patients/{story.patient}/desk-note").status_code == 403
