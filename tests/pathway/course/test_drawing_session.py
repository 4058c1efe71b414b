"""The session chart: laws that hold for any session, and what the nurse must find on it."""

import itertools
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.pathway.course.drawing import session_chart
from lowtide.pathway.course.drawing.session_data import (
    BandPoint,
    Event,
    Gap,
    Infusion,
    Limit,
    Pressure,
    Reading,
    SessionChart,
    Trace,
    sentence,
    table,
)
from lowtide.problems import BadInput
from tests.pathway.course import drawn

ZERO = datetime(2026, 11, 24, 10, 2, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return ZERO + timedelta(minutes=minutes)


EMPTY = SessionChart(key="session", title="Session 8", zero=ZERO, until=at(75), now=at(32))
WITH_LIMITS = msgspec.structs.replace(
    EMPTY,
    systolic_limit=Limit(value=160, text="160 tell Dr Voss · unverified default"),
    saturation_limit=Limit(value=94, text="94 · unverified default"),
)
MOMENTS = st.floats(-60, 400).map(at)
PRESSURES = st.builds(
    Pressure, at=MOMENTS, systolic_mmhg=st.integers(40, 260), diastolic_mmhg=st.integers(20, 180)
)
EVENTS = st.builds(
    Event, at=MOMENTS, text=st.sampled_from(["tingling", "eyes shut", "floating", "stopped by nurse"])
)
GAPS = st.builds(Gap, at=MOMENTS, text=st.sampled_from(["late", "asleep"]), late=st.booleans())


def traces(low: int, high: int) -> st.SearchStrategy[Trace]:
    readings = st.lists(st.builds(Reading, at=MOMENTS, value=st.integers(low, high)), max_size=60).map(tuple)
    return st.builds(
        Trace, readings=readings, join_within=st.sampled_from([timedelta(minutes=2), timedelta(minutes=15)])
    )


@st.composite
def infusions(draw: st.DrawFn) -> Infusion:
    start, length = draw(st.floats(0, 60)), draw(st.floats(0, 90))
    ended = draw(st.none() | st.floats(0, 120))
    return Infusion(
        start=at(start),
        planned_end=at(start + length),
        planned_mg=Decimal("36.5"),
        delivered_mg=draw(st.none() | st.decimals(0, 36, places=1)),
        ended=None if ended is None else at(start + ended),
    )


@st.composite
def bands(draw: st.DrawFn) -> tuple[BandPoint, ...]:
    values = st.lists(st.floats(60, 220), min_size=5, max_size=5).map(sorted)
    chosen = draw(st.lists(values, max_size=15))
    return tuple(
        BandPoint(at=at(5 * i), p5=v[0], p25=v[1], median=v[2], p75=v[3], p95=v[4])
        for i, v in enumerate(chosen)
    )


@st.composite
def charts(draw: st.DrawFn) -> SessionChart:
    return msgspec.structs.replace(
        draw(st.sampled_from([EMPTY, WITH_LIMITS])),
        now=draw(st.none() | MOMENTS),
        pressures=tuple(draw(st.lists(PRESSURES, max_size=25))),
        heart_rate=draw(traces(25, 230)),
        saturation=draw(traces(50, 100)),
        gaps=tuple(draw(st.lists(GAPS, max_size=6))),
        infusion=draw(st.none() | infusions()),
        events=tuple(draw(st.lists(EVENTS, max_size=15))),
        forecast=draw(bands()),
    )


@settings(max_examples=60, deadline=None)
@given(charts())
def test_every_mark_and_word_is_inside_the_frame(chart: SessionChart) -> None:
    assert drawn.outside(drawn.parse(session_chart.draw(chart))) == []


@settings(max_examples=60, deadline=None)
@given(charts())
def test_no_two_words_overlap(chart: SessionChart) -> None:
    assert drawn.overlaps(drawn.parse(session_chart.draw(chart))) == []


@settings(max_examples=60, deadline=None)
@given(charts())
def test_the_table_says_what_is_drawn_and_nothing_else(chart: SessionChart) -> None:
    by_hand = timedelta(minutes=15)
    chart = msgspec.structs.replace(
        chart,
        forecast=(),
        heart_rate=msgspec.structs.replace(chart.heart_rate, join_within=by_hand),
        saturation=msgspec.structs.replace(chart.saturation, join_within=by_hand),
    )
    drawing = drawn.parse(session_chart.draw(chart))
    marks = drawn.tips(drawing, "c-bp", "c-gap", "c-gap-late", "c-dot", "c-tick", "c-drug-full")
    marks += drawn.tips(drawing, "c-unknown")
    told = [mark for mark in marks if mark]
    assert sorted(told) == sorted(
        f"{time}, {minute}: {what} {value}" for time, minute, what, value in table(chart).rows
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=40, unique=True), st.integers(1, 30))
def test_no_line_is_drawn_over_a_missing_reading(minutes: list[int], join_within: int) -> None:
    readings = tuple(Reading(at=at(minute), value=80) for minute in minutes)
    trace = Trace(readings=readings, join_within=timedelta(minutes=join_within))
    drawing = drawn.parse(session_chart.draw(msgspec.structs.replace(EMPTY, heart_rate=trace)))
    lines = [mark for mark in drawn.of_class(drawing, "c-line") if "c-hr" in mark.get("class", "")]
    ordered = sorted(minutes)
    expected = sum(b - a <= join_within for a, b in itertools.pairwise(ordered))
    assert sum(len(drawn.path_points(line)) - 1 for line in lines) == expected


def test_a_reading_that_stands_alone_is_a_dot() -> None:
    trace = Trace(readings=(Reading(at=at(5), value=80),), join_within=timedelta(minutes=2))
    drawing = drawn.parse(session_chart.draw(msgspec.structs.replace(EMPTY, heart_rate=trace)))
    assert drawn.tips(drawing, "c-dot") == ["10:07, T+5: heart rate 80 /min"]


def test_a_late_pressure_is_a_dashed_gap_and_is_said() -> None:
    chart = msgspec.structs.replace(EMPTY, gaps=(Gap(at=at(30), text="late", late=True),))
    assert len(drawn.of_class(drawn.parse(session_chart.draw(chart)), "c-gap-late")) == 1
    assert "Missing: blood pressure at T+30." in sentence(chart)


def test_a_saturation_below_its_limit_is_written() -> None:
    def lowest_words(value: int) -> list[str]:
        trace = Trace(readings=(Reading(at=at(5), value=value), Reading(at=at(10), value=98)))
        return drawn.words(
            drawn.parse(session_chart.draw(msgspec.structs.replace(WITH_LIMITS, saturation=trace)))
        )

    assert "86" in lowest_words(86)
    assert "97" not in lowest_words(97)


@pytest.mark.parametrize(("systolic", "saturation"), [(250, 97), (128, 62)])
def test_an_extreme_reading_widens_the_scale_and_is_not_clipped(systolic: int, saturation: int) -> None:
    chart = msgspec.structs.replace(
        EMPTY,
        pressures=(Pressure(at=at(5), systolic_mmhg=systolic, diastolic_mmhg=80),),
        saturation=Trace(
            readings=(Reading(at=at(5), value=saturation), Reading(at=at(20), value=saturation - 1))
        ),
    )
    drawing = drawn.parse(session_chart.draw(chart))
    high = drawn.path_points(drawn.of_class(drawing, "c-bp")[0])[1][1]
    first, second = drawn.of_class(drawing, "c-dot")
    assert high > session_chart.TOP
    assert float(second.get("cy", "0")) > float(first.get("cy", "0"))


def test_what_was_delivered_is_written_in_milligrams() -> None:
    infusion = Infusion(
        start=ZERO, planned_end=at(40), planned_mg=Decimal("36.50"), delivered_mg=Decimal("29.40")
    )
    chart = msgspec.structs.replace(EMPTY, infusion=infusion)
    assert "29.4 of 36.5 mg" in drawn.words(drawn.parse(session_chart.draw(chart)))


def test_an_unknown_delivery_is_hatched_and_said() -> None:
    infusion = Infusion(start=ZERO, planned_end=at(40), planned_mg=Decimal("36.5"))
    drawing = drawn.parse(session_chart.draw(msgspec.structs.replace(EMPTY, infusion=infusion)))
    assert drawn.of_class(drawing, "c-unknown")[0].get("fill") == "url(#session-hatch)"
    assert "delivered not known, of 36.5 mg" in drawn.words(drawing)


def test_a_forecast_is_called_an_estimate() -> None:
    band = (BandPoint(at=at(0), median=130, p5=120, p25=126, p75=134, p95=142),)
    assert "population estimate, not a measurement" in sentence(msgspec.structs.replace(EMPTY, forecast=band))


def test_a_finished_session_has_no_now() -> None:
    assert "NOW" not in drawn.words(drawn.parse(session_chart.draw(msgspec.structs.replace(EMPTY, now=None))))


def test_limits_are_named_with_their_source_state() -> None:
    assert "160 tell Dr Voss · unverified default" in drawn.words(
        drawn.parse(session_chart.draw(WITH_LIMITS))
    )


def test_minutes_before_the_start_are_negative() -> None:
    chart = msgspec.structs.replace(
        EMPTY, pressures=(Pressure(at=at(-8), systolic_mmhg=128, diastolic_mmhg=80),)
    )
    assert table(chart).rows == (("09:54", "−8", "blood pressure", "128/80 mmHg"),)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(BadInput, match="without a zone"):
        session_chart.draw(msgspec.structs.replace(EMPTY, events=(Event(at=datetime(2026, 1, 1), text="x"),)))  # noqa: DTZ001


def test_the_word_of_a_limit_keeps_off_a_reading_that_stands_alone() -> None:
    far = Trace(
        readings=tuple(Reading(at=at(m), value=96) for m in (55, 65, 74)), join_within=timedelta(minutes=2)
    )
    chart = msgspec.structs.replace(WITH_LIMITS, now=at(40), saturation=far)
    svg = session_chart.draw(chart)
    (limit,) = re.findall(r'<text class="c-limit-text"[^>]* y="([\d.]+)"[^>]*>94', svg)
    line = re.findall(r'<line class="c-limit"[^>]* y1="([\d.]+)"', svg)
    assert float(limit) > min(map(float, line))


def test_a_pause_leaves_the_bar_empty_and_is_told() -> None:
    running = Infusion(start=ZERO, planned_end=at(40), planned_mg=Decimal("36.5"), delivered_mg=Decimal(20))
    paused = msgspec.structs.replace(running, pauses=((at(6), at(10)),))
    plain, cut = (
        session_chart.draw(msgspec.structs.replace(EMPTY, infusion=one)) for one in (running, paused)
    )
    assert (plain.count("c-drug-full"), cut.count("c-drug-full")) == (1, 2)
    assert "paused from T+6 to T+10" in cut
    assert "paused from T+6 to T+10" in sentence(msgspec.structs.replace(EMPTY, infusion=paused))
