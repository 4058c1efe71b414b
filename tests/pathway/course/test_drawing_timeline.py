"""The course timeline: laws that hold for any course, and what a clinician must find on it."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.pathway.course.drawing import timeline
from lowtide.pathway.course.drawing.timeline_data import (
    Band,
    Flag,
    ForecastPoint,
    Goal,
    Phase,
    Score,
    Session,
    Timeline,
    Window,
    sentence,
    table,
)
from lowtide.problems import BadInput
from tests.pathway.course import drawn

TODAY = datetime(2026, 11, 24, 9, 55, tzinfo=UTC)
BANDS = tuple(
    Band(label=label, low=low, high=high)
    for label, low, high in (("minimal", 0, 4), ("mild", 5, 9), ("moderate", 10, 14), ("severe", 20, 27))
)
EMPTY = Timeline(
    key="course",
    title="Course 1",
    instrument="PHQ-9",
    low=0,
    high=27,
    today=TODAY,
    bands=BANDS,
    response=Goal(value=10, text="response: 10 or less"),
    remission=Goal(value=4.5, text="remission: under 5"),
)
DAYS = st.floats(-900, 120)
MOMENTS = DAYS.map(lambda days: TODAY + timedelta(days=days))
SCORES = st.builds(Score, at=MOMENTS, value=st.integers(0, 27), item_nine=st.none() | st.integers(0, 3))
DOSES = st.none() | st.decimals(1, 150, places=1)
SESSIONS = st.builds(Session, at=MOMENTS, dose_mg=DOSES, planned=st.booleans())


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start, width = draw(MOMENTS), draw(st.floats(0, 60))
    return Window(start=start, end=start + timedelta(days=width), median=start + timedelta(days=width / 2))


@st.composite
def forecasts(draw: st.DrawFn) -> tuple[ForecastPoint, ...]:
    start, count = draw(MOMENTS), draw(st.integers(0, 20))
    values = st.lists(st.floats(-5, 40), min_size=5, max_size=5).map(sorted)
    drawn_values = [draw(values) for _ in range(count)]
    return tuple(
        ForecastPoint(at=start + timedelta(days=day), p5=v[0], p25=v[1], median=v[2], p75=v[3], p95=v[4])
        for day, v in enumerate(drawn_values)
    )


@st.composite
def courses(draw: st.DrawFn) -> Timeline:
    phase_start = draw(MOMENTS)
    return msgspec.structs.replace(
        EMPTY,
        scores=tuple(draw(st.lists(SCORES, max_size=40))),
        sessions=tuple(draw(st.lists(SESSIONS, max_size=40))),
        has_item_nine=draw(st.booleans()),
        route=draw(st.sampled_from(["IV", "IM", "nasal", ""])),
        phases=tuple(
            Phase(label="induction, 6 sessions", start=phase_start + timedelta(days=40 * i), end=end)
            for i, end in enumerate([phase_start + timedelta(days=40), None][: draw(st.integers(0, 2))])
        ),
        onset=draw(
            st.none()
            | st.builds(Flag, at=MOMENTS, text=st.just("Onset, day 7"), detail=st.just("first fall"))
        ),
        window=draw(st.none() | windows()),
        forecast=draw(forecasts()),
    )


@settings(max_examples=60, deadline=None)
@given(courses())
def test_every_mark_and_word_is_inside_the_frame(course: Timeline) -> None:
    assert drawn.outside(drawn.parse(timeline.draw(course))) == []


@settings(max_examples=60, deadline=None)
@given(courses())
def test_no_two_words_overlap(course: Timeline) -> None:
    assert drawn.overlaps(drawn.parse(timeline.draw(course))) == []


@settings(max_examples=60, deadline=None)
@given(courses())
def test_the_table_says_what_is_drawn_and_nothing_else(course: Timeline) -> None:
    marks = drawn.tips(drawn.parse(timeline.draw(course)), "c-point", "c-dose")
    rows = [(date, what, value) for date, what, value in table(course).rows if what in ("PHQ-9", "dose")]
    assert marks == sorted(f"{date}: {what} {value}" for date, what, value in rows)


@settings(max_examples=60, deadline=None)
@given(courses(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_does_not_matter(course: Timeline, random) -> None:
    scores = sorted(set(course.scores), key=lambda score: (score.at, score.value))
    one_a_moment = {score.at: score for score in scores}
    whole = msgspec.structs.replace(course, scores=tuple(one_a_moment.values()), sessions=())
    shuffled = random.sample(whole.scores, len(whole.scores))
    assert timeline.draw(msgspec.structs.replace(whole, scores=tuple(shuffled))) == timeline.draw(whole)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 2000), min_size=1, max_size=30, unique=True), st.integers(1, 400))
def test_no_line_is_drawn_across_a_long_gap(days: list[int], join_within_days: int) -> None:
    scores = tuple(Score(at=TODAY - timedelta(days=day), value=10) for day in days)
    course = msgspec.structs.replace(EMPTY, scores=scores, join_within_days=join_within_days)
    joined = sum(
        len(drawn.path_points(line)) - 1
        for line in drawn.of_class(drawn.parse(timeline.draw(course)), "c-line")
    )
    ordered = sorted(days)
    assert joined == sum(b - a <= join_within_days for a, b in itertools.pairwise(ordered))


def with_scores(*values: tuple[int, int, int | None]) -> Timeline:
    scores = tuple(
        Score(at=TODAY - timedelta(days=day), value=value, item_nine=nine) for day, value, nine in values
    )
    return msgspec.structs.replace(EMPTY, scores=scores, has_item_nine=True)


def test_an_empty_course_says_so() -> None:
    assert sentence(EMPTY) == "No PHQ-9 score yet. 0 sessions given."
    assert table(EMPTY).rows == ()
    assert "today" in drawn.words(drawn.parse(timeline.draw(EMPTY)))


def test_one_score_is_a_point_without_a_line() -> None:
    drawing = drawn.parse(timeline.draw(with_scores((3, 18, 0))))
    assert len(drawn.of_class(drawing, "c-point")) == 1
    assert drawn.of_class(drawing, "c-line") == []
    assert sentence(with_scores((3, 18, 0))).startswith("One PHQ-9 score: 18 on 21 Nov.")


def test_item_nine_above_zero_is_written_even_on_today() -> None:
    drawing = drawn.parse(timeline.draw(with_scores((60, 12, 1), (30, 9, 0), (0, 15, 3))))
    assert sorted(element.text for element in drawn.of_class(drawing, "c-item9-text")) == ["1", "3"]


def test_item_nine_not_answered_is_hatched_and_said() -> None:
    course = with_scores((30, 9, None))
    unknown = drawn.of_class(drawn.parse(timeline.draw(course)), "c-unknown")
    assert [drawn.tip(mark) for mark in unknown] == ["25 Oct 2026: item 9: not answered"]
    assert table(course).rows[0][2] == "9 · item 9: not answered"


def test_an_unknown_dose_is_hatched_and_never_a_zero() -> None:
    course = msgspec.structs.replace(EMPTY, sessions=(Session(at=TODAY, dose_mg=None),), route="IV")
    bar = drawn.of_class(drawn.parse(timeline.draw(course)), "c-dose")[0]
    assert bar.get("fill") == "url(#course-hatch)"
    assert float(bar.get("height", "0")) > 20
    assert table(course).rows == (("24 Nov 2026", "dose", "dose not known"),)


def test_doses_are_drawn_from_zero_and_written_without_trailing_zeros() -> None:
    doses = [
        Session(at=TODAY - timedelta(days=20 * n), dose_mg=Decimal(mg))
        for n, mg in enumerate(["40.0", "20.00"])
    ]
    drawing = drawn.parse(timeline.draw(msgspec.structs.replace(EMPTY, sessions=tuple(doses))))
    heights = sorted(float(bar.get("height", "0")) for bar in drawn.of_class(drawing, "c-dose"))
    assert heights[1] == heights[0] * 2
    assert {"40", "20"} <= set(drawn.words(drawing))


def test_sixty_sessions_keep_their_bars_apart() -> None:
    sessions = tuple(
        Session(at=TODAY - timedelta(days=7 * n), dose_mg=Decimal(35 + n % 3)) for n in range(60)
    )
    bars = drawn.of_class(
        drawn.parse(timeline.draw(msgspec.structs.replace(EMPTY, sessions=sessions))), "c-dose"
    )
    spans = sorted((float(bar.get("x", "0")), float(bar.get("width", "0"))) for bar in bars)
    assert all(left + width <= after for (left, width), (after, _) in itertools.pairwise(spans))


def test_the_window_is_an_interval_in_words() -> None:
    window = Window(start=TODAY, end=TODAY + timedelta(days=9))
    course = msgspec.structs.replace(EMPTY, window=window)
    assert "24 Nov to 3 Dec" in drawn.words(drawn.parse(timeline.draw(course)))
    assert sentence(course).endswith("Next-session window 24 Nov to 3 Dec.")


def test_days_are_those_of_the_clinic() -> None:
    late = Score(at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC), value=9)
    course = msgspec.structs.replace(EMPTY, today=TODAY.astimezone(ZoneInfo("Europe/Oslo")), scores=(late,))
    assert table(course).rows[0][0] == "21 Nov 2026"


def test_names_cannot_break_out_of_the_drawing() -> None:
    course = msgspec.structs.replace(EMPTY, title="<b>x", onset=Flag(at=TODAY, text='"><script>', detail="&"))
    assert "<script" not in timeline.draw(course)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(BadInput, match="without a zone"):
        timeline.draw(msgspec.structs.replace(EMPTY, scores=(Score(at=datetime(2026, 1, 1), value=3),)))  # noqa: DTZ001


def test_a_score_off_the_scale_is_refused() -> None:
    with pytest.raises(BadInput, match="off the scale"):
        timeline.draw(with_scores((1, 28, 0)))


def test_the_drawing_has_a_name_and_a_sentence() -> None:
    drawing = drawn.parse(timeline.draw(EMPTY))
    assert drawing.get("role") == "img"
    named = drawing.get("aria-labelledby", "").split()
    assert [e.get("id") for e in drawing if e.get("id") in named] == named


def test_colours_come_from_the_stylesheet_only() -> None:
    course = msgspec.structs.replace(
        with_scores((9, 9, 1), (1, 4, None)), sessions=(Session(at=TODAY, dose_mg=None),)
    )
    fills = {e.get("fill") for e in drawn.parse(timeline.draw(course)).iter()} - {None}
    assert fills == {"url(#course-hatch)"}
    assert "style=" not in timeline.draw(course)
