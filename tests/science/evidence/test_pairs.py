"""Each pair by itself, the interval of tau2 of a network, and the test of asymmetry as part of how sure an answer is."""

from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, linregress

from lowtide.science.evidence.analysis import analyse
from lowtide.science.evidence.compare import compare
from lowtide.science.evidence.network import fit
from lowtide.science.evidence.pairs import Pair, pairs
from lowtide.science.evidence.pairwise import tau2_interval
from lowtide.science.evidence.selection import Question
from lowtide.science.evidence.table import Contrast, EventArm, Row
from tests.science.evidence.bcg import ERRORS, ESTIMATES, TABLES
from tests.science.evidence.trials import ONE, SALINE
from tests.site.evidence_pages.many import many

ANY = st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=2, max_size=12)


def vaccine() -> list[Row]:
    """The vaccine trials of `bcg`, arm by arm."""
    return [
        EventArm(f"s{at}", name, events, n)
        for at, t in enumerate(TABLES)
        for name, events, n in (("BCG", t.events, t.n), ("control", t.control_events, t.control_n))
    ]


def only(found: tuple[Pair, ...]) -> Pair:
    (one,) = found
    return one


def test_the_vaccine_trials_give_what_is_printed_in_every_way_of_pooling() -> None:
    one = only(pairs(vaccine(), "RR"))
    assert (one.one, one.two, len(one.trials)) == ("BCG", "control", 13)
    assert one.common.estimate == pytest.approx(-0.4302851637)
    assert (one.random.estimate, one.random.tau2) == pytest.approx((-0.7141172221, 0.3087602629), abs=1e-6)
    assert (one.likely.estimate, one.likely.tau2) == pytest.approx((-0.7145323422, 0.3132432581), abs=1e-6)
    assert one.mandel.tau2 == pytest.approx(0.3180937119, abs=5e-5)
    assert one.random.tau2_interval == pytest.approx((0.1196953, 1.1114863), abs=5e-5)
    assert one.weighed is not None
    assert (one.weighed.estimate, one.weighed.se) == pytest.approx((-0.4537096047, 0.03933736687))
    assert set(one.as_) == {"OR", "RD"}
    assert one.asymmetry is not None
    assert one.asymmetry.p == pytest.approx(0.1887069951)


def test_egger_s_intercept_is_that_of_a_plain_regression_on_precision() -> None:
    one = only(pairs(vaccine(), "RR")).asymmetry
    line = linregress(1 / np.array(ERRORS), np.array(ESTIMATES) / np.array(ERRORS))
    assert one is not None
    assert (one.intercept, one.se) == pytest.approx((line.intercept, line.intercept_stderr))


def test_the_other_way_round_is_the_same_with_the_other_sign() -> None:
    one, other = (only(pairs(vaccine(), "OR", order)) for order in (str, lambda name: -ord(name[0])))
    assert (other.one, other.two) == (one.two, one.one)
    for name in ("common", "random", "likely", "mandel", "knapp", "weighed"):
        these, those = getattr(one, name), getattr(other, name)
        assert (those.estimate, those.lower, those.upper) == pytest.approx(
            (-these.estimate, -these.upper, -these.lower), rel=1e-6
        )
    assert other.as_["RD"].estimate == pytest.approx(-one.as_["RD"].estimate)


def test_contrasts_have_no_other_measure_and_an_empty_arm_no_pooled_ratio() -> None:
    one = only(pairs([Contrast("s", "a", "b", 0.5, 0.2), Contrast("t", "b", "a", -0.4, 0.3)], "MD"))
    assert (one.weighed, one.as_) == (None, {})
    assert [t.estimate for t in one.trials] == [0.5, 0.4]
    empty = only(pairs([EventArm("s", "a", 3, 20), EventArm("s", "b", 0, 20)], "OR"))
    assert empty.weighed is None
    assert exp(empty.random.estimate) == pytest.approx(3.5 * 20.5 / (17.5 * 0.5))


@settings(max_examples=40, deadline=None)
@given(ANY)
def test_the_interval_of_tau2_of_two_treatments_is_the_pairwise_one(
    given_studies: list[tuple[float, float]],
) -> None:
    y, e = ([one[i] for one in given_studies] for i in (0, 1))
    rows: list[Row] = [Contrast(f"s{i}", "a", "b", *one) for i, one in enumerate(given_studies)]
    found = analyse(rows, "MD").main.tau2_interval
    assert found == pytest.approx(tau2_interval(y, e), rel=1e-6, abs=1e-9)


def test_at_the_ends_of_the_interval_q_of_a_network_is_at_its_quantiles() -> None:
    effects = {"ab": [0.1, 0.9, 1.6], "bc": [-0.5, 0.8], "ac": [0.2, 1.9, -0.4]}
    rows: list[Row] = [
        Contrast(f"{pair}{at}", pair[0], pair[1], value, 0.3)
        for pair, values in effects.items()
        for at, value in enumerate(values)
    ]
    island = analyse(rows, "MD").main
    assert island.tau2_interval is not None
    low, high = island.tau2_interval
    assert low < island.found.tau2 < high
    df = len(rows) - 2
    for end, share in ((low, 0.975), (high, 0.025)):
        assert fit(island.found.network, end).q == pytest.approx(chi2.ppf(share, df), rel=1e-6)


def test_one_trial_tells_nothing_of_how_trials_differ() -> None:
    assert analyse([Contrast("s", "a", "b", 0.5, 0.2)], "MD").main.tau2_interval is None


def test_from_ten_trials_on_small_ones_that_find_more_make_an_answer_less_sure() -> None:
    def step(pairs_: int) -> tuple[int, str]:
        found = compare(many(pairs_), Question("trd", "response", "24h"), SALINE).comparisons
        sure = next(one.certainty for one in found if one.treatment == ONE)
        assert sure is not None
        return next((s.down, s.reason) for s in sure.steps if s.domain == "publication")

    assert step(12) == (
        1,
        "small trials find something else than large ones (Egger’s test, p 0.0018)",
    )
    assert step(9) == (0, "not seen; too few trials to look for it")


def test_hartung_and_knapp_of_two_trials_is_worked_out_by_hand() -> None:
    rows: list[Row] = [Contrast("s", "a", "b", log(2), 0.5), Contrast("t", "a", "b", log(1.5), 0.4)]
    one = only(pairs(rows, "OR")).knapp
    w = [1 / 0.25, 1 / 0.16]
    mean = (w[0] * log(2) + w[1] * log(1.5)) / sum(w)
    wide = 12.706204736 * sqrt(1 / sum(w))  # t with one degree of freedom; less spread than chance would make
    assert (one.lower, one.upper) == pytest.approx((mean - wide, mean + wide))
