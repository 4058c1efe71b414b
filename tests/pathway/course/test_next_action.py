"""A newcomer is led from the first question to the next date by one card on the chart's front page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from lowtide.pathway.course.due import due
from lowtide.pathway.course.next_action import Next, next_action
from lowtide.pathway.course.state import fold
from lowtide.people.roles import Permission, permissions
from lowtide.record.entries import care, history
from lowtide.record.entries.base import Answer
from lowtide.record.entries.chair import SessionAbandoned
from tests.pathway.course.story import DAY, Story, items_for

SignIn = Callable[..., Client]


class Somebody:
    """A person with one role."""

    def __init__(self, role: str) -> None:
        self.may = permissions((role,))

    def can(self, permission: Permission) -> bool:
        return permission in self.may


def action(story: Story, role: str = "prescriber", *, after: timedelta = timedelta(0)) -> Next:
    state = fold(story.chart)
    return next_action(state, due(story.chart, state), Somebody(role), story.now + after)


def baseline() -> Story:
    return Story().after(days=1).took_history().phq9(20)


def planned() -> Story:
    return baseline().after(days=1).decided().after(hours=1).planned().consented()


STEPS: list[tuple[str, Callable[[], Story], str, str]] = [
    ("a new chart", Story, "Take the history", "evaluate:intake"),
    ("history taken", lambda: Story().took_history(), "Score a PHQ-9", "outcomes:measure"),
    ("measured", baseline, "Decide candidacy", "evaluate:evaluate"),
    ("eligible", lambda: baseline().decided(), "Plan the course", "plan:plan"),
    ("planned", planned, "Book a chair for session 1", "session:book"),
    (
        "booked, on the day",
        lambda: on_the_day(planned().scheduled_as_planned()),
        "Score a PHQ-9",
        "outcomes:measure",
    ),
    (
        "scored that day",
        lambda: on_the_day(planned().scheduled_as_planned()).phq9(20),
        "Sign the dose of session 1",
        "plan:order",
    ),
    (
        "signed",
        lambda: on_the_day(planned().scheduled_as_planned()).phq9(20).ordered(),
        "Hold session 1",
        "session:session",
    ),
    (
        "running",
        lambda: on_the_day(planned().scheduled_as_planned()).phq9(20).ordered().started(),
        "Session 1 is under way",
        "session:session",
    ),
    (
        "went home",
        lambda: on_the_day(planned().scheduled_as_planned()).phq9(20).held(signed=False),
        "Sign session 1 off",
        "session:session",
    ),
    (
        "signed off",
        lambda: on_the_day(planned().scheduled_as_planned()).phq9(20).held(),
        "Score a PHQ-9",
        "outcomes:measure",
    ),
    (
        "the induction is over",
        lambda: planned().induced(),
        "Decide next date",
        "maintenance:maintenance",
    ),
]


def on_the_day(story: Story) -> Story:
    story.now = story.first_at - timedelta(hours=2)
    return story


@pytest.mark.parametrize(("stage", "story", "verb", "page"), STEPS, ids=[s[0] for s in STEPS])
def test_each_stage_names_the_next_step(stage: str, story: Callable[[], Story], verb: str, page: str) -> None:
    found = action(story())
    assert (found.verb, found.page) == (verb, page)


def test_a_raised_answer_comes_before_everything() -> None:
    story = planned()
    story.answered(items_for(9, 1))
    found = action(story, "nurse")
    assert found.page == "outcomes:risk"
    assert found.item is not None
    assert found.item.task.word == "Urgent"


def test_who_may_not_do_it_is_told_whose_it_is() -> None:
    found = action(Story().took_history().phq9(20), "therapist")
    assert found.page is None
    assert found.verb == "Waits for the prescriber"


def test_before_anything_opens_the_next_thing_to_come_is_shown_with_its_time() -> None:
    story = planned().scheduled_as_planned()
    for item in (
        "ecg",
        "lft",
        "renal",
        "urinalysis",
        "uds",
        "cssrs",
        "lut_questionnaire",
        "medication_reconciliation",
    ):
        story.work_up(item)
    story.say(history.HistoryItem(item="pdmp_checked", answer=Answer.YES))
    story.say(history.Measurement(quantity="weight_kg", value=Decimal(70)))
    story.say(care.Total(instrument="MADRS", value=Decimal(31)))
    story.now = story.first_at - timedelta(hours=30)
    found = action(story)
    assert found.starts_at == story.first_at - DAY
    assert found.page == "outcomes:measure"


def test_a_finished_course_has_nothing_next() -> None:
    found = action(planned().induced().ended())
    assert found.page is None
    assert "has ended" in found.why


def test_who_is_not_eligible_has_nothing_next_and_is_told_why() -> None:
    story = baseline().decided("not_eligible")
    for item in (
        "ecg",
        "lft",
        "renal",
        "urinalysis",
        "uds",
        "cssrs",
        "lut_questionnaire",
        "medication_reconciliation",
    ):
        story.work_up(item)
    assert "not eligible" in action(story).why


def test_a_session_broken_off_is_still_somebody_in_the_chair() -> None:
    story = on_the_day(planned().scheduled_as_planned()).ordered().started()
    story.say(SessionAbandoned(), session=story.sessions[0], reason="distress")
    assert action(story, "nurse").page == "session:session"


@pytest.mark.django_db
@pytest.mark.parametrize("stage", [s for s in STEPS if s[0] != "running"], ids=lambda s: s[0])
def test_the_card_on_the_page_leads_there(
    sign_in: SignIn, stage: tuple[str, Callable[[], Story], str, str]
) -> None:
    """Told so that the stage is now: the page asks the real clock."""
    told = stage[1]()
    shift = datetime.now(UTC) - told.now
    told.shifted(shift).tell()
    client = sign_in("prescriber")
    page = client.get(f"/patients/{told.patient}/").content.decode()
    assert f"<h2>{stage[2]}" in page
    href = page.split('class="btn btn--go btn--big" href="')[1].split('"')[0]
    assert client.get(href).status_code == 200
