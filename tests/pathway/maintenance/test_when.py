"""A chosen date that cannot be is refused with one clear error, and a held session is not booked by anybody."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from lowtide.people.clinic import CLINIC
from lowtide.record import store
from lowtide.record.entries.base import Draft
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.clinic import Chair, ClosedDays
from lowtide.record.entries.longterm import CheckPostponed, StopReviewed
from tests.pathway.course.story import Story
from tests.pathway.maintenance.test_pages import choice, decided, induced, open_day, path

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Berlin")


def sunday() -> datetime:
    at = open_day(5)
    while at.weekday() != 6:
        at += timedelta(days=1)
    return at


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (lambda: open_day(5).replace(hour=3), "lies outside the opening hours"),
        (lambda: open_day(5).replace(hour=20), "lies outside the opening hours"),
        (sunday, "The clinic is closed on Sundays"),
        (lambda: open_day(370), "more than 186 days away"),
        (lambda: open_day(-10), "lies in the past"),
        (lambda: open_day(0).replace(hour=23, minute=59), "lies outside the opening hours"),
    ],
)
def test_a_date_that_cannot_be_is_refused_in_one_sentence(
    at: Callable[[], datetime], said: str, sign_in: SignIn, clinic: object
) -> None:
    story = induced()
    answer = sign_in("prescriber").post(path(story), choice(at=at()))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert html.count(said) == 1
    assert html.count('class="field-error"') <= 1
    assert decided(story) == []


def test_a_day_on_which_the_clinic_said_it_is_closed_is_refused_with_its_reason(
    sign_in: SignIn, clinic: object
) -> None:
    day = open_day(6)
    body = ClosedDays(first=day.date(), last=day.date(), why="moving house")
    store.append([Draft(stream=CLINIC, body=body, by="staff:test", at=datetime.now(UTC))])
    answer = sign_in("prescriber").post(path(induced()), choice(at=day))
    assert "moving house" in answer.content.decode()


def test_a_date_inside_the_minimum_interval_names_the_first_possible_time(
    sign_in: SignIn, clinic: object
) -> None:
    story = induced(days=18)
    last = store.load(story.stream)
    answer = sign_in("prescriber").post(path(story), choice(at=datetime.now(ZONE) + timedelta(minutes=5)))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "first possible time" in html or "outside the opening hours" in html or "closed on" in html
    assert last.said(SessionScheduled) == []


def test_a_correction_is_judged_like_a_choice(sign_in: SignIn, clinic: object) -> None:
    story, client = induced(), sign_in("prescriber")
    client.post(path(story), choice())
    from tests.pathway.maintenance.test_choices import latest

    form = {"entry_id": uuid4(), "date": f"{open_day(400):%Y-%m-%d}", "time": "10:00", "reason": "later"}
    answer = client.post(f"{path(story)}/{latest(story)}/correct", form)
    assert answer.status_code == 422
    assert "days away" in answer.content.decode()


# -- a session that is held ----------------------------------------------------------------------------------------


def held() -> tuple[Story, str]:
    """A next session that is planned, and a prescriber's word that holds it."""
    story = induced()
    story.now = datetime.now(UTC) - timedelta(hours=2)
    story.planned((4,), protocol="P26", phase="maintenance")
    story.say(
        StopReviewed(stop="cystitis", choice="hold", sources=()), reason="blood in the urine", by="staff:test"
    )
    story.say(CheckPostponed(check="bladder", until=open_day(60).date()), reason="asked next week")
    story.tell()
    store.append(
        [Draft(stream=CLINIC, body=Chair(chair="1", label="Chair 1"), by="staff:test", at=story.now)]
    )
    return story, f"/patients/{story.patient}/sessions/{story.sessions[0]}/book"


def booking(at: datetime) -> dict[str, str]:
    local = at.astimezone(ZONE)
    return {
        "entry_id": str(uuid4()),
        "day": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M}",
        "chair": "1",
        "escort": "Mia",
        "last_ate": "",
    }


@pytest.mark.hazard("H037")
@pytest.mark.parametrize("role", ["prescriber", "nurse", "front_desk"])
def test_nobody_books_a_session_that_long_term_safety_holds(
    role: str, sign_in: SignIn, clinic: object
) -> None:
    story, url = held()
    client = sign_in(role)
    page = client.get(url).content.decode()
    answer = client.post(url, booking(open_day(5)))
    refused = answer.content.decode()
    assert answer.status_code == 422
    assert store.load(story.stream).said(SessionScheduled) == []
    for html in (page, refused):
        if role == "front_desk":
            assert "Ask the nurse" in html
            assert "a prescriber has to say first whether the next session may go on" in html.lower()
            assert "urine" not in html
            assert "bladder" not in html.lower()
        else:
            assert "blood in the urine" in html


def test_the_series_is_held_as_well_and_released_it_can_be_booked(sign_in: SignIn, clinic: object) -> None:
    story, url = held()
    desk = sign_in("front_desk")
    series = f"/patients/{story.patient}/sessions/book-all"
    page = desk.get(series).content.decode()
    assert "Ask the nurse" in page
    story.now = datetime.now(UTC) - timedelta(hours=1)
    story.say(StopReviewed(stop="cystitis", choice="release", sources=()), reason="urine is clear")
    story.tell()
    assert "Ask the nurse" not in desk.get(series).content.decode()
    assert desk.post(url, booking(open_day(5))).status_code == 302


def test_the_planner_marks_whom_nobody_can_book_without_telling_the_desk_why(
    sign_in: SignIn, clinic: object
) -> None:
    story, _ = held()
    for role, words in (
        ("front_desk", "ask the nurse before booking"),
        ("nurse", "held by long-term safety"),
    ):
        page = sign_in(role).get("/planner").content.decode()
        if str(story.patient) in page:
            assert words in page
        assert "urine" not in page


def test_a_move_to_a_later_day_is_open_while_the_session_is_held_and_one_to_an_earlier_is_not(
    sign_in: SignIn, clinic: object
) -> None:
    story = induced()
    story.now = datetime.now(UTC) - timedelta(hours=3)
    story.say(CheckPostponed(check="bladder", until=open_day(60).date()), reason="asked next week")
    story.planned((4,), protocol="P26", phase="maintenance").tell()
    at = datetime.now(UTC) - timedelta(hours=3)
    store.append([Draft(stream=CLINIC, body=Chair(chair="1", label="Chair 1"), by="staff:test", at=at)])
    url, nurse = f"/patients/{story.patient}/sessions/{story.sessions[0]}/book", sign_in("nurse")
    assert nurse.post(url, booking(open_day(9))).status_code == 302
    story.now = datetime.now(UTC) - timedelta(seconds=5)
    story.say(StopReviewed(stop="cystitis", choice="hold", sources=()), reason="blood in the urine")
    story.tell()
    sooner = nurse.post(url, booking(open_day(6)) | {"reason": "sooner"})
    assert (sooner.status_code, "blood in the urine" in sooner.content.decode()) == (422, True)
    assert nurse.post(url, booking(open_day(14)) | {"reason": "once it is clear"}).status_code == 302
