"""A session booked for another day than the one that a clinician chose: the reason, the row, and what the pages show."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from lowtide.pathway.course import rules
from lowtide.pathway.course.chosen import departure
from lowtide.pathway.course.due import due
from lowtide.pathway.course.state import fold
from lowtide.record import store
from lowtide.record.entries.care import FadeKept, NextSessionDecided
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.longterm import SafetyAsked
from tests.pathway.course.story import Story
from tests.pathway.maintenance.test_pages import choice, decided, induced, open_day, path
from tests.pathway.safety.longterm.test_stops import GOOD

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Berlin")
FAR = 30


def chosen(sign_in: SignIn, client: Client | None = None) -> Story:
    story = induced(20)
    story.now = datetime.now(UTC) - timedelta(hours=3)
    story.say(SafetyAsked(check="bladder", answers=GOOD))
    story.tell()
    assert (client or sign_in("prescriber")).post(path(story), choice(at=open_day(6))).status_code == 302
    return story


def book(story: Story, client: Client, at: datetime, **more: str) -> object:
    session = fold(store.load(story.stream)).next_session
    assert session
    form = {
        "entry_id": "00000000-0000-4000-8000-00000000a00" + more.pop("number", "1"),
        "day": f"{at:%Y-%m-%d}",
        "time": f"{at:%H:%M}",
        "chair": "1",
        **more,
    }
    return client.post(f"/patients/{story.patient}/sessions/{session.id}/book", form)


def booked(story: Story) -> list[SessionScheduled]:
    return [body for _, body in store.load(story.stream).said(SessionScheduled)]


def rows(story: Story) -> list[str]:
    chart = store.load(story.stream)
    return [item.label for item in due(chart, fold(chart)) if item.task.name == "other_day"]


def test_the_chosen_day_asks_nothing(sign_in: SignIn, clinic: object) -> None:
    story = chosen(sign_in)
    answer = book(story, sign_in("front_desk"), open_day(6).replace(hour=11))
    assert answer.status_code == 302
    assert rows(story) == []


def test_a_far_day_is_refused_without_a_reason_and_says_what_differs(sign_in: SignIn, clinic: object) -> None:
    story = chosen(sign_in)
    answer = book(story, sign_in("front_desk"), open_day(FAR))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "later than" in page
    assert "which was chosen" in page
    assert "it lies outside the protocol’s window" in page
    assert booked(story) == []


def test_with_its_reason_it_is_booked_and_the_prescriber_gets_a_row(sign_in: SignIn, clinic: object) -> None:
    story = chosen(sign_in)
    answer = book(story, sign_in("front_desk"), open_day(FAR), departs_because="away until then")
    assert answer.status_code == 302
    assert [body.departs_because for body in booked(story)] == ["away until then"]
    (row,) = rows(story)
    assert "later than chosen" in row
    assert "later than chosen" in sign_in("prescriber").get("/today").content.decode()
    assert "On another day (1)" in sign_in("nurse").get("/planner").content.decode()


def test_the_bar_and_the_decisions_show_the_session_as_it_stands(sign_in: SignIn, clinic: object) -> None:
    story = chosen(sign_in)
    book(story, sign_in("front_desk"), open_day(FAR), departs_because="away until then")
    at = open_day(FAR)
    bar = next(s for s in rules.stops(store.load(story.stream), ZONE) if s.step == "maintenance")
    assert bar.state == f"next {at.day} {at:%b %Y}"
    page = sign_in("prescriber").get(path(story)).content.decode()
    assert "“away until then”" in page
    assert "Let the choice follow it" in page
    assert f"<b>booked for {at:%a} {at.day} {at:%b}" in page


def test_a_choice_that_follows_the_booking_closes_the_row(sign_in: SignIn, clinic: object) -> None:
    story, client = chosen(sign_in), sign_in("prescriber")
    book(story, sign_in("front_desk"), open_day(FAR), departs_because="away until then")
    decision = store.load(story.stream).said(NextSessionDecided)[-1][0].id
    where = f"{path(story)}/{decision}/correct"
    page = client.get(f"{where}?as=booked")
    assert f'value="{open_day(FAR):%Y-%m-%d}"' in page.content.decode()
    said = {
        "entry_id": "00000000-0000-4000-8000-00000000a0ff",
        "date": f"{open_day(FAR):%Y-%m-%d}",
        "time": f"{open_day(FAR):%H:%M}",
        "reason": "as the patient can",
    }
    answer = client.post(where, said)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    assert rows(story) == []
    assert [body.planned_at for body in decided(story)] == [open_day(FAR).astimezone(UTC)]


def test_whoever_chose_the_day_and_books_another_with_a_reason_gets_no_row(
    sign_in: SignIn, clinic: object
) -> None:
    client = sign_in("prescriber")
    story = chosen(sign_in, client)
    book(story, client, open_day(FAR), departs_because="asked for by telephone")
    assert rows(story) == []


def test_the_bar_says_not_decided_once_the_chosen_session_was_given(sign_in: SignIn, clinic: object) -> None:
    story = induced(45)
    story.now = story.first_at + timedelta(days=25)
    story.chose(in_days=5)
    story.planned((30,), protocol="P26", phase="maintenance")
    story.now = story.first_at + timedelta(days=30)
    story.held(1).tell()
    bar = next(s for s in rules.stops(store.load(story.stream), ZONE) if s.step == "maintenance")
    assert bar.state == "next: not decided"


@pytest.mark.parametrize(
    ("days", "asks"), [(0, False), (2, False), (-2, False), (4, True), (-4, True), (3, False)]
)
def test_only_days_beyond_the_slack_ask(days: int, asks: bool) -> None:
    at = datetime(2026, 12, 7, 10, tzinfo=ZONE)
    said = NextSessionDecided(choice="next", planned_at=at)
    assert bool(departure(said, at + timedelta(days=days), ZONE)) is asks


def test_a_day_near_the_chosen_one_asks_where_it_leaves_a_window_and_scores_are_not_told_at_the_desk() -> (
    None
):
    at = datetime(2026, 12, 14, 10, tzinfo=ZONE)
    kept = FadeKept(relapse=(), instrument="PHQ9", scores=7, numbers="1", opens_at=at - timedelta(days=13), closes_at=at + timedelta(days=1))  # fmt: skip
    said = NextSessionDecided(choice="next", planned_at=at, fade=kept)
    assert departure(said, at + timedelta(days=1), ZONE) is None
    found = departure(said, at + timedelta(days=2), ZONE)
    assert found
    assert found.words(ZONE).endswith("it lies outside the predicted window (1 to 15 Dec)")
    assert found.words(ZONE, clinical=False).endswith("it lies outside the days that were foreseen")
