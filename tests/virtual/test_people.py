"""Synthetic people are always the same and never impossible."""

from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lowtide.virtual.people import COUNTS, people, phq9_items

TODAY = date(2026, 11, 22)


def test_the_same_seed_gives_the_same_people() -> None:
    assert people(7, TODAY) == people(7, TODAY)
    assert people(7, TODAY) != people(8, TODAY)


def test_every_stage_of_care_is_peopled() -> None:
    made = people(1, TODAY)
    assert len(made) == sum(COUNTS.values()) == 40
    assert {p.stage for p in made} == set(COUNTS)


def test_no_two_share_a_number_or_a_family_name() -> None:
    made = people(1, TODAY)
    assert len({p.number for p in made}) == len({p.family for p in made}) == len(made)


@given(st.integers(0, 24), st.integers(0, 3), st.integers())
def test_the_items_of_a_questionnaire_sum_to_its_total(rest: int, item9: int, seed: int) -> None:
    items = phq9_items(rest + item9, item9, Random(seed))
    assert sum(items.values()) == rest + item9
    assert all(0 <= v <= 3 for v in items.values())
    assert items["9"] == item9
