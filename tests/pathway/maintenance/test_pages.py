"""The clinician's choice of what comes next: an entry beside the proposal, and what follows from it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from lowtide.pathway.course.state import Phase, fold
from lowtide.pathway.maintenance.rules import propose
from lowtide.people.clinic import CALENDAR
from lowtide.record import store
from lowtide.record.entries.base import Draft
from lowtide.record.entries.care import CoursePlanned, NextSessionDecided
from lowtide.record.entries.clinic import Booked
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]
ZONE = ZoneInfo("Europe/Berlin")
pytestmark = pytest.mark.django_db


def induced(days: float = 25, totals: tuple[int, ...] = (20, 16, 13, 12, 10, 8, 7)) -> Story:
    at = datetime.now(UTC) - timedelta(days=days)
    return Story(at=at).took_history().decided().planned().induced(totals).tell()


def path(story: Story) -> str:
    return f"/patients/{story.patient}/maintenance"


def open_day(ahead: int) -> datetime:
    """Ten o'clock of the first weekday so many days ahead or later."""
    at = (datetime.now(ZONE) + timedelta(days=ahead)).replace(hour=10, minute=0, second=0, microsecond=0)
    while at.weekday() > 4:
        at += timedelta(days=1)
    return at


def choice(what: str = "next", at: datetime | None = None, **more: str) -> dict[str, str]:
    at = (at or open_day(5)).astimezone(ZONE)
    day = {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}"} if what == "next" else {}
    return {"entry_id": str(uuid4()), "choice": what, "reason": "It holds well", **day, **more}


def decided(story: Story) -> list[NextSessionDecided]:
    return [body for _, body in store.load(story.stream).said(NextSessionDecided)]


def test_the_page_shows_the_window_its_rule_and_what_is_unverified(sign_in: SignIn, clinic: object) -> None:
    page = sign_in("nurse").get(path(induced())).content.decode()
    assert "P26: stretch interval 1, 2, 3, 4 weeks" in page
    assert "1 week after the last dose" in page
    assert "interval: unverified" in page
    assert "Not before" in page
    assert "psychiatryonline.org" in page


def test_a_choice_is_kept_with_its_reason_beside_what_was_proposed(sign_in: SignIn, clinic: object) -> None:
    story = induced()
    window = propose(fold(store.load(story.stream))).window
    response = sign_in("prescriber").post(path(story), choice())
    entry, body = store.load(story.stream).said(NextSessionDecided)[0]
    assert (body.proposed_from, body.proposed_to) == window
    assert entry.reason == "It holds well"
    assert response["Location"].endswith("/book")


def test_the_chosen_session_is_planned_under_the_maintenance_protocol_and_leads_to_booking(
    sign_in: SignIn, clinic: object
) -> None:
    story = induced()
    client = sign_in("prescriber")
    response = client.post(path(story), choice(), follow=True)
    assert response.status_code == 200
    state = fold(store.load(story.stream))
    assert state.phase is Phase.MAINTENANCE
    assert state.course is not None
    assert state.course.protocol == "P26"
    assert state.next_session is not None
    assert state.next_session.number == 7
    assert str(state.next_session.id) in response.request["PATH_INFO"]


def test_the_next_choice_lengthens_the_same_maintenance_course(sign_in: SignIn, clinic: object) -> None:
    story = induced(45)
    story.planned((0,), protocol="P26", phase="maintenance")
    story.now = story.first_at
    story.held(1).after(days=1).phq9(7).tell()
    sign_in("prescriber").post(path(story), choice())
    plans = [body for _, body in store.load(story.stream).said(CoursePlanned)]
    assert [len(plan.sessions) for plan in plans] == [6, 2]
    assert plans[-1].course == story.course


def test_pressing_twice_decides_once(sign_in: SignIn, clinic: object) -> None:
    story, client, data = induced(), sign_in("prescriber"), choice()
    client.post(path(story), data)
    client.post(path(story), data)
    assert len(decided(story)) == 1
    assert len(fold(store.load(story.stream)).treated) == 7


@pytest.mark.hazard("H009")
def test_a_date_before_the_minimum_interval_is_over_is_refused_with_the_first_possible_time(
    sign_in: SignIn, clinic: object
) -> None:
    story = induced(20)
    earliest = propose(fold(store.load(story.stream))).earliest
    assert earliest is not None
    assert earliest > datetime.now(UTC)
    client = sign_in("prescriber")
    refused = client.post(path(story), choice(at=earliest - timedelta(minutes=1)))
    assert refused.status_code == 422
    assert "The first possible time is" in refused.content.decode()
    assert decided(story) == []
    client.post(path(story), choice(at=earliest + timedelta(minutes=1)))
    assert len(decided(story)) == 1


@pytest.mark.parametrize(
    "change", [{"choice": ""}, {"reason": " "}, {"date": ""}, {"time": ""}, {"date": "2020-01-01"}]
)
def test_what_is_missing_or_past_is_said_and_nothing_is_written(
    sign_in: SignIn, clinic: object, change: dict[str, str]
) -> None:
    story = induced()
    response = sign_in("prescriber").post(path(story), {**choice(), **change})
    assert response.status_code == 422
    assert decided(story) == []


def booked(story: Story) -> None:
    """The session ahead has a chair in the calendar, too."""
    session = fold(store.load(story.stream)).next_session
    assert session is not None
    body = Booked(
        chart=story.stream,
        session_id=session.id,
        chair="Chair 1",
        starts_at=session.planned_at,
        ends_at=session.planned_at + timedelta(hours=3),
    )
    store.append([Draft(stream=CALENDAR, body=body, by="staff:test", at=datetime.now(UTC))])


def test_a_stop_ends_the_course_cancels_what_lies_ahead_and_frees_its_chair(
    sign_in: SignIn, clinic: object
) -> None:
    story, client = induced(), sign_in("prescriber")
    client.post(path(story), choice())
    booked(story)
    client.post(path(story), choice("stop", reason="Well for months; ends on a good note"))
    state = fold(store.load(story.stream))
    assert state.phase is Phase.ENDED
    assert [s.status for s in state.treated][-1] == "cancelled"
    assert store.load(CALENDAR).said(Booked) == []
    page = client.get(path(story)).content.decode()
    assert "The course has ended" in page
    assert "Record the decision" not in page


def test_a_pause_gives_up_the_sessions_and_keeps_the_course(sign_in: SignIn, clinic: object) -> None:
    story, client = induced(), sign_in("prescriber")
    client.post(path(story), choice())
    client.post(path(story), choice("pause", reason="Surgery next week"))
    state = fold(store.load(story.stream))
    assert state.phase is Phase.MAINTENANCE
    assert state.next_session is None
    client.post(path(story), choice())
    assert fold(store.load(story.stream)).next_session is not None


def test_nothing_is_decided_while_somebody_sits_in_the_chair(sign_in: SignIn, clinic: object) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=1)).decided().planned((0,)).phq9(20)
    story.now = datetime.now(UTC) - timedelta(minutes=5)
    story.ordered().started().tell()
    response = sign_in("prescriber").post(path(story), choice("stop"))
    assert response.status_code == 422
    assert "a session is under way" in response.content.decode().lower()


@pytest.mark.parametrize("role", ["nurse", "therapist"])
def test_who_does_not_decide_sees_the_page_without_the_form(
    sign_in: SignIn, clinic: object, role: str
) -> None:
    story = induced()
    client = sign_in(role)
    assert "Record the decision" not in client.get(path(story)).content.decode()
    client.post(path(story), choice())
    assert decided(story) == []


@pytest.mark.parametrize("role", ["front_desk", "researcher", "patient"])
def test_who_reads_no_charts_does_not_reach_it(sign_in: SignIn, clinic: object, role: str) -> None:
    assert sign_in(role).get(path(induced())).status_code == 403


def test_before_the_first_session_the_page_says_what_comes_next(sign_in: SignIn, clinic: object) -> None:
    page = sign_in("prescriber").get(path(Story().tell())).content.decode()
    assert "No session has been held yet." in page
    assert "The first session begins the count." in page
