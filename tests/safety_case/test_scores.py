"""Scores of another questionnaire, version or recall period never stand on the course's line."""

from decimal import Decimal

import pytest

from lowtide.data.instruments import instruments, version
from lowtide.pathway.course.scores import course_measure, is_measure, scores
from lowtide.record.entries.care import Total
from tests.pathway.course.story import Story

OTHERS = [one.id for one in instruments().values() if one.id != course_measure().id]


@pytest.mark.hazard("H040")
@pytest.mark.parametrize("name", [*OTHERS, "PHQ-8", "PHQ-2", "PHQ-9 past week", "PCL-5 weekly", "PHQ-9M"])
def test_no_other_instrument_and_no_other_recall_period_is_the_measure(name: str) -> None:
    assert not is_measure(name, course_measure())


@pytest.mark.hazard("H040")
def test_a_total_of_another_instrument_does_not_join_the_line() -> None:
    story = Story().phq9(18).after(days=7)
    for name in ("PHQ-8", "PHQ-9 past week", *OTHERS[:5]):
        story.say(Total(instrument=name, value=Decimal(3)))
    assert [score.total for score in scores(story.chart, course_measure())] == [18]


@pytest.mark.hazard("H040")
def test_each_instrument_says_its_recall_period_and_two_never_share_a_version() -> None:
    assert [one.id for one in instruments().values() if not one.recall_window] == []
    assert len({version(one) for one in instruments()}) == len(instruments())
