"""What a change between two scores means, by the instrument's own bounds."""

from decimal import Decimal
from fractions import Fraction

import pytest

from lowtide.data.instruments import instrument
from lowtide.science.instruments.change import Change, change, reliable_change_points


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


@pytest.mark.parametrize(
    ("before", "after", "category"),
    [
        (15, 9, "reliably improved"),
        (12, 4, "recovered"),
        (15, 10, "no reliable change"),
        (9, 15, "reliably worse"),
    ],
)
def test_a_change_is_sorted_as_jacobson_and_truax_do(before: int, after: int, category: str) -> None:
    assert from_to("PHQ9", before, after).category == category


def test_the_reliable_bound_follows_from_spread_and_reliability() -> None:
    """The worked example of the method: 1.96 x 7.5 x sqrt(2 x 0.2) is 9.3."""
    assert reliable_change_points(Decimal("7.5"), Decimal("0.80")) == Decimal("9.2971")


def test_a_sample_of_ones_own_takes_the_place_of_the_published_bound() -> None:
    found = change(instrument("PHQ9"), Fraction(15), Fraction(9), Decimal("6.5"))
    assert (found.reliable, found.reliable_points, found.category) == (
        False,
        Decimal("6.5"),
        "no reliable change",
    )


def test_pain_interference_stands_for_an_inventory_without_a_total() -> None:
    rule = instrument("BPISF").change
    assert rule is not None
    assert rule.part == "interference"


def test_a_reliable_change_is_one_beyond_error_whichever_way_and_the_two_ways_are_told_apart() -> None:
    found = {after: from_to("PHQ9", 15, after) for after in (9, 14, 21)}
    told = {k: (f.reliable, f.reliably_better, f.deteriorated) for k, f in found.items()}
    assert told == {9: (True, True, False), 14: (False, False, False), 21: (True, False, True)}
    assert found[21].category == "reliably worse"
