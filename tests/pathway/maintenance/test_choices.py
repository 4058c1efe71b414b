"""Choices on the maintenance page: what each step needs and writes, stale pages, corrections, and a course that ends well."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.pathway.course.state import Phase, fold
from lowtide.pathway.maintenance.choosing import mark
from lowtide.record import store
from lowtide.record.entries.care import ContactTried, CourseEnded, CoursePlanned, NextSessionDecided
from tests.pathway.course.story import Story
from tests.pathway.maintenance.test_pages import ZONE, choice, decided, induced, open_day, path

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def day(ahead: int) -> str:
    return f"{NOW.astimezone(ZONE) + timedelta(days=ahead):%Y-%m-%d}"


def latest(story: Story) -> UUID:
    return store.load(story.stream).said(NextSessionDecided)[-1][0].id


def test_the_page_says_where_it_stands_and_which_rule_points_where(sign_in: SignIn, clinic: object) -> None:
    page = sign_in("nurse").get(path(induced())).content.decode()
    assert "Where it stands: Holding" in page
    assert "STEP-STRETCH" in page
    assert "No weight is recorded." in page


def test_a_choice_keeps_the_rules_that_pointed_somewhere(sign_in: SignIn, clinic: object) -> None:
    story = induced()
    sign_in("prescriber").post(path(story), {**choice(), "choice": "step_up"})
    assert [(b.choice, b.pointed) for b in decided(story)] == [("step_up", ("STEP-STRETCH",))]


def test_a_page_that_is_older_than_the_chart_is_refused_and_says_so(sign_in: SignIn, clinic: object) -> None:
    story = induced()
    client, seen = sign_in("prescriber"), mark(fold(store.load(story.stream)))
    story.now = NOW - timedelta(minutes=1)
    story.phq9(15).tell()
    refused = client.post(path(story), {**choice(), "seen": seen})
    assert refused.status_code == 422
    assert "moved on since this page was opened" in refused.content.decode()
    assert decided(story) == []
    fresh = mark(fold(store.load(story.stream)))
    client.post(path(story), {**choice(), "seen": fresh})
    assert len(decided(story)) == 1


def test_a_pause_comes_back_on_the_day_that_was_set(sign_in: SignIn, clinic: object) -> None:
    story = induced()
    sign_in("prescriber").post(path(story), {**choice("pause"), "look_again_on": day(30)})
    (said,) = decided(story)
    assert f"{said.look_again_on}" == day(30)
    past = sign_in("prescriber").post(path(induced()), {**choice("pause"), "look_again_on": day(-1)})
    assert past.status_code == 422


def test_a_new_series_is_planned_after_a_relapse_and_what_lay_ahead_is_given_up(
    sign_in: SignIn, clinic: object
) -> None:
    story, client = induced(), sign_in("prescriber")
    client.post(path(story), choice())
    answer = client.post(path(story), {**choice("reinduce"), "series_from": day(2)})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    state = fold(store.load(story.stream))
    assert (state.phase, state.course and state.course.again) == (Phase.INDUCTION, True)
    ahead = [s for s in state.treated if s.is_ahead]
    assert [s.number for s in ahead] == list(range(8, 14))
    page = client.get(path(story)).content.decode()
    assert "Where it stands: Re-induction" in page
    assert "0 of 6 sessions of the induction have been held" in page


ENDING = {
    "why": "well",
    "achieved": "walks the dog again\nsleeps through",
    "goes_on_with": "Dr Lund, Bergen",
    "ask_1": day(14),
    "ask_2": day(42),
}


def test_a_course_can_end_well_with_what_was_achieved_and_what_follows(
    sign_in: SignIn, clinic: object
) -> None:
    story, client = induced(), sign_in("prescriber")
    answer = client.post(path(story), {**choice("stop", reason="Well for months"), **ENDING}, follow=True)
    ((_, over),) = store.load(story.stream).said(CourseEnded)
    assert over.achieved == ("walks the dog again", "sleeps through")
    assert [f"{d}" for d in over.ask_on] == [day(14), day(42)]
    page = answer.content.decode()
    for words in (
        "A course that ended well",
        "walks the dog again",
        "Dr Lund, Bergen",
        "Crisis line: 555 0100",
    ):
        assert words in page


def test_after_the_end_each_agreed_day_is_asked_for_until_somebody_was_reached(
    sign_in: SignIn, clinic: object
) -> None:
    story, client = induced(), sign_in("prescriber")
    client.post(path(story), {**choice("stop"), **ENDING, "ask_1": day(0), "ask_2": day(42)})
    contact = f"/patients/{story.patient}/contact"

    def asked() -> list[str]:
        from lowtide.pathway.course.due import due

        chart = store.load(story.stream)
        return [
            i.key + f" {i.opens_at:%Y-%m-%d}" for i in due(chart, fold(chart)) if i.task.name == "after_end"
        ]

    assert asked() == [f"after_end {day(0)}"]
    for reached in ("no", "yes"):
        client.post(contact, {"entry_id": uuid4(), "how": "telephone", "reached": reached, "said": ""})
    assert [b.reached for _, b in store.load(story.stream).said(ContactTried)] == [False, True]
    assert asked() == [f"after_end {day(42)}"]


def test_the_desk_looks_for_somebody_without_reading_the_chart(sign_in: SignIn, clinic: object) -> None:
    story, desk = induced(), sign_in("front_desk")
    page = desk.get(f"/patients/{story.patient}/contact")
    assert page.status_code == 200
    assert "PHQ-9" not in page.content.decode()
    form = {"entry_id": uuid4(), "how": "message", "reached": "no", "said": "left a message"}
    desk.post(f"/patients/{story.patient}/contact", form)
    desk.post(f"/patients/{story.patient}/contact", form)
    assert len(store.load(story.stream).said(ContactTried)) == 1


# -- corrections -------------------------------------------------------------------------------------------------------


def corrected(client: Client, story: Story, at: datetime, reason: str = "the Tuesday suits better") -> object:
    local = at.astimezone(UTC)
    form = {"entry_id": uuid4(), "date": f"{local:%Y-%m-%d}", "time": "10:00", "reason": reason}
    return client.post(f"{path(story)}/{latest(story)}/correct", form)


def test_a_correction_shows_the_old_struck_through_and_moves_the_session_it_planned(
    sign_in: SignIn, clinic: object
) -> None:
    story, client = induced(), sign_in("prescriber")
    client.post(path(story), choice())
    answer = corrected(client, story, open_day(8))
    assert answer.status_code == 302, answer.content.decode()[-2000:]  # type: ignore[attr-defined]
    (said,) = decided(story)
    state = fold(store.load(story.stream))
    assert state.next_session
    assert state.next_session.planned_at == said.planned_at
    page = client.get(path(story)).content.decode()
    assert page.count('class="prov strike"') == 1
    assert "the Tuesday suits better" in page


def test_a_choice_that_was_corrected_meanwhile_is_not_corrected_twice(
    sign_in: SignIn, clinic: object
) -> None:
    story, client = induced(), sign_in("prescriber")
    client.post(path(story), choice())
    first = latest(story)
    corrected(client, story, open_day(8))
    assert client.get(f"{path(story)}/{first}/correct").status_code == 404


def test_taking_back_strikes_the_choice_out_with_the_session_it_planned(
    sign_in: SignIn, clinic: object
) -> None:
    story, client = induced(), sign_in("prescriber")
    client.post(path(story), choice())
    client.post(f"{path(story)}/{latest(story)}/take-back", {"entry_id": uuid4(), "reason": "wrong patient"})
    assert decided(story) == []
    assert fold(store.load(story.stream)).next_session is None
    page = client.get(path(story)).content.decode()
    assert "taken back by" in page
    assert "wrong patient" in page


def test_taking_back_an_end_lets_the_course_go_on(sign_in: SignIn, clinic: object) -> None:
    story, client = induced(), sign_in("prescriber")
    client.post(path(story), {**choice("stop"), **ENDING})
    client.post(f"{path(story)}/{latest(story)}/take-back", {"entry_id": uuid4(), "reason": "not yet"})
    state = fold(store.load(story.stream))
    assert state.phase is Phase.MAINTENANCE
    assert len([p for _, p in store.load(story.stream).said(CoursePlanned)]) == 1


def test_only_the_latest_choice_can_be_taken_back(sign_in: SignIn, clinic: object) -> None:
    story, client = induced(), sign_in("prescriber")
    client.post(path(story), choice("pause"))
    first = latest(story)
    client.post(path(story), choice())
    refused = client.post(f"{path(story)}/{first}/take-back", {"entry_id": uuid4(), "reason": "oops"})
    assert refused.status_code == 422
    assert "another choice was made since" in refused.content.decode().lower()


def test_the_front_page_of_the_chart_says_when_it_will_likely_fade_without_working_it_out(
    sign_in: SignIn, clinic: object
) -> None:
    story, client = induced(), sign_in("prescriber")
    front = f"/patients/{story.patient}/"
    assert "Not worked out since the last dose or score." in client.get(front).content.decode()
    client.get(path(story))
    assert "No weight is recorded." in client.get(front).content.decode()
