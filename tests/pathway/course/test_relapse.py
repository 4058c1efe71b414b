"""One fold for response, remission, response lost, relapse and no response, and everybody who asks it agrees."""

from collections.abc import Callable
from datetime import UTC

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data.protocols import protocol
from lowtide.pathway.course.due import due
from lowtide.pathway.course.response import GONE, HOLDS, Outcome
from lowtide.pathway.course.state import CourseState, fold
from lowtide.pathway.maintenance.rules import propose
from lowtide.pathway.maintenance.steps import standing
from lowtide.pathway.outcomes import page
from lowtide.pathway.outcomes.outlook import ahead
from lowtide.pathway.plan.reviewing import findings
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]


def induced(*totals: int) -> Story:
    """A baseline and a score after each of six sessions."""
    return Story().took_history().decided().planned().induced(totals)


def outcomes(*totals: int, baseline: int = 20) -> list[str]:
    story = Story().took_history().decided().phq9(baseline).planned((0,)).after(days=1).held(1)
    for total in totals:
        story.after(days=3).phq9(total)
    return [str(one) for one in fold(story.chart).response.outcomes]


@pytest.mark.parametrize(
    ("baseline", "totals", "said"),
    [
        (20, (15, 12), ["no response", "no response"]),
        (20, (9, 15), ["response", "relapse"]),
        (20, (7, 10), ["response", "relapse"]),
        (15, (7, 8, 9), ["response", "response lost", "response lost"]),
        (15, (7, 9, 10, 7), ["response", "response lost", "relapse", "response"]),
        (24, (12, 12, 11), ["response", "response", "response"]),
        (24, (11, 14), ["response", "relapse"]),
        (24, (8, 12), ["response", "relapse"]),
        (20, (4, 6), ["remission", "response"]),
    ],
)
def test_each_score_is_judged_after_those_before_it(
    baseline: int, totals: tuple[int, ...], said: list[str]
) -> None:
    assert outcomes(*totals, baseline=baseline) == said


@settings(deadline=None, max_examples=60)
@given(st.integers(6, 24), st.lists(st.integers(0, 24), min_size=1, max_size=7))
def test_nobody_loses_what_was_never_there_and_nobody_who_responded_is_a_non_responder(
    baseline: int, totals: list[int]
) -> None:
    found = [Outcome(one) for one in outcomes(*totals, baseline=baseline)]
    first = next((n for n, one in enumerate(found) if one in HOLDS), len(found))
    assert GONE.isdisjoint(found[:first])
    assert Outcome.NEVER not in found[first:]


RELAPSED = (20, 16, 13, 9, 7, 12, 16)


def state_of(story: Story) -> CourseState:
    return fold(story.chart)


def test_a_lost_response_is_never_taken_for_no_response() -> None:
    """The page, the protocol's stopping rule, the proposal, the steps and the worklist say the same of one person."""
    story = induced(*RELAPSED)
    state, chart = state_of(story), story.chart
    assert page.verdict(state, UTC)["title"] == "Relapse"
    assert [f.id for f in findings(chart, state, protocol("P05"))] == []
    proposal = propose(state)
    assert proposal.window
    assert "stop after 6" not in proposal.rule
    assert any("relapse" in reason for reason in proposal.reasons)
    assert not any("better after" in reason for reason in proposal.reasons)
    assert [one.step.id for one in standing(state, UTC).advice] == ["reinduce"]
    names = {item.task.name for item in due(chart, state)}
    assert "relapse" in names
    assert "course_review" not in names


def test_the_early_review_of_non_responders_is_not_asked_of_somebody_who_lost_the_response() -> None:
    story = Story().took_history().decided().planned().phq9(20)
    for number, total in enumerate((9, 8, 17, 18), start=1):
        story.now = story.first_at
        story.after(days=(0, 3, 7, 10)[number - 1]).held(number).after(hours=20).phq9(total)
    reasons = propose(state_of(story)).reasons
    assert not any("after four sessions" in reason for reason in reasons)


def test_a_response_lost_without_a_relapse_is_asked_about_in_its_own_words() -> None:
    story = induced(15, 12, 10, 8, 7, 7, 7).after(days=5).phq9(9)
    (item,) = (i for i in due(story.chart, state_of(story)) if i.task.name == "response_lost")
    assert item.label == "Response lost"
    assert item.rule.rule_id == "DUE-RESPONSE-LOST"
    after = story.after(hours=3).chose("step_up")
    assert "response_lost" not in {i.task.name for i in due(after.chart, state_of(after))}


def reinduced(*totals: int) -> Story:
    """A relapse, then a new series of six with these scores."""
    story = induced(*RELAPSED).after(days=2).chose("reinduce", None).planned()
    plan = story.drafts[-1]
    import msgspec

    story.drafts[-1] = msgspec.structs.replace(plan, body=msgspec.structs.replace(plan.body, again=True))
    for number, total in enumerate(totals, start=1):
        story.now = story.first_at
        story.after(days=(0, 3, 7, 10, 14, 17)[number - 1]).held(number).after(hours=20).phq9(total)
    return story


def test_a_new_series_that_brings_nothing_is_stopped_as_one_without_a_response() -> None:
    story = reinduced(16, 16, 17, 16, 16, 17)
    state = state_of(story)
    assert state.response.unanswered
    assert any(
        "no response to the new series" in f.text for f in findings(story.chart, state, protocol("P05"))
    )
    assert propose(state).advice == "review"
    assert "relapse" not in {i.task.name for i in due(story.chart, state)}


def test_a_new_series_that_answers_ends_the_relapse() -> None:
    state = state_of(reinduced(14, 10, 8, 7, 6, 6))
    assert state.response.outcome is Outcome.RESPONSE
    assert propose(state).window


def test_the_outlook_of_a_lost_response_speaks_of_a_new_series_and_of_no_fading() -> None:
    from zoneinfo import ZoneInfo

    from lowtide.pathway.outcomes import outlook_page
    from lowtide.pathway.outcomes.fade.making import fade

    story = induced(*RELAPSED)
    state, here = state_of(story), ZoneInfo("UTC")
    found, _ = ahead(state)
    assert found
    shown = outlook_page.context(found, fade(story.chart, state, found.starts.date(), here, found.one), here)
    assert shown["window"] is None
    assert [future["name"] for future in shown["futures"]] == ["anew", "continue", "stop"]
    assert [row["responded"] for row in shown["gone"]["again"]] == ["23 of 32 (72 %)", "47 of 64 (73 %)"]
    assert found.early == []


@pytest.mark.django_db
def test_the_outlook_page_of_a_relapse_says_since_when_and_with_which_basis(
    clinic: object, sign_in: SignIn
) -> None:
    from datetime import datetime, timedelta

    story = Story(at=datetime.now(UTC) - timedelta(days=30)).took_history().decided().planned()
    story.induced(RELAPSED).tell()
    html = sign_in("prescriber").get(f"/patients/{story.patient}/outcomes/outlook").content.decode()
    for words in (
        "Relapse since",
        "A new series",
        "23 of 32",
        "PMC10439056",
        "no longer speak of this patient",
    ):
        assert words in html
    assert "No fading is foreseen" not in html
    assert "would have lost the response" not in html
