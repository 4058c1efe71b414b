"""Early signs: there, not there, or not known; and the odds that are left with them."""

import pytest

from lowtide.data.early_signals import early_signals
from lowtide.science.pharmacology.response.early import Early, early

SESSIONS = (0.0, 3.0, 7.0)


def sign(number: int, *seen: tuple[float, float], before: float | None = 0.5) -> Early:
    return early(early_signals("trd"), SESSIONS, 30.0, seen, before)[number]


def test_no_response_in_the_first_hours_is_a_sign() -> None:
    found = sign(0, (4 / 24, 25.0))
    assert found.met is True
    assert found.p_response_with == pytest.approx(0.06 * 0.5 / (0.06 * 0.5 + 0.71 * 0.5), abs=1e-4)


def test_a_response_in_the_first_hours_raises_the_odds() -> None:
    found = sign(0, (4 / 24, 12.0))
    assert found.met is False
    assert found.p_response_with == pytest.approx(0.94 / (0.94 + 0.29), abs=1e-4)


def test_a_score_at_another_time_says_nothing_of_it() -> None:
    assert sign(0, (1.0, 12.0)).met is None
    assert sign(0, (1.0, 12.0)).p_response_with is None


def test_three_sessions_without_improvement_are_a_sign_and_one_with_it_is_none() -> None:
    flat = ((1.0, 30.0), (4.0, 31.0), (8.0, 30.0))
    assert sign(1, *flat).met is True
    assert sign(1, flat[0], (4.0, 20.0)).met is False
    assert sign(1, *flat[:2]).met is None


def test_what_was_not_printed_is_not_made_up() -> None:
    assert sign(1).sensitivity is None
    assert sign(1, (1.0, 30.0), (4.0, 31.0), (8.0, 30.0)).p_response_with is None


@pytest.mark.parametrize("condition", ["chronic_pain", "crps", "ptsd", "gad"])
def test_what_was_counted_in_depression_says_nothing_of_anything_else(condition: str) -> None:
    assert early_signals(condition) == ()
