"""The next session by the protocol: interval, reasons, and the minimum interval in real time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.pathway.course.due import DueItem, due
from lowtide.pathway.course.state import fold
from lowtide.pathway.maintenance.rules import Proposal, propose
from tests.pathway.course.story import DAY, Story


def eligible() -> Story:
    return Story().after(days=1).took_history().after(days=1).decided().after(days=1).planned()


def proposal(story: Story) -> Proposal:
    return propose(fold(story.chart))


def items(story: Story) -> dict[str, DueItem]:
    return {item.task.name: item for item in due(story.chart, fold(story.chart))}


def last_start(story: Story) -> datetime:
    return fold(story.chart).given[-1].at


def test_before_the_first_session_the_protocol_proposes_nothing() -> None:
    assert proposal(eligible()).advice == "nothing"


def test_within_an_induction_the_next_session_lies_two_to_four_days_ahead() -> None:
    story = eligible().phq9(20).after(days=1).held(1)
    found, start = proposal(story), last_start(story)
    assert found.earliest == start + timedelta(hours=48)
    assert found.window == (start + timedelta(hours=48), start + 4 * DAY)
    assert "min_interval_h" in found.unverified
    assert found.source


@pytest.mark.hazard("H009")
def test_the_minimum_interval_is_real_time_across_a_change_of_the_clocks() -> None:
    """The clocks of Berlin go back in the night to 25 October 2026: two calendar days are 49 hours."""
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 24, 10, 0, tzinfo=zone).astimezone(UTC)
    story = Story(at=start - timedelta(days=3)).took_history().decided().planned().phq9(20)
    story.now = start
    story.held(1)
    earliest = proposal(story).earliest
    assert earliest is not None
    assert earliest.astimezone(zone) == datetime(2026, 10, 26, 9, 0, tzinfo=zone)


@pytest.mark.parametrize(("held", "gap_days"), [(6, 7), (7, 14), (8, 21), (9, 28), (10, 28), (14, 28)])
def test_in_maintenance_the_interval_is_stretched_while_the_response_holds(held: int, gap_days: int) -> None:
    story = eligible().induced()
    for number in range(7, held + 1):
        story.after(days=28)
        story.scheduled(number, story.now).held(number).after(days=1).phq9(7)
    found = proposal(story)
    assert found.protocol == "P26"
    assert found.window is not None
    assert found.window[0] == last_start(story) + timedelta(days=gap_days)
    assert found.window[1] == found.window[0] + 3 * DAY


def test_a_response_that_was_lost_takes_the_interval_back() -> None:
    story = eligible().induced()
    for number in (7, 8):
        story.after(days=14).scheduled(number, story.now).held(number).after(days=1).phq9(7)
    story.after(days=7).phq9(16)
    found = proposal(story)
    assert found.window is not None
    assert found.window[0] == last_start(story) + timedelta(days=14)
    assert any("taken back" in reason for reason in found.reasons)


def test_no_response_after_the_induction_asks_for_a_review_and_proposes_no_date() -> None:
    found = proposal(eligible().induced((20, 19, 18, 18, 17, 18, 18)))
    assert found.advice == "review"
    assert found.window is None
    assert "stop after 6 if no response" in found.rule


def test_without_a_score_the_protocol_waits_for_one() -> None:
    story = eligible().induced((20, None, None, None, None, None, None))
    assert proposal(story).advice == "score"
    assert proposal(eligible().induced((None, 9, 9, 9, 9, 9, 9))).advice == "score"


def test_little_change_after_four_sessions_is_said() -> None:
    story = eligible().phq9(20)
    for number in range(1, 5):
        story.after(days=3).held(number).after(days=1).phq9(17)
    assert any("15 %" in reason for reason in proposal(story).reasons)


def test_a_score_from_before_the_last_session_is_marked() -> None:
    story = eligible().induced((20, 16, 13, 12, 10, 8, None))
    assert any("from before the last session" in reason for reason in proposal(story).reasons)


def test_sessions_of_a_maintenance_course_stretch_on_from_the_induction() -> None:
    story = eligible().induced()
    for _ in range(2):
        story.after(days=14).planned((0,), protocol="P26", phase="maintenance")
        story.after(days=1).held(1).after(days=1).phq9(7)
    found = proposal(story)
    assert found.reasons[0] == "Maintenance session 3: 3 weeks after the last dose."


def test_a_course_that_begins_with_maintenance_starts_at_the_first_gap() -> None:
    story = Story().decided().planned((0,), protocol="P26", phase="maintenance").phq9(20)
    story.after(days=1).held(1).after(days=1).phq9(8)
    assert proposal(story).window == (last_start(story) + 7 * DAY, last_start(story) + 10 * DAY)


def test_a_protocol_that_is_not_known_here_proposes_nothing() -> None:
    story = Story().decided().planned((0,), protocol="P99").after(days=1).held(1)
    assert proposal(story).advice == "nothing"


def test_after_the_last_planned_session_somebody_has_to_decide() -> None:
    story = eligible().induced()
    item = items(story)["next_session"]
    assert item.window == proposal(story).window


def test_a_decision_is_late_only_once_the_window_that_it_is_about_has_opened() -> None:
    story = eligible().induced()
    window = proposal(story).window
    assert window is not None
    assert items(story)["next_session"].due_at == window[0]


def test_where_nothing_is_proposed_the_decision_is_due_a_day_after_the_last_session() -> None:
    story = Story().decided().planned((0,), protocol="P99").after(days=1).held(1)
    discharged = fold(story.chart).given[-1].ended_at
    assert discharged is not None
    assert items(story)["next_session"].due_at == discharged + DAY


def test_while_a_planned_session_lies_ahead_there_is_nothing_to_decide() -> None:
    assert "next_session" not in items(eligible().after(days=1).held(1))


def test_a_chosen_date_is_to_be_booked_until_it_has_a_chair() -> None:
    story = eligible().induced().chose("next", 7)
    story.planned((6,), protocol="P26", phase="maintenance")
    found = items(story)
    assert "next_session" not in found
    assert found["book"].due_at == story.now + DAY
    assert "book" not in items(story.scheduled(1, story.first_at + 6 * DAY))


def test_a_chosen_session_that_fell_through_is_to_be_decided_again() -> None:
    story = eligible().induced().chose("next", 7)
    assert "next_session" in items(story)


def test_a_pause_comes_back_after_two_weeks() -> None:
    story = eligible().induced().chose("pause")
    assert items(story)["paused"].due_at == story.now + 14 * DAY


def test_a_choice_made_before_the_last_session_no_longer_stands() -> None:
    story = eligible().induced().chose("next", 7)
    story.after(days=7).scheduled(7, story.now).held(7)
    assert "next_session" in items(story)


@settings(deadline=None)
@given(days=st.floats(0, 60, allow_nan=False))
def test_no_window_opens_before_the_minimum_interval_is_over(days: float) -> None:
    story = eligible().induced().after(days=days)
    found = proposal(story)
    assert found.window is not None
    assert found.earliest is not None
    assert found.earliest <= found.window[0] <= found.window[1]
