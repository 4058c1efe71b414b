"""The bars of a label, held against what the standard publishes of Code 128."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.pathway.course.drawing.code128 import STOP, WIDTHS, draw, modules, symbols


def test_every_symbol_has_three_bars_and_three_spaces_in_eleven_modules_and_its_bars_are_even() -> None:
    for widths in WIDTHS[:STOP]:
        assert len(widths) == 6
        assert sum(map(int, widths)) == 11
        assert sum(map(int, widths[::2])) % 2 == 0
    assert len(set(WIDTHS)) == len(WIDTHS) == 107
    assert WIDTHS[STOP] == "2331112"


@pytest.mark.parametrize(
    ("value", "widths"),
    [(0, "212222"), (33, "111323"), (99, "113141"), (103, "211412"), (104, "211214"), (105, "211232")],
)
def test_symbols_that_the_standard_prints_are_these(value: int, widths: str) -> None:
    assert WIDTHS[value] == widths


def test_the_published_example_has_its_values_and_its_check() -> None:
    """PJJ123C, with start A (103) and check 54 where it is published; start B counts one more."""
    assert symbols("PJJ123C") == [104, 48, 42, 42, 17, 18, 19, 35, 55, STOP]


def test_digits_go_two_by_two() -> None:
    assert symbols("123456") == [105, 12, 34, 56, (105 + 12 + 68 + 168) % 103, STOP]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30))
def test_what_was_encoded_can_be_read_back_from_the_widths(text: str) -> None:
    widths, read = "".join(map(str, modules(text))), []
    for at in range(0, len(widths) - 7, 6):
        read.append(WIDTHS.index(widths[at : at + 6]))
    start, *data, check = read
    assert check == (start + sum(n * v for n, v in enumerate(data, 1))) % 103
    said = "".join(f"{v:02}" for v in data) if start == 105 else "".join(chr(v + 32) for v in data)
    assert said == text


def test_what_it_cannot_say_is_refused() -> None:
    for text in ("", "é", "\n"):
        with pytest.raises(ValueError, match="cannot say"):
            symbols(text)


def test_the_drawing_has_quiet_zones_and_names_itself() -> None:
    drawn = draw("1234567890123456", "1234 5678 9012 3456")
    width = float(re.search(r'width="([\d.]+)"', drawn)[1])  # type: ignore[index]
    assert width == (sum(modules("1234567890123456")) + 20) * 1.5
    assert 'role="img"' in drawn
    assert "1234 5678 9012 3456" in drawn
