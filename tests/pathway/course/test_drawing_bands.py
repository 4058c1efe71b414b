"""Bands over time are drawn whole: never a bare line, never a word on another, always with the way to read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.pathway.course.drawing import bands, bands_data
from lowtide.pathway.course.drawing.bands_data import Band, Dose, Mark, Panel, Picture, Series
from lowtide.problems import BadInput
from tests.pathway.course import drawn


def course(top: float, until: float = 240.0, moments: int = 25) -> tuple[Band, ...]:
    """A level that rises and falls."""
    found = []
    for i in range(moments):
        at = until * i / (moments - 1)
        level = top * math.exp(-(((at / until - 0.3) / 0.25) ** 2))
        found.append(Band(at, level, level * 0.5, level * 0.8, level * 1.2, level * 1.7))
    return tuple(found)


def picture(*panels: Panel, time: bands_data.Time = "min", until: float = 240.0) -> Picture:
    return Picture(
        key="p",
        title="Levels",
        time=time,
        panels=panels
        or (Panel(unit="ng/mL", series=(Series("Ketamine", course(170, until)),), status="venous"),),
        doses=(Dose(0, until / 6, "35 mg intravenous over 40 min"),),
        caption="500 virtual people, seed 1. Models: A 2020; B 2021.",
    )


TWO = Panel(unit="ng/mL", series=(Series("Ketamine", course(170)), Series("Norketamine", course(60))))
SCORE = Panel(unit="points", series=(Series("MADRS", course(30, 28.0)),), high=60)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    "shown",
    [picture(), picture(TWO, *picture().panels), picture(SCORE, time="days", until=28.0)],
    ids=["one", "two series", "response over days"],
)
def test_words_keep_apart_and_inside_at_either_width(shown: Picture, narrow: bool) -> None:
    drawing = drawn.parse(bands.draw(shown, narrow=narrow))
    assert not drawn.overlaps(drawing)
    assert not drawn.outside(drawing)


def test_a_drawing_says_unit_peak_dose_whose_estimate_it_is_and_how_to_read_it() -> None:
    words = " ".join(drawn.words(drawn.parse(bands.draw(picture()))))
    for said in ("5 to 95 % of people", "25 to 75 %", "median", "ng/mL", "peak 1", "35 mg intravenous"):
        assert said in words
    assert (
        "Population estimate, not a measurement. 500 virtual people, seed 1. Models: A 2020; B 2021." in words
    )


def test_a_median_has_its_two_bands() -> None:
    drawing = drawn.parse(bands.draw(picture(TWO)))
    for class_ in ("c-band1", "c-band2", "c-other1", "c-other2"):
        assert [e for e in drawn.of_class(drawing, class_) if e.tag == f"{drawn.NS}path"]
    assert [e for e in drawn.of_class(drawing, "c-other-mid") if e.tag == f"{drawn.NS}path"]


@pytest.mark.parametrize(
    "series",
    [
        tuple(Band(b.at, b.median, b.median, b.median, b.median, b.median) for b in course(5)),
        course(5)[:1],
        tuple(Band(b.at, b.median, b.p95, b.p25, b.p75, b.p5) for b in course(5)),
        tuple(Band(b.at, math.nan, b.p5, b.p25, b.p75, b.p95) for b in course(5)),
    ],
    ids=["no spread", "one moment", "disorder", "no number"],
)
def test_a_bare_line_is_refused(series: tuple[Band, ...]) -> None:
    with pytest.raises(BadInput):
        bands.draw(picture(Panel(unit="1", series=(Series("X", series),))))


def test_the_twin_holds_every_quantile_and_the_peak() -> None:
    table = bands_data.table(picture())
    assert table.head[2:] == ("5 %", "25 %", "Median", "75 %", "95 %")
    assert max(float(row[4]) for row in table.rows) == pytest.approx(170, rel=0.02)
    assert all(float(row[2]) <= float(row[4]) <= float(row[6]) for row in table.rows)


def test_the_sentence_tells_it_to_who_cannot_see() -> None:
    said = bands_data.sentence(picture())
    assert said.startswith("Ketamine: peak 1")
    assert said.endswith("Population estimate, not a measurement.")


def test_events_stand_on_the_time_axis() -> None:
    marked = Picture(key="m", title="t", time="min", panels=picture().panels, marks=(Mark(60.0, "reading"),))
    assert "reading" in drawn.words(drawn.parse(bands.draw(marked)))


@given(st.floats(1e-4, 1e5), st.floats(0.1, 800))
def test_the_scale_holds_any_level_with_few_round_numbers(top: float, until: float) -> None:
    panel = Panel(unit="ng/mL", series=(Series("X", course(top, until, 5)),))
    assert bands.top_of(panel) >= top * 1.2
    drawing = drawn.parse(bands.draw(picture(panel, time="h", until=until)))
    assert not drawn.outside(drawing)
