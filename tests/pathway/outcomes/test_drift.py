"""Who drifts: well above the best of the course, or worse score after score for weeks; the numbers are data."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data import schedules
from lowtide.data.instruments import instrument, version
from lowtide.pathway.course.due import DueItem, due
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes.drift import drift, matters
from lowtide.record.entries.care import Answers
from tests.pathway.course.story import Story


def treated(*scores: tuple[float, int]) -> Story:
    """(days after the one before, total) since the first dose."""
    story = Story().took_history().after(days=1).decided().phq9(20).planned((0,)).after(days=1).held(1)
    for days, total in scores:
        story.after(days=days).phq9(total)
    return story


def item(story: Story) -> DueItem | None:
    return next((i for i in due(story.chart, fold(story.chart)) if i.task.name == "drift"), None)


def test_scores_that_creep_up_for_weeks_are_a_drift_before_they_lie_far_above_the_best() -> None:
    found = item(treated((7, 6), (7, 7), (7, 9)))
    assert found
    assert (found.label, found.rule.rule_id, found.task.word) == ("PHQ-9 6 → 9", "RISK-DRIFT", "Drifting")


@pytest.mark.parametrize(
    "scores",
    [
        ((7, 6), (7, 8), (7, 8)),
        ((7, 6), (7, 9), (7, 8)),
        ((7, 6), (3, 7), (3, 9)),
        ((7, 6), (7, 7), (7, 8)),
        ((7, 6), (21, 9)),
    ],
    ids=["not worse each time", "better at the end", "within a week", "too little", "two scores"],
)
def test_less_than_that_is_no_drift(scores: tuple[tuple[float, int], ...]) -> None:
    assert item(treated(*scores)) is None


def test_the_detail_says_what_was_seen() -> None:
    found = drift(fold(treated((7, 6), (7, 8), (7, 9)).chart))
    assert found
    assert found.text == "3 scores in a row, each worse: 6, 8, 9 in 14 days."


def test_nobody_drifts_before_the_first_dose() -> None:
    story = Story().took_history().phq9(8).after(days=10).phq9(12).after(days=10).phq9(20)
    assert drift(fold(story.chart)) is None


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 24), min_size=1, max_size=7))
def test_a_course_that_never_worsens_never_drifts(totals: list[int]) -> None:
    story = treated(*((7, total) for total in sorted(totals, reverse=True)))
    assert drift(fold(story.chart)) is None


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 24), min_size=1, max_size=7))
def test_a_rise_by_the_limit_over_the_best_is_always_a_drift(totals: list[int]) -> None:
    limit = schedules.thresholds()["drift_points"].value
    found = drift(fold(treated(*((7, total) for total in totals)).chart))
    assert (found is not None) or totals[-1] - min(totals) < limit


def gad7(story: Story, total: int) -> Story:
    items = {str(n): min(3, max(0, total - 3 * (n - 1))) for n in range(1, 8)}
    story.say(Answers(instrument="GAD7", version=version("GAD7"), items=items, mode="tablet"))
    return story


def beside(*totals: int) -> Story:
    """A PHQ-9 that holds, and another measure a day after each of its scores."""
    story = Story().took_history().after(days=1).decided().phq9(20)
    story = gad7(story, 18).planned((0,)).after(days=1).held(1)
    for total in totals:
        gad7(story.after(days=7).phq9(6).after(days=1), total)
    return story


def test_another_measure_drifts_by_its_own_change_that_matters() -> None:
    points = matters(instrument("GAD7"))
    assert points
    found = item(beside(3, 3 + int(points)))
    assert found
    assert found.label == f"GAD-7 3 → {3 + int(points)}"
    assert item(beside(3, 2 + int(points))) is None


def test_the_courses_own_measure_speaks_first_and_one_item_is_enough() -> None:
    story = beside(2, 9)
    story.after(days=7).phq9(6).after(days=1).phq9(9).after(days=7).phq9(4).after(days=7).phq9(9)
    found = [i for i in due(story.chart, fold(story.chart)) if i.task.name == "drift"]
    assert [i.label for i in found] == ["PHQ-9 4 → 9"]


def test_a_measure_without_a_known_change_is_never_a_drift() -> None:
    assert matters(instrument("PGIC")) is None
