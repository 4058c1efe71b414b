"""What a change between two scores means, by the instrument's own bounds."""

from fractions import Fraction

import pytest

from lowtide.data.instruments import instrument
from lowtide.science.instruments.change import Change, change


def from_to(name: str, before: float, after: float) -> Change:
    return change(instrument(name), Fraction(before), Fraction(after))


@pytest.mark.parametrize(("after", "response"), [(11, False), (10, True), (9, True)])
def test_a_response_is_a_fall_of_half(after: int, response: bool) -> None:
    assert from_to("PHQ9", 20, after).response is response


@pytest.mark.parametrize(("name", "after", "remission"), [("PHQ9", 4, True), ("PHQ9", 5, False), ("MADRS", 10, True), ("MADRS", 11, False), ("HAMD17", 7, True), ("QIDSSR16", 5, True), ("QIDSSR16", 6, False)])  # fmt: skip
def test_remission_is_at_the_instruments_cut(name: str, after: int, remission: bool) -> None:
    assert from_to(name, 25, after).remission is remission


def test_the_cut_is_kept_with_the_result_and_marked_where_sources_differ() -> None:
    found = from_to("MADRS", 30, 8)
    assert found.remission_cut == "10 or less"
    assert "change.remission" in found.unverified


@pytest.mark.parametrize(
    ("before", "after", "response"), [(10, 7, True), (10, 8, True), (9, 7.5, False), (4, 2.5, True)]
)
def test_pain_responds_by_thirty_percent_or_two_points(before: float, after: float, response: bool) -> None:
    assert from_to("NRS", before, after).response is response


def test_a_global_impression_responds_by_its_own_words() -> None:
    assert from_to("PGIC", 4, 2).response is True
    assert from_to("PGIC", 4, 3).response is False


def test_a_percentage_of_nothing_is_unknown() -> None:
    found = from_to("PHQ9", 0, 3)
    assert (found.percent, found.response) == (None, None)


def test_where_higher_is_better_a_rise_is_the_improvement() -> None:
    assert from_to("MOCA", 24, 27).points == 3


def test_a_reliable_change_goes_both_ways() -> None:
    assert (from_to("PHQ9", 15, 9).reliable, from_to("PHQ9", 15, 10).reliable) == (True, False)
    assert from_to("PHQ9", 9, 15).deteriorated is True


def test_without_a_bound_nothing_is_claimed() -> None:
    found = from_to("CADSS", 20, 2)
    assert (found.response, found.remission, found.reliable) == (None, None, None)
