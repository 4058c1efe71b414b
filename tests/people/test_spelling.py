"""What is typed to find somebody is read in every way it can be meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.people.patients.spelling import dates, terms
from lowtide.record.entries.words import day


@pytest.mark.parametrize(
    "typed",
    [
        "1983-03-14",
        "14.03.1983",
        "14.3.1983",
        "14/3/1983",
        "3/14/1983",
        "14 March 1983",
        "14. mar 1983",
        "March 14, 1983",
        "19830314",
        "14031983",
        "14 3 1983",
    ],
)
def test_a_birth_date_is_read_in_many_spellings(typed: str) -> None:
    assert dates(typed) == ("1983-03-14",)


@pytest.mark.hazard("H025")
def test_day_and_month_that_can_be_either_are_both_kept() -> None:
    assert dates("3/4/1983") == ("1983-04-03", "1983-03-04")


def test_a_short_year_is_read_in_both_centuries() -> None:
    assert dates("14.3.83") == ("1983-03-14", "2083-03-14")


def test_a_partial_date_keeps_its_precision() -> None:
    assert dates("1983") == ("1983",)
    assert dates("Mar 1983") == ("1983-03",)
    assert dates("1983-03") == ("1983-03",)


@pytest.mark.parametrize("typed", ["31.2.1983", "soon", "", "1983-13-01", "0815"])
def test_what_is_no_date_is_none(typed: str) -> None:
    assert dates(typed) == ()


@given(st.dates())
def test_the_date_as_it_is_shown_can_be_typed_again(born: object) -> None:
    iso = str(born)
    assert iso in dates(day(iso)) or iso < "1000"


def test_names_and_a_date_are_told_apart() -> None:
    written, name = terms("ada 14 march 1983")
    assert written.born == ("1983-03-14",)
    assert name.names == ("ada",)


def test_a_telephone_number_with_spaces_is_one_thing() -> None:
    (term,) = terms("+49 30 123 45 67")
    assert term.digits == "49301234567"


def test_the_clinics_number_is_known_without_its_zeros() -> None:
    assert [t.number for typed in ("LT-0417", "lt417", "417") for t in terms(typed)] == [417, 417, 417]


@given(st.text(max_size=60))
def test_nothing_that_can_be_typed_breaks_the_search(typed: str) -> None:
    assert all(t.names or t.born or t.digits or t.code for t in terms(typed))
