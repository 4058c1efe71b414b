"""Laws of any network: what must not change an answer, what must turn it round, and what may never be said."""

from itertools import combinations
from math import gamma, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.problems import BadInput
from lowtide.science.evidence.analysis import analyse
from lowtide.science.evidence.effects import prepared
from lowtide.science.evidence.table import Contrast, EventArm, MeanArm, Row
from lowtide.site.networks import document
from tests.science.evidence.test_network import assert_near, estimates, networks

MEASURES_OF_EVENTS = st.sampled_from(["OR", "RR", "RD"])


@st.composite
def mean_networks(draw: st.DrawFn) -> list[MeanArm]:
    """Trials of two to four arms with means, by arm."""
    rows = []
    for number in range(draw(st.integers(2, 7))):
        arms = draw(st.lists(st.sampled_from("abcd"), min_size=2, max_size=4, unique=True))
        for arm in arms:
            mean, sd = draw(st.floats(-20, 20)), draw(st.floats(1, 15))
            rows.append(MeanArm(f"trial {number}", arm, mean, sd, draw(st.integers(5, 60))))
    return rows


@settings(max_examples=40, deadline=None)
@given(networks())
def test_taking_those_without_the_event_for_those_with_it_turns_the_log_odds_round(rows: list[Row]) -> None:
    other: list[Row] = [
        EventArm(r.study, r.treatment, r.n - r.events, r.n) for r in rows if isinstance(r, EventArm)
    ]
    before, after = estimates(analyse(rows, "OR")), estimates(analyse(other, "OR"))
    assert_near(after, {pair: (-value, se) for pair, (value, se) in before.items()})


@settings(max_examples=40, deadline=None)
@given(networks())
def test_taking_those_without_the_event_turns_the_difference_round(rows: list[Row]) -> None:
    other: list[Row] = [
        EventArm(r.study, r.treatment, r.n - r.events, r.n) for r in rows if isinstance(r, EventArm)
    ]
    before, after = estimates(analyse(rows, "RD")), estimates(analyse(other, "RD"))
    assert_near(after, {pair: (-value, se) for pair, (value, se) in before.items()})


@settings(max_examples=40, deadline=None)
@given(mean_networks(), st.floats(0.1, 100), st.floats(-50, 50))
def test_another_unit_scales_a_mean_difference_and_leaves_a_standardised_one(
    rows: list[MeanArm], unit: float, origin: float
) -> None:
    other = [MeanArm(r.study, r.treatment, unit * r.mean + origin, unit * r.sd, r.n) for r in rows]
    before, after = estimates(analyse(rows, "MD")), estimates(analyse(other, "MD"))
    for pair, (value, se) in before.items():
        assert after[pair] == pytest.approx((unit * value, unit * se), rel=1e-6, abs=1e-7 * unit)
    assert_near(estimates(analyse(other, "SMD")), estimates(analyse(rows, "SMD")))


@settings(max_examples=40, deadline=None)
@given(networks(), st.sampled_from(["fixed", "random"]))
def test_a_trial_that_knows_nothing_changes_nothing(rows: list[Row], model: str) -> None:
    pairs = prepared(rows, "OR").contrasts
    first = pairs[0]
    idle = Contrast("knows nothing", first.first, first.second, 5.0, 1e6)
    before, after = (estimates(analyse(list(some), "OR", model=model)) for some in (pairs, [*pairs, idle]))
    for pair, value in before.items():
        near = 1e-6 if model == "fixed" else 0.3  # its degree of freedom counts for tau2
        assert after[pair][0] == pytest.approx(value[0], abs=max(near, near * value[1] * 4))
    if model == "fixed":
        assert_near(after, before)


@settings(max_examples=40, deadline=None)
@given(networks(), MEASURES_OF_EVENTS)
def test_a_common_effect_is_the_random_one_where_trials_do_not_differ(rows: list[Row], measure: str) -> None:
    random, fixed = (analyse(rows, measure, model=model) for model in ("random", "fixed"))
    for one, other in zip(random.islands, fixed.islands, strict=True):
        assert one.found.tau2 == other.found.tau2
        if not one.found.tau2:
            assert np.allclose(one.found.resistance, other.found.resistance)
        else:
            assert (one.found.resistance >= other.found.resistance - 1e-12).all()


@settings(max_examples=40, deadline=None)
@given(networks(), MEASURES_OF_EVENTS)
def test_q_s_parts_add_up_and_each_has_its_degrees_of_freedom(rows: list[Row], measure: str) -> None:
    for island in document(analyse(rows, measure))["per_island"]:
        q = island["q"]
        assert q["within"] + q["between"] == pytest.approx(q["total"], abs=1e-6)
        assert q["df_within"] + q["df_between"] == q["df"]
        assert (q["p"] is None) == (q["df"] == 0)


@settings(max_examples=30, deadline=None)
@given(networks(treatments=4), MEASURES_OF_EVENTS)
def test_a_split_s_two_sources_make_up_the_estimate(rows: list[Row], measure: str) -> None:
    for island in analyse(rows, measure).islands:
        for split in island.splits:
            one, other = split.direct_se**-2, split.indirect_se**-2
            together = (one * split.direct + other * split.indirect) / (one + other)
            assert island.found.estimate(split.one, split.two) == pytest.approx(together, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(mean_networks())
def test_standardised_differences_of_one_trial_add_up(rows: list[MeanArm]) -> None:
    seen = {(p.study, p.first, p.second): p.estimate for p in prepared(rows, "SMD").contrasts}
    for study, a, b in list(seen):
        for c in "abcd":
            if (study, b, c) in seen and (study, a, c) in seen:
                assert seen[study, a, b] + seen[study, b, c] == pytest.approx(seen[study, a, c], abs=1e-9)


def test_two_arms_have_hedges_g_with_its_exact_variance() -> None:
    rows: list[Row] = [MeanArm("one", "a", 14.0, 6.0, 12), MeanArm("one", "b", 10.0, 5.0, 15)]
    (pair,) = prepared(rows, "SMD").contrasts
    pooled = sqrt((11 * 36 + 14 * 25) / 25)
    exact = gamma(12.5) / (sqrt(12.5) * gamma(12))  # 25 degrees of freedom
    assert pair.estimate == pytest.approx(exact * 4 / pooled, rel=1e-6)
    assert pair.se**2 == pytest.approx(
        1 / 12 + 1 / 15 + (1 - 23 / (25 * exact**2)) * pair.estimate**2, rel=1e-5
    )


def test_everybody_in_one_arm_counts_as_an_empty_cell_for_a_risk_ratio() -> None:
    rows: list[Row] = [EventArm("one", "a", 10, 10), EventArm("one", "b", 4, 10)]
    (pair,) = prepared(rows, "RR").contrasts
    assert pair.estimate == pytest.approx(-log(4.5 / 10.5))
    assert pair.se**2 == pytest.approx(1 / 4.5 - 1 / 10.5)


def test_contrasts_with_one_arm_and_its_own_error_answer_as_all_pairs_do() -> None:
    arms = {"a": (0.3, 0.04), "b": (0.1, 0.05), "c": (0.0, 0.09)}
    all_pairs: list[Row] = [
        Contrast("one", x, y, arms[x][0] - arms[y][0], sqrt(arms[x][1] + arms[y][1]))
        for x, y in combinations(arms, 2)
    ]
    shared: list[Row] = [Contrast("one", x, "c", arms[x][0], sqrt(arms[x][1] + 0.09), 0.3) for x in "ab"]
    turned: list[Row] = [Contrast("one", "c", x, -arms[x][0], sqrt(arms[x][1] + 0.09), 0.3) for x in "ab"]
    expected = estimates(analyse(all_pairs, "OR"))
    assert_near(estimates(analyse(shared, "OR")), expected)
    assert_near(estimates(analyse(turned, "OR")), expected)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("a", "b", 1, 1, None), ("b", "a", -1, 1, None)], "compared twice"),
        ([("a", "b", 1, 1, None), ("a", "c", 1, 1, None)], "2 of the 3 pairs"),
        ([("a", "b", 1, 1, 1.5), ("a", "c", 1, 1, 1.5)], "not below that of its difference"),
        ([("a", "b", 1, 1, 0.5), ("a", "c", 1, 1, 0.4)], "differ"),
        ([("a", "b", 1, 1, None), ("c", "d", 1, 1, None)], "2 of the 6 pairs"),
        ([("a", "b", 1, 0.3, None), ("b", "c", 1, 0.3, None), ("a", "c", -2, 0.3, None)], "must add up"),
    ],
)
def test_contrasts_that_cannot_be_of_one_study_are_refused(
    rows: list[tuple[str, str, float, float, float | None]], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        analyse([Contrast("odd", *row) for row in rows], "OR")


def test_contrasts_rounded_in_print_are_taken() -> None:
    rows: list[Row] = [
        Contrast("one", "a", "b", 0.34, 0.21),
        Contrast("one", "b", "c", 0.17, 0.2),
        Contrast("one", "a", "c", 0.5, 0.22),
    ]
    assert analyse(rows, "OR").main.found.estimate(0, 2) == pytest.approx(0.505, abs=0.01)
