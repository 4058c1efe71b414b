"""What a condition asks beside the course's own questionnaire, on the patient's phone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.record import store
from lowtide.record.entries.base import Source
from lowtide.record.entries.care import Answers
from tests.pathway.course.story import Story, items_for

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def story(clinic: object) -> Story:
    """Two months into treatment: the overall change is asked for."""
    at = datetime.now(UTC) - timedelta(days=60)
    return Story(at=at).took_history().decided().planned().induced().tell()


def own(sign_in: SignIn, story: Story) -> Client:
    return sign_in("patient", patient=story.patient)


def said(story: Story) -> list[Answers]:
    return [body for _, body in store.load(story.stream).said(Answers)]


def test_what_is_due_is_asked_one_after_the_other_until_nothing_is(sign_in: SignIn, story: Story) -> None:
    client = own(sign_in, story)
    page = client.get("/my/scales", follow=True)
    assert "Very much improved" in page.content.decode()
    assert "555 0100" in page.content.decode()
    path = page.redirect_chain[-1][0]
    done = client.post(path, {"form": str(uuid4()), "item_1": "2"}, follow=True).content.decode()
    assert "Nothing more is asked for now" in done
    body = said(story)[-1]
    assert (body.instrument, body.mode, body.complete) == ("PGIC", "phone", True)
    entry = store.load(story.stream).said(Answers)[-1][0]
    assert (entry.source, entry.by) == (Source.PATIENT, f"patient:{story.patient}")


def test_they_follow_the_course_s_own_questionnaire(sign_in: SignIn, story: Story) -> None:
    client = own(sign_in, story)
    data: dict[str, Any] = {"form": str(uuid4()), **{f"item_{n}": v for n, v in items_for(9).items()}}
    assert client.post("/my/questions?anyway=1", data)["Location"] == "/my/scales"
    assert client.get("/my/questions")["Location"] == "/my/scales"


@pytest.mark.hazard("H026")
def test_help_comes_before_any_further_question(sign_in: SignIn, story: Story) -> None:
    client = own(sign_in, story)
    data: dict[str, Any] = {"form": str(uuid4()), **{f"item_{n}": v for n, v in items_for(9, 2).items()}}
    assert client.post("/my/questions?anyway=1", data)["Location"] == "/my/questions/done"
    stopped = client.get("/my/scales?stop=1").content.decode()
    assert "You are not alone with this" in stopped


def test_somebody_may_stop_and_go_on_later(sign_in: SignIn, story: Story) -> None:
    page = own(sign_in, story).get("/my/scales?stop=1").content.decode()
    assert "1 more questionnaire is open whenever you like" in page


@pytest.mark.hazard("H041")
def test_words_that_the_clinic_does_not_have_are_not_asked_on_a_phone(sign_in: SignIn, story: Story) -> None:
    client = own(sign_in, story)
    assert client.get("/my/scales/isi")["Location"] == "/my/scales"
    assert client.get("/my/scales/madrs")["Location"] == "/my/scales"


@pytest.mark.parametrize("role", ["nurse", "prescriber", "administrator"])
def test_staff_have_no_place_of_their_own(sign_in: SignIn, story: Story, role: str) -> None:
    assert sign_in(role).get("/my/scales").status_code == 403
