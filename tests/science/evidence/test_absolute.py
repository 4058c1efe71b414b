"""From relative effects to people: risks per 100, numbers needed to treat, responders behind a mean difference."""

from math import exp, inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.problems import BadInput
from lowtide.science.evidence.absolute import (
    Interval,
    needed,
    per_100,
    response_from_smd,
    risk,
    treated_per_100,
)
from lowtide.science.evidence.lasting import (
    Kept,
    days_until_half,
    hazard,
    steadiness,
)

SHARES = st.floats(0.001, 0.999)


def of(value: float, lower: float, upper: float) -> Interval:
    return Interval(value, lower, upper)


def test_an_odds_ratio_acts_on_the_odds_of_the_baseline() -> None:
    found = per_100(0.259, of(log(2.48), log(1.0), log(6.18)), "OR")
    assert (found.value, found.lower, found.upper) == pytest.approx((46.4, 25.9, 68.4), abs=0.1)


def test_a_risk_ratio_multiplies_and_a_difference_adds() -> None:
    assert per_100(0.2, of(log(1.5), log(1.0), log(2.0)), "RR") == Interval(
        pytest.approx(30), pytest.approx(20), pytest.approx(40)
    )
    assert treated_per_100(0.2, of(0.1, -0.05, 0.25), "RD", lower_is_better=False).value == pytest.approx(30)


def test_nobody_is_more_than_certain() -> None:
    assert risk(0.8, log(3), "RR") == 1
    assert risk(0.05, -0.2, "RD") == 0
    assert risk(0.0, 5.0, "OR") == 0
    assert 0 <= risk(0.5, 1e6, "OR") <= 1
    assert 0 <= risk(0.5, -1e6, "OR") <= 1


def test_a_baseline_that_is_no_share_is_refused() -> None:
    for wrong in (-0.1, 1.1, 25):
        with pytest.raises(BadInput, match="share from 0 to 1"):
            risk(wrong, 0.0, "OR")


@given(SHARES, st.floats(-4, 4))
def test_no_effect_changes_no_risk_and_the_opposite_effect_brings_it_back(
    baseline: float, effect: float
) -> None:
    assert risk(baseline, 0.0, "OR") == pytest.approx(baseline)
    assert risk(risk(baseline, effect, "OR"), -effect, "OR") == pytest.approx(baseline, rel=1e-6)


def test_a_number_needed_to_treat_with_limits_on_one_side() -> None:
    found = needed(of(0.14, 0.04, 0.24))
    assert (found.number, found.near, found.far) == pytest.approx((1 / 0.14, 1 / 0.24, 25))
    assert found.more
    assert not found.through_infinity


def test_limits_on_both_sides_of_nothing_run_through_infinity() -> None:
    found = needed(of(0.10, -0.05, 0.25))
    assert (found.number, found.near, found.far) == pytest.approx((10, 4, 20))
    assert (found.near_more, found.far_more) == (True, False)
    assert found.through_infinity
    fewer = needed(of(-0.10, -0.25, 0.05))
    assert (fewer.more, fewer.near_more, fewer.far_more) == (False, False, True)


def test_no_difference_at_all_needs_everybody() -> None:
    assert needed(of(0.0, -0.1, 0.1)).number == inf
    assert needed(of(0.1, 0.0, 0.2)).far == inf
    assert needed(of(0.1, 3e-17, 0.2)).far == inf
    assert not needed(of(0.1, 0.0, 0.2)).through_infinity


def test_a_mean_difference_becomes_responders_by_one_cut_for_both_arms() -> None:
    found = response_from_smd(0.2, of(0.5, 0.0, 1.0))
    assert found.lower == pytest.approx(0.2)
    assert found.value == pytest.approx(0.3663, abs=1e-4)
    with pytest.raises(BadInput):
        response_from_smd(0.0, of(0.5, 0.0, 1.0))


def test_a_mean_difference_tells_of_people_only_in_standard_deviations_and_by_which_way_is_good() -> None:
    fall = of(-0.5, -0.9, -0.1)
    found = treated_per_100(0.3, fall, "SMD", lower_is_better=True)
    same = response_from_smd(0.3, of(0.5, 0.1, 0.9))
    assert (found.value, found.lower, found.upper) == pytest.approx(
        (100 * same.value, 100 * same.lower, 100 * same.upper)
    )
    assert treated_per_100(0.3, fall, "SMD", lower_is_better=False).value < 30 < found.value
    with pytest.raises(BadInput, match="says nothing of people"):
        treated_per_100(0.3, fall, "MD", lower_is_better=True)


def test_a_share_kept_gives_a_hazard_and_the_hazard_the_share() -> None:
    rate = hazard(Kept(28, 40, 80))
    assert exp(-28 * rate.value) == pytest.approx(0.5)
    assert days_until_half(rate).value == pytest.approx(28)
    assert exp(-28 * rate.upper) < 0.5 < exp(-28 * rate.lower)


@given(st.integers(1, 200), st.floats(0, 1), st.floats(1, 400))
def test_a_hazard_lies_within_its_limits_whatever_was_kept(n: int, share: float, days: float) -> None:
    rate = hazard(Kept(days, share * n, n))
    assert 0 < rate.lower <= rate.value <= rate.upper
    assert days_until_half(rate).lower <= days_until_half(rate).upper


def test_losses_that_come_early_have_a_shape_below_one() -> None:
    steady = [Kept(d, 100 * exp(-0.02 * d), 100) for d in (7, 14, 28)]
    assert steadiness(steady) == pytest.approx(1)
    early = [Kept(7, 60, 100), Kept(28, 50, 100)]
    shape = steadiness(early)
    assert shape is not None
    assert shape < 1
    assert steadiness(early[:1]) is None
