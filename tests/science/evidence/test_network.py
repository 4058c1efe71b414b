"""Network meta-analysis: laws that hold for any table of trials, against independent arithmetic."""

from itertools import combinations
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.problems import BadInput
from lowtide.science.evidence.analysis import Analysis, analyse
from lowtide.science.evidence.effects import contrasts
from lowtide.science.evidence.reading import read
from lowtide.science.evidence.table import Contrast, EventArm, MeanArm, Row

Told = dict[tuple[str, str], tuple[float, float]]
NAMES = ("placebo", "ketamine", "midazolam", "esketamine", "ECT")


@st.composite
def networks(draw: st.DrawFn, treatments: int = 5, least: int = 2) -> list[Row]:
    """Trials of two to four arms with any number of events, by arm."""
    rows: list[Row] = []
    for number in range(draw(st.integers(least, 9))):
        arms = draw(st.lists(st.sampled_from(NAMES[:treatments]), min_size=2, max_size=4, unique=True))
        for arm in arms:
            n = draw(st.integers(8, 90))
            rows.append(EventArm(f"trial {number}", arm, draw(st.integers(1, n - 1)), n))
    return rows


def estimates(found: Analysis) -> Told:
    return {
        (i.found.treatments[a], i.found.treatments[b]): (i.found.estimate(a, b), i.found.se(a, b))
        for i in found.islands
        for a in range(len(i.found.treatments))
        for b in range(len(i.found.treatments))
        if a != b
    }


def assert_near(found: Told, expected: Told) -> None:
    assert found.keys() == expected.keys()
    for pair, value in found.items():
        assert value == pytest.approx(expected[pair], abs=1e-8), pair


def by_least_squares(
    rows: list[Row], names: tuple[str, ...], tau2: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """The same by generalised least squares on each trial's contrasts with its first arm: values, covariance, Q."""
    size = len(names) - 1
    information, pull, squares = np.zeros((size, size)), np.zeros(size), 0.0
    trials: dict[str, list[EventArm]] = {}
    for row in rows:
        assert isinstance(row, EventArm)
        trials.setdefault(row.study, []).append(row)
    kept = []
    for arms in trials.values():
        if arms[0].treatment not in names:
            continue
        odds = [log(a.events / (a.n - a.events)) for a in arms]
        variances = [1 / a.events + 1 / (a.n - a.events) for a in arms]
        y = np.array([o - odds[0] for o in odds[1:]])
        v = np.diag(variances[1:]) + variances[0] + tau2 / 2 * (np.eye(len(y)) + 1)
        x = np.zeros((len(y), size))
        for i, arm in enumerate(arms[1:]):
            for name, sign in ((arm.treatment, 1.0), (arms[0].treatment, -1.0)):
                if name != names[0]:
                    x[i, names.index(name) - 1] += sign
        w = np.linalg.inv(v)
        information += x.T @ w @ x
        pull += x.T @ w @ y
        kept.append((x, w, y))
    values = np.linalg.solve(information, pull)
    squares = sum(float((y - x @ values) @ w @ (y - x @ values)) for x, w, y in kept)
    return values, np.linalg.inv(information), squares


@settings(max_examples=60, deadline=None)
@given(networks())
def test_the_graph_says_what_generalised_least_squares_say(rows: list[Row]) -> None:
    found = analyse(rows, "OR")
    for island in found.islands:
        its = island.found
        values, covariance, _ = by_least_squares(rows, its.treatments, its.tau2)
        assert [its.estimate(i, 0) for i in range(1, len(its.treatments))] == pytest.approx(values, abs=1e-8)
        assert [its.se(i, 0) ** 2 for i in range(1, len(its.treatments))] == pytest.approx(
            np.diag(covariance), rel=1e-7
        )
        _, _, q = by_least_squares(rows, its.treatments, 0.0)
        assert island.parted.total == pytest.approx(q, abs=1e-7)


@settings(max_examples=40, deadline=None)
@given(networks(treatments=2))
def test_a_network_of_two_treatments_is_the_pairwise_analysis(rows: list[Row]) -> None:
    found = analyse(rows, "OR")
    pairs, _ = contrasts(rows, "OR")
    y = np.array([p.estimate if p.first == "ketamine" else -p.estimate for p in pairs])
    w = np.array([p.se**-2 for p in pairs])
    q = float(w @ (y - w @ y / w.sum()) ** 2)
    tau2 = max(0.0, (q - (len(y) - 1)) / (w.sum() - (w @ w) / w.sum())) if len(y) > 1 else 0.0
    w = 1 / (1 / w + tau2)
    assert found.main.found.tau2 == pytest.approx(tau2, abs=1e-10)
    assert estimates(found)["ketamine", "placebo"] == pytest.approx(
        (float(w @ y / w.sum()), float(w.sum() ** -0.5)), abs=1e-9
    )


@settings(max_examples=40, deadline=None)
@given(networks(), st.randoms(use_true_random=False), st.sampled_from(["DL", "REML"]))
def test_order_of_rows_and_names_of_treatments_and_studies_change_nothing(
    rows: list[Row], random: object, method: str
) -> None:
    other = {name: f"{chr(122 - i)}{i}" for i, name in enumerate(NAMES)}
    mixed = [
        EventArm(f"{r.study} again", other[r.treatment], r.events, r.n)
        for r in rows
        if isinstance(r, EventArm)
    ]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    before = estimates(analyse(rows, "OR", method=method))  # type: ignore[arg-type]
    after = estimates(analyse(mixed, "OR", method=method))  # type: ignore[arg-type]
    assert {(other[a], other[b]) for a, b in before} == set(after)
    for (a, b), value in before.items():
        near = 1e-8 if method == "DL" else 1e-3  # a flat likelihood has no sharper peak
        assert after[other[a], other[b]] == pytest.approx(value, abs=near)


@settings(max_examples=40, deadline=None)
@given(networks())
def test_a_way_round_through_a_third_treatment_says_the_same(rows: list[Row]) -> None:
    found = estimates(analyse(rows, "OR"))
    for (a, b), (value, _) in found.items():
        assert found[b, a][0] == pytest.approx(-value, abs=1e-9)
        for c in NAMES:
            if (b, c) in found and (a, c) in found:
                assert value + found[b, c][0] == pytest.approx(found[a, c][0], abs=1e-8)


@settings(max_examples=40, deadline=None)
@given(networks(treatments=3), networks(treatments=3))
def test_what_no_trial_connects_is_never_compared(rows: list[Row], others: list[Row]) -> None:
    apart = [
        EventArm(f"other {r.study}", f"other {r.treatment}", r.events, r.n)
        for r in others
        if isinstance(r, EventArm)
    ]
    found = analyse([*rows, *apart], "OR")
    assert all(a.startswith("other") == b.startswith("other") for a, b in estimates(found))
    alone = estimates(analyse(rows, "OR"))
    assert_near({k: v for k, v in estimates(found).items() if not k[0].startswith("other")}, alone)


@settings(max_examples=30, deadline=None)
@given(networks())
def test_contrasts_given_as_rows_answer_as_the_arms_they_come_from(rows: list[Row]) -> None:
    pairs, _ = contrasts(rows, "OR")
    assert_near(estimates(analyse(pairs, "OR")), estimates(analyse(rows, "OR")))


@settings(max_examples=40, deadline=None)
@given(networks(treatments=4))
def test_p_scores_are_a_share_and_their_mean_is_a_half(rows: list[Row]) -> None:
    for island in analyse(rows, "OR").islands:
        scores = list(island.p_scores.values())
        assert all(0 <= score <= 1 for score in scores)
        assert sum(scores) / len(scores) == pytest.approx(0.5)


@settings(max_examples=30, deadline=None)
@given(networks(treatments=4, least=4))
def test_q_is_parted_without_a_rest_and_within_is_never_more_than_all(rows: list[Row]) -> None:
    for island in analyse(rows, "OR").islands:
        q = island.parted
        assert q.total == pytest.approx(q.within + q.between, abs=1e-6)
        assert q.df == q.df_within + q.df_between


def triangle() -> list[Row]:
    """Three trials of two arms each that go round."""
    return [
        Contrast("A", "ketamine", "saline", 1.0, 0.3),
        Contrast("B", "midazolam", "saline", 0.4, 0.4),
        Contrast("C", "ketamine", "midazolam", 0.2, 0.5),
    ]


def test_direct_and_indirect_evidence_of_a_triangle_are_what_the_sides_say() -> None:
    found = analyse(triangle(), "OR", model="fixed").main
    split = next(
        s
        for s in found.splits
        if {found.found.treatments[s.one], found.found.treatments[s.two]} == {"ketamine", "saline"}
    )
    assert (split.direct, split.direct_se) == pytest.approx((1.0, 0.3))
    assert split.indirect == pytest.approx(0.4 + 0.2)
    assert split.indirect_se**2 == pytest.approx(0.4**2 + 0.5**2)


def test_the_estimate_weighs_direct_and_indirect_by_their_precision() -> None:
    found = estimates(analyse(triangle(), "OR", model="fixed"))["ketamine", "saline"]
    direct, indirect = 1 / 0.3**2, 1 / (0.4**2 + 0.5**2)
    assert found[0] == pytest.approx((direct * 1.0 + indirect * 0.6) / (direct + indirect))
    assert found[1] == pytest.approx((direct + indirect) ** -0.5)


def test_a_study_without_any_event_is_left_out_with_its_reason() -> None:
    rows: list[Row] = [
        EventArm("empty", "ketamine", 0, 20),
        EventArm("empty", "saline", 0, 21),
        EventArm("full", "ketamine", 9, 20),
        EventArm("full", "saline", 3, 20),
    ]
    found = analyse(rows, "OR")
    assert [(d.study, d.reason) for d in found.dropped] == [("empty", "no event in any arm")]
    assert exp(estimates(found)["ketamine", "saline"][0]) == pytest.approx(9 / 11 / (3 / 17))


def test_an_empty_cell_gets_half_an_event_in_every_arm_of_its_study() -> None:
    rows: list[Row] = [EventArm("one", "ketamine", 5, 20), EventArm("one", "saline", 0, 20)]
    (pair,) = contrasts(rows, "OR")[0]
    assert pair.estimate == pytest.approx(log(5.5 / 15.5) - log(0.5 / 20.5))
    assert pair.se**2 == pytest.approx(1 / 5.5 + 1 / 15.5 + 1 / 0.5 + 1 / 20.5)


def test_a_risk_difference_keeps_a_study_without_events() -> None:
    rows: list[Row] = [EventArm("one", "ketamine", 0, 20), EventArm("one", "saline", 0, 30)]
    pairs, dropped = contrasts(rows, "RD")
    assert not dropped
    assert pairs[0].estimate == 0
    assert pairs[0].se > 0


def test_hedges_g_is_smaller_than_the_plain_ratio_by_the_exact_factor() -> None:
    rows: list[Row] = [MeanArm("one", "ketamine", 14.0, 8.0, 10), MeanArm("one", "saline", 22.0, 8.0, 10)]
    (pair,) = contrasts(rows, "SMD")[0]
    assert pair.estimate == pytest.approx(-1.0 * 0.95765, abs=1e-4)


def test_two_arms_of_one_treatment_are_one_group_of_people() -> None:
    rows: list[Row] = [
        MeanArm("one", "ketamine", 10.0, 2.0, 5),
        MeanArm("one", "ketamine", 14.0, 3.0, 7),
        MeanArm("one", "saline", 20.0, 2.0, 9),
    ]
    (pair,) = contrasts(rows, "MD")[0]
    people = [*np.linspace(0, 1, 5), *np.linspace(0, 1, 7)]
    first, second = np.array(people[:5]), np.array(people[5:])
    first = 10 + 2 * (first - first.mean()) / first.std(ddof=1)
    second = 14 + 3 * (second - second.mean()) / second.std(ddof=1)
    both = np.concatenate([first, second])
    assert pair.estimate == pytest.approx(both.mean() - 20)
    assert pair.se**2 == pytest.approx(both.var(ddof=1) / 12 + 4 / 9)


def test_standard_errors_that_no_single_study_can_have_are_refused() -> None:
    rows: list[Row] = [
        Contrast("odd", "a", "b", 0.1, 0.1),
        Contrast("odd", "a", "c", 0.2, 0.1),
        Contrast("odd", "b", "c", 0.1, 0.9),
    ]
    with pytest.raises(BadInput, match="cannot belong to one study"):
        analyse(rows, "OR")


@pytest.mark.parametrize(
    ("columns", "line", "says"),
    [
        ("study,treatment,events,n", "one,ketamine,21,20", "21 events in 20 people"),
        ("study,treatment,events,n", "one,ketamine,-1,20", "whole number from 0"),
        ("study,treatment,events,n", "one,ketamine,x,20", "“x” is not a number"),
        ("study,treatment,events,n", ",ketamine,1,20", "line 2, study: it is empty"),
        ("study,treatment,mean,sd,n", "one,ketamine,1,1,20", "OR cannot be worked out from"),
        ("study,arm,events,n", "one,ketamine,1,20", "Give study,treatment,events,n or"),
        ("study,treatment1,treatment2,estimate,se", "one,a,a,1,1", "compared with itself"),
        ("study,treatment1,treatment2,estimate,se", "one,a,b,1,-0.1", "above 0"),
        ("study,treatment1,treatment2,estimate,se", "one,a,b,inf,1", "not a number"),
    ],
)
def test_a_fault_in_a_table_is_told_with_its_line_and_how_to_mend_it(
    columns: str, line: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says.replace("(", r"\(")):
        read(f"{columns}\n{line}\n", "OR", "trials.csv")


def test_a_study_of_three_arms_must_give_its_three_contrasts() -> None:
    rows: list[Row] = [Contrast("one", "a", b, 1.0, 1.0) for b in "bc"]
    with pytest.raises(BadInput, match="2 of the 3 pairs"):
        analyse(rows, "OR")


def test_every_pair_of_a_trial_is_a_contrast() -> None:
    rows: list[Row] = [EventArm("one", name, 4, 20) for name in NAMES]
    assert {(p.first, p.second) for p in contrasts(rows, "RR")[0]} == set(combinations(NAMES, 2))
