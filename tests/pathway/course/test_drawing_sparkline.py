"""The sparkline: small, in its frame, and with the same values in words."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.pathway.course.drawing import sparkline
from lowtide.pathway.course.drawing.sparkline import Spark
from lowtide.problems import BadInput
from tests.pathway.course import drawn

TODAY = datetime(2026, 11, 24, tzinfo=UTC)
POINTS = st.lists(st.tuples(st.integers(-900, 0), st.integers(0, 27)), max_size=40)


def spark(points: list[tuple[int, int]], join_within_days: int = 60) -> Spark:
    return Spark(
        key="s",
        title="PHQ-9",
        points=tuple((TODAY + timedelta(days=day), value) for day, value in points),
        low=0,
        high=27,
        goal=10,
        join_within_days=join_within_days,
    )


@settings(deadline=None)
@given(POINTS)
def test_everything_is_inside_the_frame(points: list[tuple[int, int]]) -> None:
    assert drawn.outside(drawn.parse(sparkline.draw(spark(points)))) == []


@settings(deadline=None)
@given(POINTS)
def test_the_table_has_every_value(points: list[tuple[int, int]]) -> None:
    assert [value for _, value in sparkline.table(spark(points)).rows] == [
        str(value) for _, value in sorted(points)
    ]


def test_a_gap_is_left_open() -> None:
    drawing = drawn.parse(sparkline.draw(spark([(-500, 20), (-490, 18), (-10, 9), (0, 8)])))
    assert len(drawn.of_class(drawing, "c-line")) == 2


def test_nothing_yet_is_said() -> None:
    assert sparkline.sentence(spark([])) == "No value yet."


def test_first_and_last_are_said() -> None:
    assert (
        sparkline.sentence(spark([(0, 9), (-30, 20)]))
        == "2 values from 25 Oct 2026 to 24 Nov 2026: 20 at first, 9 last."
    )


def test_a_value_off_the_scale_is_refused() -> None:
    with pytest.raises(BadInput, match="off the scale"):
        sparkline.draw(spark([(0, 28)]))


def test_a_scale_without_width_is_refused() -> None:
    with pytest.raises(BadInput, match="two different ends"):
        sparkline.draw(msgspec.structs.replace(spark([]), high=0))
