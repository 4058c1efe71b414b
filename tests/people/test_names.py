"""Names are found however they are written."""

import pytest

from lowtide.people.names import fold, sound, sounds, spellings, words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Müller", "muller"),
        ("ÅSE  Øst", "ase ost"),
        ("O’Neil-Großmann", "o neil grossmann"),
        ("Łukasz", "lukasz"),
    ],
)
def test_accents_case_and_marks_do_not_matter(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_an_umlaut_is_found_in_both_spellings() -> None:
    assert spellings("Müller") == ("muller", "mueller")


def test_an_apostrophe_may_be_left_out() -> None:
    assert {"oneil", "neil"} <= set(words("O'Neil"))


def test_names_that_sound_alike_share_a_code() -> None:
    assert sound("Schmidt") == sound("Schmitt")
    assert sound("Meyer") == sound("Maier")
    assert sound("Halvorsen") != sound("Lindqvist")


def test_each_part_of_a_double_name_has_its_sound() -> None:
    assert set(sounds("Schmidt")) <= set(sounds("Becker-Schmitt"))


def test_a_script_without_a_code_keeps_its_letters() -> None:
    assert sound("Иванова") == "иванова"
