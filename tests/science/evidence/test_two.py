"""Tables of two treatments: the pairwise ways of pooling give through rows what they give through estimates."""

from math import exp

import pytest

from lowtide.problems import BadInput
from lowtide.science.evidence.analysis import analyse
from lowtide.science.evidence.pairwise import pool
from lowtide.science.evidence.rare import mantel_haenszel, peto
from lowtide.science.evidence.table import Contrast, EventArm, Row
from lowtide.science.evidence.two import knapp, rare
from tests.science.evidence.bcg import ERRORS, ESTIMATES, TABLES
from tests.science.evidence.trials import MIDAZOLAM, ONE, Trials

ROWS: list[Row] = [
    row
    for i, t in enumerate(TABLES)
    for row in (
        EventArm(f"S{i}", "a", t.events, t.n),
        EventArm(f"S{i}", "b", t.control_events, t.control_n),
    )
]


def test_hartung_and_knapp_through_rows_is_hartung_and_knapp_through_estimates() -> None:
    found = knapp(ROWS, "RR", method="REML")
    alone = pool(ESTIMATES, ERRORS, method="REML", hartung_knapp=True)
    assert (found.one, found.two, found.studies) == ("a", "b", 13)
    assert (found.estimate, found.lower, found.upper, found.tau2) == pytest.approx(
        (alone.estimate, alone.lower, alone.upper, alone.tau2)
    )
    assert found.prediction == pytest.approx(alone.prediction)


def test_it_has_the_mean_of_the_network_and_an_interval_at_least_as_wide() -> None:
    network = analyse(ROWS, "RR").main.found
    found = knapp(ROWS, "RR")
    assert found.estimate == pytest.approx(network.estimate(0, 1))
    assert found.se >= network.se(0, 1)


def test_contrasts_that_were_given_the_other_way_round_are_turned() -> None:
    rows: list[Row] = [Contrast("S1", "a", "b", 0.5, 0.2), Contrast("S2", "b", "a", -0.7, 0.3)]
    straight: list[Row] = [Contrast("S1", "a", "b", 0.5, 0.2), Contrast("S2", "a", "b", 0.7, 0.3)]
    assert knapp(rows, "MD") == knapp(straight, "MD")


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_mantel_and_haenszel_take_the_counts_as_they_are(measure: str) -> None:
    found, alone = rare(ROWS, measure, "MH"), mantel_haenszel(TABLES, measure)  # type: ignore[arg-type]
    assert (found.estimate, found.se, found.studies) == (alone.estimate, alone.se, 13)


def test_peto_takes_the_counts_as_they_are_and_odds_ratios_only() -> None:
    found, alone = rare(ROWS, "OR", "PETO"), peto(TABLES)
    assert (found.estimate, found.se) == (alone.estimate, alone.se)
    with pytest.raises(BadInput, match="PETO does not pool RR"):
        rare(ROWS, "RR", "PETO")


def test_an_empty_cell_is_pooled_without_adding_to_it() -> None:
    rows: list[Row] = [EventArm("S", "a", 0, 50), EventArm("S", "b", 4, 50), EventArm("T", "a", 1, 50), EventArm("T", "b", 3, 50)]  # fmt: skip
    assert exp(rare(rows, "OR", "MH").estimate) < exp(analyse(rows, "OR").main.found.estimate(0, 1))


def test_contrasts_have_no_counts_to_pool() -> None:
    with pytest.raises(BadInput, match="pools counts, and the table has none"):
        rare([Contrast("S1", "a", "b", 0.5, 0.2)], "OR", "MH")


def test_three_treatments_are_refused_with_their_names() -> None:
    rows: list[Row] = [*ROWS, EventArm("X", "a", 3, 20), EventArm("X", "c", 5, 20)]
    for asked in (lambda: knapp(rows, "OR"), lambda: rare(rows, "OR", "MH")):
        with pytest.raises(BadInput, match="the table has 3 treatments: a, b, c"):
            asked()


def test_an_answer_of_two_or_three_trials_has_hartung_and_knapps_interval_beside_it() -> None:
    trials = Trials().add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)})
    assert trials.between(ONE, MIDAZOLAM).knapp is None
    found = trials.add("B", {ONE: (22, 50), MIDAZOLAM: (12, 50)}).between(ONE, MIDAZOLAM)
    assert found.knapp is not None
    assert found.lower is not None
    assert found.upper is not None
    assert found.knapp[0] < found.lower < found.upper < found.knapp[1]
    assert any("Hartung and Knapp's interval is" in said for said in found.why)
    for study in ("C", "D"):
        trials.add(study, {ONE: (22, 50), MIDAZOLAM: (12, 50)})
    assert trials.between(ONE, MIDAZOLAM).knapp is None


def test_without_the_guard_the_variance_is_the_spread_of_the_studies_alone() -> None:
    estimates, errors = [0.10, 0.14, 0.11, 0.13], [0.20, 0.25, 0.15, 0.30]
    weights = [1 / se**2 for se in errors]
    mean = sum(w * y for w, y in zip(weights, estimates, strict=True)) / sum(weights)
    spread = sum(w * (y - mean) ** 2 for w, y in zip(weights, estimates, strict=True)) / 3 / sum(weights)
    free = pool(estimates, errors, hartung_knapp=True, guard=False)
    assert free.se == pytest.approx(spread**0.5)
    assert free.upper == pytest.approx(mean + 3.182446 * spread**0.5, rel=1e-6)
    assert pool(estimates, errors, hartung_knapp=True).se == pytest.approx(1 / sum(weights) ** 0.5)
    with pytest.raises(BadInput, match="agree exactly"):
        pool([0.5, 0.5], [0.1, 0.2], hartung_knapp=True, guard=False)
