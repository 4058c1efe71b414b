"""SVG text is well formed whatever it is given, and words never stand on each other."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.pathway.course.drawing import paper, svg
from lowtide.pathway.course.drawing.labels import Box, Labels, Place, text_width
from tests.pathway.course import drawn

FRAME = Box(0, 0, 400, 200)
PLACES = st.builds(
    Place, st.floats(-20, 420), st.floats(-20, 220), st.sampled_from(["start", "middle", "end"])
)


@given(st.text(), st.text())
def test_any_text_survives_as_text(title: str, sentence: str) -> None:
    drawing = drawn.parse(svg.drawing("k", (10, 10), title, sentence))
    printable = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
    read = drawing.findtext(f"{drawn.NS}title") or ""
    assert read == printable.sub("", title).replace("\r\n", "\n").replace("\r", "\n")


def test_markup_in_a_name_is_told_and_not_obeyed() -> None:
    text = svg.drawing("k", (10, 10), "<script>alert(1)</script>", '"&')
    assert "<script" not in text
    assert drawn.parse(text).findtext(f"{drawn.NS}title") == "<script>alert(1)</script>"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_never_drawn(value: float) -> None:
    with pytest.raises(ValueError, match="cannot draw"):
        svg.number(value)


@pytest.mark.parametrize(
    ("value", "written"), [(1.0, "1"), (-0.01, "0"), (2.25, "2.2"), (-3.5, "-3.5"), (10, "10")]
)
def test_numbers_are_short(value: float, written: str) -> None:
    assert svg.number(value) == written


def test_a_key_with_spaces_becomes_a_fit_identifier() -> None:
    assert svg.identifier("course 1 / depression") == "course-1-depression"


def test_one_point_makes_no_line() -> None:
    assert svg.path([(1, 2)], "c-line") == ""


@given(st.lists(st.tuples(st.text(min_size=1, max_size=12), PLACES, st.booleans()), max_size=25))
def test_placed_words_keep_apart_and_inside(wanted: list[tuple[str, Place, bool]]) -> None:
    labels = Labels(FRAME)
    labels.block_line([(0, 0), (400, 200)])
    for text, place, needed in wanted:
        labels.put(text, "c-lab", [place], needed=needed)
    assert all(FRAME.holds(box) for box in labels.words.boxes)
    assert not any(a.meets(b) for i, a in enumerate(labels.words.boxes) for b in labels.words.boxes[i + 1 :])


def test_a_word_makes_way_for_a_mark_unless_it_is_needed() -> None:
    labels = Labels(FRAME)
    labels.block(Box(90, 90, 110, 110))
    place = [Place(100, 100)]
    assert labels.put("may be left out", "c-lab", place) == ""
    assert "has to be said" in labels.put("has to be said", "c-lab", place, needed=True)


@given(st.text(max_size=30), st.floats(8, 20))
def test_bold_words_are_wider(text: str, size: float) -> None:
    assert text_width(text, size, bold=True) >= text_width(text, size)


def test_paper_has_the_light_colours_and_no_variables() -> None:
    tokens = (
        ":root { --ink: light-dark(#12201F, #E6ECE9); --tint: light-dark(rgb(1 2 3 / .5), rgb(4 5 6 / .5)); }"
    )
    css = paper.paint(
        tokens, ".c-val { fill: var(--ink); } .c-band1 { fill: var(--tint); } @media print { x { } }"
    )
    assert css.strip() == ".c-val { fill: #12201F; } .c-band1 { fill: rgba(1, 2, 3, .5); }"


def test_a_painted_drawing_carries_its_style() -> None:
    text = paper.painted(svg.drawing("k", (10, 10), "t", "s"), ".c-val { fill: #12201F; }")
    assert drawn.parse(text).findtext(f"{drawn.NS}style") == ".c-val { fill: #12201F; }"
