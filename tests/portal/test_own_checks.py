"""Long-term checks in the patient's own hands: what is due is put to them, and lands in the chart as a nurse's would."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from lowtide.pathway.course.models import DueRow
from lowtide.pathway.safety.longterm.stops import open_stops
from lowtide.record import store
from lowtide.record.entries.base import Source
from lowtide.record.entries.longterm import SafetyAsked
from tests.pathway.course.story import Story
from tests.portal.conftest import html, sent

SignIn = Callable[..., Client]
BLADDER = {"q_pain": "no", "q_urgency": "as_before", "q_often": "no", "q_blood": "no", "q_night": "1"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def story(clinic: object) -> Story:
    """Two months into treatment: what is asked again and again is due."""
    at = datetime.now(UTC) - timedelta(days=60)
    return Story(at=at).took_history().decided().planned().induced().tell()


@pytest.fixture
def mine(sign_in: SignIn, story: Story) -> Client:
    return sign_in("patient", patient=story.patient)


def asked(story: Story) -> list[SafetyAsked]:
    return [body for _, body in store.load(story.stream).said(SafetyAsked)]


def due(story: Story) -> set[str]:
    rows = DueRow.objects.filter(stream=story.stream, task__startswith="longterm_")
    return {row.task for row in rows if row.opens_at is None or row.opens_at <= datetime.now(UTC)}


def test_what_is_due_stands_among_the_questions_of_the_first_page(mine: Client) -> None:
    page = html(mine, "/my/")
    assert "questions are waiting" in page
    assert "It takes about" in page


@pytest.mark.hazard("H037")
def test_an_answer_stands_in_the_chart_as_the_patient_s_own_and_ends_the_reminder(
    mine: Client, story: Story
) -> None:
    assert "longterm_bladder" in due(story)
    assert mine.post("/my/checks/bladder", sent(**BLADDER))["Location"] == "/my/scales"
    entry, body = store.load(story.stream).said(SafetyAsked)[-1]
    assert (body.check, body.mode, body.answers["urgency"]) == ("bladder", "patient", "as_before")
    assert (entry.source, entry.by) == (Source.PATIENT, f"patient:{story.patient}")
    assert "longterm_bladder" not in due(story)


@pytest.mark.hazard("H037")
def test_a_new_symptom_holds_the_next_session_as_it_would_from_a_nurse(mine: Client, story: Story) -> None:
    mine.post("/my/checks/bladder", sent(**{**BLADDER, "q_blood": "worse"}))
    assert [one.key for one in open_stops(store.load(story.stream))] == ["cystitis"]
    assert "something is new or worse. Your clinic looks at it." in html(mine, "/my/scales?stop=1")


def test_an_answer_that_is_missing_is_asked_for_once_more_and_nothing_is_kept(
    mine: Client, story: Story
) -> None:
    page = mine.post("/my/checks/bladder", sent(**{**BLADDER, "q_blood": ""}))
    assert page.status_code == 422
    assert "Please choose one." in page.content.decode()
    assert asked(story) == []


def test_the_same_form_sent_twice_is_one_answer(mine: Client, story: Story) -> None:
    form = sent(**BLADDER)
    mine.post("/my/checks/bladder", form)
    mine.post("/my/checks/bladder", form)
    assert len(asked(story)) == 1


def test_who_does_not_know_is_not_asked_again_here_and_the_clinic_still_is(
    mine: Client, story: Story
) -> None:
    mine.post("/my/checks/bladder", sent(**{**BLADDER, "q_blood": "not_known"}))
    assert mine.get("/my/checks/bladder")["Location"] == "/my/scales"
    assert "longterm_bladder" in due(story)


@pytest.mark.parametrize("check", ["liver", "cognition", "side_effects", "nonsense"])
def test_what_only_staff_can_ask_is_not_put_to_the_patient(mine: Client, check: str) -> None:
    assert mine.get(f"/my/checks/{check}")["Location"] == "/my/scales"


def test_it_speaks_spanish_and_says_what_does_not_wait(mine: Client) -> None:
    page = mine.get("/my/checks/bladder", HTTP_ACCEPT_LANGUAGE="es").content.decode()
    assert "¿Sangre en la orina?" in page
    assert "No espere: llame hoy a la clínica." in page
    assert "Nadie" in page


@pytest.mark.parametrize("role", ["nurse", "front_desk"])
def test_staff_do_not_answer_for_somebody_here(sign_in: SignIn, story: Story, role: str) -> None:
    assert sign_in(role).get("/my/checks/bladder").status_code == 403
