"""What is due on the way to a course and through it, to the instant."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data import schedules
from lowtide.pathway.course.due import DueItem, due
from lowtide.pathway.course.state import fold
from lowtide.people.roles import ROLES
from lowtide.record.chart import Chart
from lowtide.record.entries import chair, history
from tests.pathway.course.story import DAY, START, Story


def items(story: Story) -> dict[str, DueItem]:
    return {item.task.name: item for item in due(story.chart, fold(story.chart))}


def eligible() -> Story:
    return Story().after(days=1).took_history().after(days=1).decided()


def test_a_new_patient_needs_a_history_within_two_weeks() -> None:
    found = items(Story())
    assert found["history"].due_at == START + timedelta(days=14)
    assert "candidacy" not in found


def test_a_history_taken_asks_for_a_decision_and_a_decision_for_a_plan() -> None:
    story = Story().after(days=1).took_history()
    assert items(story)["candidacy"].due_at == story.now + timedelta(days=7)
    story.after(days=1).decided()
    found = items(story)
    assert found["plan"].due_at == story.now + timedelta(days=7)
    assert "candidacy" not in found


def test_a_deferred_patient_is_not_lost_from_sight() -> None:
    story = Story().took_history().decided("defer")
    again = items(story)["candidacy_again"]
    assert again.due_at == story.now + timedelta(days=30)
    assert not again.is_open(story.now)


def test_nothing_is_planned_for_whom_is_not_eligible() -> None:
    assert {"plan", "candidacy"}.isdisjoint(items(Story().took_history().decided("not_eligible")))


def test_a_planned_session_asks_for_its_order_until_it_is_signed() -> None:
    story = eligible().planned((0,))
    found = items(story)
    assert found["order"].due_at == story.first_at
    assert found["order"].opens_at == story.first_at - timedelta(hours=12)
    assert found["session"].due_at == story.first_at + DAY
    assert "order" not in items(story.ordered())


def test_a_session_under_way_is_due_at_the_chair_and_then_to_be_signed() -> None:
    story = eligible().planned((0,)).after(days=1).ordered().started()
    assert "under_way" in items(story)
    story.finished(signed=False)
    found = items(story)
    assert "under_way" not in found
    assert found["sign_off"].due_at == story.now + timedelta(hours=12)


def test_a_session_broken_off_before_its_dose_is_to_be_signed() -> None:
    story = eligible().planned((0,))
    story.say(chair.SessionAbandoned(), session=story.sessions[0], reason="pressure too high")
    found = items(story)
    assert {"session", "order", "under_way"}.isdisjoint(found)
    assert "sign_off" in found


def test_after_a_dose_that_was_broken_off_somebody_still_sits_in_the_chair() -> None:
    story = eligible().planned((0,)).after(days=1).ordered().started()
    story.say(chair.SessionAbandoned(), session=story.sessions[0], reason="distress")
    assert "under_way" in items(story)
    story.after(hours=1).say(chair.Discharged(criteria=(), escort="Mia"), session=story.sessions[0])
    assert "sign_off" in items(story)


def test_planned_sessions_want_a_chair_until_they_are_booked() -> None:
    story = eligible().after(days=1).planned((1, 4))
    item = items(story)["book"]
    assert item.label == "2 sessions have no chair"
    assert item.due_at == story.now + DAY
    assert item.is_open(story.now)
    story.scheduled(1, story.first_at)
    assert items(story)["book"].label == "Session 2 has no chair"
    story.scheduled(2, story.first_at + 3 * DAY)
    assert "book" not in items(story)


def test_a_session_far_ahead_wants_its_chair_a_week_before() -> None:
    story = eligible().planned((30,))
    item = items(story)["book"]
    assert item.due_at == story.first_at + 23 * DAY
    assert not item.is_open(story.now)


def test_an_ended_course_leaves_no_session_due() -> None:
    story = eligible().planned().after(days=1).held(1).ended()
    assert {"order", "session"}.isdisjoint(items(story))


def test_results_wait_for_review_from_the_oldest_on() -> None:
    story = Story()
    first = story.say(history.Result(label="ALT"))
    second = story.after(days=1).say(history.Result(label="GGT"))
    assert items(story)["results"].label == "2 results to review"
    assert items(story)["results"].due_at == first.at + timedelta(hours=48)
    story.say(history.ResultReviewed(results=(first.id,)))
    assert items(story)["results"].due_at == second.at + timedelta(hours=48)
    story.say(history.ResultReviewed(results=(second.id,)))
    assert "results" not in items(story)


def test_a_corrected_result_is_reviewed_again() -> None:
    story = Story()
    first = story.say(history.Result(label="ALT"))
    story.say(history.ResultReviewed(results=(first.id,)))
    story.say(history.Result(label="ALT", text="310"), id=uuid4(), corrects=first.id, reason="typing error")
    assert "results" in items(story)


def test_every_rule_names_a_role_that_exists_and_is_marked_where_no_source_backs_it() -> None:
    for rule in schedules.rules().values():
        assert rule.owner in ROLES
        assert rule.source or not rule.verified


def busy() -> Story:
    story = eligible().planned().induced()
    story.say(history.Result(label="ALT"))
    story.answered({"9": 1})
    return story


BUSY = busy()


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(range(len(BUSY.drafts))))
def test_what_is_due_does_not_depend_on_the_order_of_arrival(order: list[int]) -> None:
    entries = BUSY.entries
    chart = Chart.of(BUSY.stream, [entries[i] for i in order])
    assert due(chart, fold(chart)) == due(BUSY.chart, fold(BUSY.chart))


@pytest.mark.parametrize("cut", range(1, len(BUSY.drafts) + 1, 5))
def test_each_due_item_of_a_chart_has_its_own_key(cut: int) -> None:
    chart = Chart.of(BUSY.stream, BUSY.entries[:cut])
    keys = [item.key for item in due(chart, fold(chart))]
    assert len(keys) == len(set(keys))
