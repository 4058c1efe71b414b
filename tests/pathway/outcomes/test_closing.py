"""A raised answer is taken by name, and closed with a reason once somebody has spoken with the patient (hazard H026)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.data.risk import closings, contacts
from lowtide.pathway.course.models import DueRow
from lowtide.record import store
from lowtide.record.entries.care import Answers, RiskReviewed
from tests.pathway.course.story import Story, items_for

SignIn = Callable[..., Client]
pytestmark = [pytest.mark.django_db, pytest.mark.hazard("H026")]


@pytest.fixture
def story(clinic: object) -> Story:
    story = Story(at=datetime.now(UTC) - timedelta(days=2)).took_history().decided()
    story.now = datetime.now(UTC) - timedelta(minutes=25)
    story.answered(items_for(13, 2), mode="phone", by=f"patient:{story.patient}")
    return story.tell()


def form(story: Story) -> UUID:
    return store.load(story.stream).said(Answers)[0][0].id


def place(story: Story) -> str:
    return f"/patients/{story.patient}/outcomes/{form(story)}/risk"


def step(**more: str) -> dict[str, str]:
    return {"entry_id": str(uuid4()), "done": "message", "detail": "", "closes": "no", "because": "", **more}


def said(story: Story) -> list[RiskReviewed]:
    return [body for _, body in store.load(story.stream).said(RiskReviewed)]


def test_one_press_takes_it_and_the_worklist_names_who_has_it(sign_in: SignIn, story: Story) -> None:
    nurse = sign_in("nurse")
    assert "I have it" in nurse.get(place(story)).content.decode()
    data = {"take": "1", "entry_id": str(uuid4())}
    for _ in range(2):
        page = nurse.post(place(story), data, follow=True).content.decode()
    assert "Owner: you" in page
    assert "I have it" not in page
    assert [(b.action, b.closed) for b in said(story)] == [("Took it", False)]
    assert DueRow.objects.get(stream=story.stream, task="risk").taken
    assert "Owner: Test Nurse" in sign_in("prescriber").get("/today").content.decode()


def test_untaken_it_is_said_to_be_the_second_roles_as_well(sign_in: SignIn, story: Story) -> None:
    page = sign_in("medical_director").get(place(story)).content.decode()
    assert "Escalated: Medical director, since" in page


@pytest.mark.parametrize("reason", sorted(k for k, c in closings().items() if c.needs_contact))
def test_a_message_left_is_no_contact_so_it_stays_open(sign_in: SignIn, story: Story, reason: str) -> None:
    answer = sign_in("nurse").post(place(story), step(closes="yes", because=reason))
    assert answer.status_code == 422
    assert "Nobody has spoken with the patient yet" in answer.content.decode()
    assert said(story) == []


@pytest.mark.parametrize("way", sorted(k for k, c in contacts().items() if c.reached))
def test_once_somebody_was_reached_it_closes_with_its_reason(sign_in: SignIn, story: Story, way: str) -> None:
    nurse = sign_in("nurse")
    nurse.post(place(story), step(done=way))
    assert nurse.post(place(story), step(closes="yes", because="safe")).status_code == 302
    assert [(b.contact, b.because) for b in said(story)] == [(way, None), ("message", "safe")]
    page = nurse.get(place(story)).content.decode()
    assert "Nothing is left to do here" in page
    assert closings()["safe"].label in page
    assert "I have it" not in page
    assert not DueRow.objects.filter(stream=story.stream, task="risk").exists()


def test_whoever_was_not_reached_is_closed_only_as_such(sign_in: SignIn, story: Story) -> None:
    answer = sign_in("nurse").post(place(story), step(closes="yes", because="not_reached"))
    assert answer.status_code == 302
    assert said(story)[0].because == "not_reached"


@pytest.mark.parametrize(
    "change", [{"because": ""}, {"because": "because"}, {"closes": "no", "because": "safe"}]
)
def test_closing_and_its_reason_go_together(sign_in: SignIn, story: Story, change: dict[str, str]) -> None:
    data = step(done="spoke", closes="yes") | change
    assert sign_in("nurse").post(place(story), data).status_code == 422
    assert said(story) == []


def test_the_record_tells_the_reason(sign_in: SignIn, story: Story) -> None:
    nurse = sign_in("nurse")
    nurse.post(place(story), step(done="seen", detail="calm, no plan", closes="yes", because="known"))
    page = nurse.get(f"/patients/{story.patient}/record").content.decode()
    assert "Seen in person: calm, no plan, closed: Known and unchanged, the plan stands" in page


def test_who_has_opened_the_task_is_read_from_the_access_log(sign_in: SignIn, story: Story) -> None:
    sign_in("therapist").get(place(story))
    page = sign_in("prescriber").get(place(story)).content.decode()
    opened = page[page.index("Opened by") :]
    assert "Test Therapist" in opened
    assert opened.index("Test Therapist") < opened.index("Test Prescriber")


def test_a_button_without_an_id_takes_nothing(sign_in: SignIn, story: Story) -> None:
    assert sign_in("nurse").post(place(story), {"take": "1"}).status_code == 404
    assert said(story) == []
