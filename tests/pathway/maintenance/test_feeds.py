"""Calendar feeds: secret addresses that are made, read, taken back; nothing clinical and nobody's name in them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.pathway.maintenance.models import CalendarFeed
from lowtide.people.models import StaffIndex
from lowtide.record import access_log, store
from lowtide.record.entries.clinic import Booked, Chair, Staff
from tests.conftest import CLINIC, said
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
OWN = "/me/calendar"


def address(page: object) -> str:
    content = page.content.decode()  # type: ignore[attr-defined]
    return "/calendar/" + content.partition("/calendar/")[2].partition("<")[0]


def booked(at: datetime = NOW + timedelta(days=3)) -> Story:
    story = Story(at=NOW - timedelta(days=9)).took_history().decided().planned((11,))
    story.scheduled(1, at, "1").tell()
    body = Booked(
        chart=story.stream,
        session_id=story.sessions[0],
        chair="1",
        starts_at=at - timedelta(minutes=30),
        ends_at=at + timedelta(hours=3),
    )
    store.append([said(body, "calendar:main"), said(Chair(chair="1", label="Window"), CLINIC)])
    return story


def test_an_address_is_made_shown_once_read_and_taken_back(sign_in: SignIn, clinic: object) -> None:
    nurse = sign_in("nurse")
    url = address(nurse.post(OWN, {"make": "1"}))
    anybody = Client()
    answer = anybody.get(url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert url not in nurse.get(OWN).content.decode()
    nurse.post(OWN, {"take_back": "1"})
    assert anybody.get(url).status_code == 404


def test_a_new_address_ends_the_one_before(sign_in: SignIn, clinic: object) -> None:
    nurse = sign_in("nurse")
    first, second = (address(nurse.post(OWN, {"make": "1"})) for _ in range(2))
    assert [Client().get(url).status_code for url in (first, second)] == [404, 200]


@pytest.mark.hazard("H049")
def test_no_clinical_word_and_no_name_stands_in_either_calendar(sign_in: SignIn, clinic: object) -> None:
    story, nurse = booked(), sign_in("nurse")
    own = address(nurse.post(OWN, {"make": "1"}))
    patients = address(nurse.post(f"/patients/{story.patient}/calendar", {"make": "1"}))
    for url, summary in ((own, "SUMMARY:Chair taken: Window"), (patients, "SUMMARY:Appointment")):
        text = Client().get(url).content.decode()
        assert summary in text
        assert ("TRIGGER:-PT24H" in text) is (
            url == patients
        )  # the patient is told the day before, no colleague is
        lowered = text.lower().replace("-//lowtide//calendar//en", "")
        for word in ("ketamine", "infusion", "depress", "phq", "p05", "testperson", "ada", " mg", "session"):
            assert word not in lowered, word


def test_a_moved_visit_keeps_its_uid_and_a_cancelled_one_is_gone(sign_in: SignIn, clinic: object) -> None:
    story, nurse = booked(), sign_in("nurse")
    url = address(nurse.post(f"/patients/{story.patient}/calendar", {"make": "1"}))
    before = Client().get(url).content.decode()
    assert f"UID:{story.sessions[0]}@lowtide" in before
    from lowtide.record.entries.chair import SessionCancelled

    store.append([said(SessionCancelled(), story.stream, session=story.sessions[0])])
    assert "BEGIN:VEVENT" not in Client().get(url).content.decode()


def test_somebody_who_left_reads_no_calendar_any_more(sign_in: SignIn, clinic: object) -> None:
    url = address(sign_in("nurse").post(OWN, {"make": "1"}))
    row = StaffIndex.objects.get(key=CalendarFeed.objects.get().owner.removeprefix("staff:"))
    gone = Staff(staff=row.key, name=row.name, roles=("nurse",), login=row.login, active=False)  # type: ignore[arg-type]
    entry = next(e for e, b in store.load(CLINIC).said(Staff) if str(b.staff) == row.key)
    store.append([said(gone, CLINIC, corrects=entry.id, reason="left")])
    assert Client().get(url).status_code == 404


@pytest.mark.hazard("H049")
def test_the_secret_is_kept_nowhere_and_each_reading_is_logged_without_it(
    sign_in: SignIn, clinic: object
) -> None:
    story, nurse = booked(), sign_in("nurse")
    url = address(nurse.post(f"/patients/{story.patient}/calendar", {"make": "1"}))
    secret = url.removeprefix("/calendar/").removesuffix(".ics")
    Client().get(url)
    lines = access_log.recent(stream=story.stream)
    assert any(line.detail == "calendar feed" for line in lines)
    assert not any(secret in line.action for line in lines)
    assert not CalendarFeed.objects.filter(digest__contains=secret).exists()


def test_an_unchanged_calendar_is_answered_with_not_modified(sign_in: SignIn, clinic: object) -> None:
    url = address(sign_in("nurse").post(OWN, {"make": "1"}))
    tag = Client().get(url)["ETag"]
    assert Client().get(url, headers={"If-None-Match": tag}).status_code == 304


def test_an_address_that_was_never_made_is_not_there(sign_in: SignIn, clinic: object) -> None:
    assert Client().get(f"/calendar/{uuid4()}.ics").status_code == 404
