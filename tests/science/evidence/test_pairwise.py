"""Meta-analysis of one comparison: what others print for the same trials, and laws that hold for any."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.problems import BadInput
from lowtide.science.evidence.analysis import analyse
from lowtide.science.evidence.pairwise import Between, between, egger, pool, tau2_interval
from lowtide.science.evidence.rare import Table, mantel_haenszel, peto
from lowtide.science.evidence.table import Contrast, Row
from tests.science.evidence.bcg import ERRORS, ESTIMATES, TABLES

ANY = st.lists(
    st.tuples(st.floats(-3, 3), st.floats(0.05, 2)),
    min_size=2,
    max_size=12,
)


@pytest.mark.parametrize(
    ("method", "mean", "se", "tau2"),
    [
        ("DL", -0.7141172221, 0.1787420895, 0.3087602629),
        ("REML", -0.7145323422, 0.1797815161, 0.3132432581),
        ("PM", -0.7149704056, 0.1808979841, 0.3180937119),
    ],
)
def test_vaccine_trials_give_what_is_printed_for_each_way_of_tau2(
    method: Between, mean: float, se: float, tau2: float
) -> None:
    found = pool(ESTIMATES, ERRORS, method=method)
    near = 5e-5 if method == "PM" else 1e-6  # the program that printed it stops its search for PM early
    assert (found.estimate, found.se, found.tau2) == pytest.approx((mean, se, tau2), abs=near)
    assert (found.q, found.df) == pytest.approx((152.2330081, 12))
    assert found.i2 == pytest.approx(0.9211734685)
    assert found.h2 == pytest.approx(12.68608401)


def test_a_common_effect_weighs_by_precision_alone() -> None:
    found = pool(ESTIMATES, ERRORS, model="common")
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (-0.4302851637, -0.5096612584, -0.3509090689)
    )
    assert found.tau2 == 0
    assert found.prediction is None


def test_hartung_and_knapp_take_the_spread_seen_and_student_s_t() -> None:
    found = pool(ESTIMATES, ERRORS, method="REML", hartung_knapp=True)
    assert (found.se, found.lower, found.upper) == pytest.approx(
        (0.1807917441, -1.108443714, -0.3206209706), abs=1e-6
    )


def test_hartung_and_knapp_never_make_the_mean_surer_than_it_was() -> None:
    same = pool([0.5, 0.5, 0.5], [0.2, 0.2, 0.2], hartung_knapp=True)
    assert same.se == pytest.approx(0.2 / sqrt(3))
    assert same.upper - same.lower > 2 * 1.96 * same.se


def test_the_interval_of_tau2_is_that_of_the_profile_of_q() -> None:
    assert tau2_interval(ESTIMATES, ERRORS) == pytest.approx((0.1196953, 1.1114863), abs=5e-5)


def test_a_new_trial_lies_in_a_wider_interval_than_the_mean() -> None:
    found = pool(ESTIMATES, ERRORS)
    wide = 2.2009851601 * sqrt(0.3087602629 + 0.1787420895**2)  # t with 11 degrees of freedom
    assert found.prediction == pytest.approx((-0.7141172221 - wide, -0.7141172221 + wide))
    assert pool(ESTIMATES[:2], ERRORS[:2]).prediction is None


def test_mantel_haenszel_and_peto_give_what_is_printed() -> None:
    odds, risks = mantel_haenszel(TABLES, "OR"), mantel_haenszel(TABLES, "RR")
    assert (odds.estimate, odds.se) == pytest.approx((-0.4734109884, 0.0410077784))
    assert (risks.estimate, risks.se) == pytest.approx((-0.4537096047, 0.03933736687))
    assert mantel_haenszel(TABLES, "RD").estimate == pytest.approx(-0.003288181833)
    assert (peto(TABLES).estimate, peto(TABLES).se) == pytest.approx((-0.4744463109, 0.04065908074))


def test_one_trial_pooled_by_mantel_haenszel_is_that_trial() -> None:
    one = Table(8, 20, 3, 25)
    assert mantel_haenszel([one], "OR").estimate == pytest.approx(log(8 * 22 / (12 * 3)))
    assert mantel_haenszel([one], "OR").se == pytest.approx(sqrt(1 / 8 + 1 / 12 + 1 / 3 + 1 / 22))
    assert mantel_haenszel([one], "RR").se == pytest.approx(sqrt(1 / 8 - 1 / 20 + 1 / 3 - 1 / 25))
    assert mantel_haenszel([one], "RD").se == pytest.approx(sqrt(0.4 * 0.6 / 20 + 0.12 * 0.88 / 25))


def test_a_trial_without_events_changes_no_ratio_but_pulls_a_difference_to_nothing() -> None:
    silent = Table(0, 30, 0, 30)
    some = [Table(8, 20, 3, 25)]
    assert mantel_haenszel([*some, silent], "OR") == mantel_haenszel(some, "OR")
    assert peto([*some, silent]) == peto(some)
    assert abs(mantel_haenszel([*some, silent], "RD").estimate) < abs(mantel_haenszel(some, "RD").estimate)


def test_an_empty_arm_has_a_difference_but_no_pooled_ratio() -> None:
    empty = [Table(4, 20, 0, 20)]
    assert mantel_haenszel(empty, "RD").estimate == pytest.approx(0.2)
    with pytest.raises(BadInput, match="Use a risk difference"):
        mantel_haenszel(empty, "OR")
    assert peto(empty).estimate > 0


def test_egger_asks_for_ten_studies() -> None:
    assert egger(ESTIMATES[:9], ERRORS[:9]) is None
    found = egger(ESTIMATES, ERRORS)
    assert found is not None
    assert found[0] / found[1] == pytest.approx(-1.401282002)
    assert found[2] == pytest.approx(0.1887069951)


def test_numbers_that_do_not_belong_together_are_refused() -> None:
    for estimates, errors in (([], []), ([1.0], [1.0, 2.0]), ([1.0], [0.0]), ([float("nan")], [1.0])):
        with pytest.raises(BadInput):
            pool(estimates, errors)


@settings(max_examples=60, deadline=None)
@given(ANY, st.sampled_from(["DL", "REML"]))
def test_two_treatments_in_a_network_are_pooled_alike(
    given_studies: list[tuple[float, float]], method: Between
) -> None:
    rows: list[Row] = [Contrast(f"s{i}", "a", "b", y, e) for i, (y, e) in enumerate(given_studies)]
    network = analyse(rows, "MD", method="REML" if method == "REML" else "DL").main
    found = pool([y for y, _ in given_studies], [e for _, e in given_studies], method=method)
    near = 1e-9 if method == "DL" else 1e-5
    assert network.found.tau2 == pytest.approx(found.tau2, abs=near, rel=1e-5)
    assert network.found.estimate(0, 1) == pytest.approx(found.estimate, abs=10 * near)
    assert network.found.se(0, 1) == pytest.approx(found.se, abs=10 * near)
    assert network.parted.total == pytest.approx(found.q, abs=1e-6)
    assert network.parted.p == pytest.approx(found.p)
    assert network.i2 == pytest.approx(found.i2, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(ANY, st.floats(0.1, 50), st.sampled_from(["DL", "PM", "REML"]))
def test_another_unit_scales_the_mean_and_the_spread(
    given_studies: list[tuple[float, float]], unit: float, method: Between
) -> None:
    y, e = (np.array(part) for part in zip(*given_studies, strict=True))
    one, other = (pool(list(k * y), list(k * e), method=method) for k in (1.0, unit))
    assert other.estimate == pytest.approx(unit * one.estimate, abs=1e-4 * unit)
    assert other.tau2 == pytest.approx(unit**2 * one.tau2, abs=1e-4 * unit**2)
    assert other.q == pytest.approx(one.q, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(ANY)
def test_paule_and_mandel_s_tau2_makes_q_what_chance_makes_of_it(
    given_studies: list[tuple[float, float]],
) -> None:
    y, e = (list(part) for part in zip(*given_studies, strict=True))
    tau2 = between(y, e, "PM")
    q = pool(y, [sqrt(x**2 + tau2) for x in e], model="common").q
    assert q == pytest.approx(len(y) - 1, rel=1e-6) if tau2 else q <= len(y) - 1 + 1e-9
