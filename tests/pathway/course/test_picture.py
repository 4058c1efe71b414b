"""The course as a picture, and the day by chair: what is drawn is what the fold says."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from lowtide.pathway.course import day_strip, picture, words
from lowtide.pathway.course.day_strip import Slot
from lowtide.pathway.course.drawing import timeline, timeline_data
from lowtide.pathway.course.due import due
from lowtide.pathway.course.state import fold
from tests.pathway.course.story import DAY, Story

ZONE = ZoneInfo("Europe/Berlin")


def eligible() -> Story:
    return Story().after(days=1).took_history().after(days=1).decided().after(days=1).planned()


def drawn(story: Story) -> timeline_data.Timeline:
    state = fold(story.chart)
    return picture.timeline(state, due(story.chart, state), story.now + DAY, ZONE)


def test_every_whole_score_is_a_point_and_an_unfinished_form_is_none() -> None:
    story = eligible().phq9(20)
    story.answered({"1": 3, "9": 1})
    assert [s.value for s in drawn(story).scores] == [20]


@pytest.mark.parametrize(("baseline", "cut"), [(20, 10), (21, 10), (19, 9), (5, 2)])
def test_the_response_line_is_the_highest_total_that_responds(baseline: int, cut: int) -> None:
    line = drawn(eligible().phq9(baseline)).response
    assert line is not None
    assert (line.value, line.text) == (cut, f"response: {cut} or less")


def test_without_a_baseline_there_is_no_response_line() -> None:
    assert drawn(eligible()).response is None


def test_bands_cover_the_scale_without_a_gap() -> None:
    bands = drawn(eligible()).bands
    assert (bands[0].low, bands[-1].high) == (0, 27)
    assert all(a.high + 1 == b.low for a, b in pairwise(bands))


def test_given_and_planned_sessions_are_drawn_and_those_of_an_ended_course_are_not() -> None:
    story = eligible().after(days=1).held(1)
    assert [s.planned for s in drawn(story).sessions] == [False] + [True] * 5
    assert [s.planned for s in drawn(story.ended()).sessions] == [False]


def test_the_window_of_the_next_session_is_drawn_as_an_interval() -> None:
    found = drawn(eligible().induced()).window
    assert found is not None
    assert found.end - found.start == 3 * DAY


def test_phases_follow_one_another() -> None:
    labels = [phase.label for phase in drawn(eligible().induced()).phases]
    assert labels == ["evaluation", "induction, 6 sessions", "maintenance"]


@pytest.mark.parametrize("story", [Story(), eligible(), eligible().induced(), eligible().induced().ended()])
def test_every_stage_can_be_drawn_and_has_its_table(story: Story) -> None:
    course = drawn(story)
    assert timeline.draw(course).startswith("<svg")
    assert timeline_data.table(course).head == ("Date", "What", "Value")


NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def slot(**more: object) -> Slot:
    fields = {
        "lane": "Chair 1",
        "start": NOON,
        "dose_min": 40,
        "whole_min": 160,
        "name": "A.T.",
        "text": "36.5 mg IV",
    }
    return Slot(**(fields | more))  # type: ignore[arg-type]


def test_the_day_shows_one_lane_a_chair_and_where_now_is() -> None:
    svg = day_strip.draw([slot(), slot(lane="Chair 2")], NOON, ZONE)
    assert svg.count("Chair 1") == 1
    assert svg.count('class="c-drug"') == 2
    assert ">12:00<" in svg


def test_a_session_before_or_after_the_usual_day_stretches_it() -> None:
    early = day_strip.draw([slot(start=NOON - timedelta(hours=6))], NOON, ZONE)
    late = day_strip.draw([slot(start=NOON + timedelta(hours=9))], NOON, ZONE)
    assert ">06:00<" in early
    assert ">22:00<" in late


def test_a_session_of_unknown_length_is_drawn_open_not_believed() -> None:
    svg = day_strip.draw([slot(dose_min=None, whole_min=0)], NOON, ZONE)
    assert "c-open" in svg
    assert 'class="c-drug"' not in svg


def test_a_name_cannot_become_markup() -> None:
    assert "<b>" not in day_strip.draw([slot(name="<b>", lane="<b>", text="<b>")], NOON, ZONE)


def test_the_sentence_counts_sessions_and_chairs() -> None:
    said = day_strip.sentence([slot(), slot(start=NOON + DAY / 12)], ZONE)
    assert said.startswith("2 sessions on 1 chair, the first at 12:00.")
    assert day_strip.sentence([], ZONE) == "No session today."


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3 * 86400, "late 3 days"),
        (-2 * 3600, "late 2 h"),
        (-60, "late 1 min"),
        (-59, "due now"),
        (59, "due now"),
        (60, "in 1 min"),
        (89 * 60, "in 89 min"),
        (47 * 3600, "in 47 h"),
        (48 * 3600, "in 2 days"),
    ],
)
def test_a_due_time_is_told_in_one_rough_unit(seconds: int, said: str) -> None:
    assert words.due(NOON + timedelta(seconds=seconds), NOON) == said


@pytest.mark.parametrize(
    ("shift", "said"),
    [
        (timedelta(hours=1), "today 13:00"),
        (timedelta(hours=13), "tomorrow 01:00"),
        (timedelta(days=-1), "yesterday 12:00"),
        (timedelta(days=3), "Fri 27 Nov, 12:00"),
        (timedelta(days=60), "Sat 23 Jan 2027, 12:00"),
    ],
)
def test_a_time_is_told_by_the_clinics_day(shift: timedelta, said: str) -> None:
    assert words.when(NOON + shift, ZONE, NOON) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [(3, "24 to 27 Nov"), (9, "24 Nov to 3 Dec"), (0, "Tue 24 Nov")],
)
def test_a_window_is_told_as_short_as_it_can_be(days: int, said: str) -> None:
    assert words.window((NOON, NOON + days * DAY), ZONE) == said
