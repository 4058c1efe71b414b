"""The plain system at full speed says what the matrix exponential says, and sums to the same bits on any threads."""

import itertools

import numpy as np
import pytest
from scipy.linalg import expm

from lowtide.science.pharmacology import plain, summary
from lowtide.science.pharmacology.lanes import BINS

TYPICAL = np.array([80.0, 20, 150, 40, 70, 160, 1.5, 60, 150, 40, 100, 7])
TIMES = np.array([0.1, 0.5, 1.0, 2.5, 6.0, 24.0])
RUNS, BOLUS, ORAL = [(0.0, 0.5, 20.0), (1.0, 2.0, 30.0)], ((0.0, 10.0),), ((2.0, 100.0),)
STEPS = plain.program(TIMES, RUNS, BOLUS, ORAL, bands_h=TIMES[1:3])


def people(members: int, log_sd: float = 0.3) -> np.ndarray:
    z = np.random.default_rng(20260101).standard_normal((members, 12))
    return np.ascontiguousarray((TYPICAL * np.exp(log_sd * z)).T)


def levels(members: np.ndarray) -> np.ndarray:
    found = np.zeros((4, len(TIMES), members.shape[1]))
    plain.follow(members, STEPS, np.zeros((0, 0)), np.zeros((0, 0, 0), np.int64), found)
    return found


def equations(p: np.ndarray) -> np.ndarray:
    cl, v1, q2, v2, q3, v3, ka, cln, vn, clh, vh, ke0 = p
    return np.array(
        [
            [-ka, 0, 0, 0, 0, 0, 0, 0],
            [ka, -(cl + q2 + q3) / v1, q2 / v2, q3 / v3, 0, 0, 0, 1],
            [0, q2 / v1, -q2 / v2, 0, 0, 0, 0, 0],
            [0, q3 / v1, 0, -q3 / v3, 0, 0, 0, 0],
            [0, 0.8 * cl / v1, 0, 0, -cln / vn, 0, 0, 0],
            [0, 0, 0, 0, 0.5 * cln / vn, -clh / vh, 0, 0],
            [0, ke0 / v1, 0, 0, 0, 0, -ke0, 0],
            [0, 0, 0, 0, 0, 0, 0, 0],
        ]
    )


def solved(p: np.ndarray) -> np.ndarray:
    edges = np.unique([0.0, 2.0, *TIMES, *(m for run in RUNS for m in run[:2])])
    x, found = np.zeros(8), {}
    x[1] = BOLUS[0][1]
    for begin, end in itertools.pairwise(edges):
        x[0] += 0.2 * ORAL[0][1] * (begin == ORAL[0][0])
        x[7] = sum(rate for b, e, rate in RUNS if b <= begin < e)
        x = expm(equations(p) * (end - begin)) @ x
        found[end] = np.array([x[1] / p[1], x[4] / p[8], x[5] / p[10], x[6]])
    return np.stack([found[t] for t in TIMES], 1)


def off(members: np.ndarray) -> float:
    expected = np.stack([solved(p) for p in members.T], 2)
    return float((np.abs(levels(members) - expected) / expected.max(1, keepdims=True)).max())


def test_levels_agree_with_the_matrix_exponential() -> None:
    assert off(people(200)) < 1e-10


@pytest.mark.parametrize("gap", [0.0, 1e-12, 1e-9, 1e-6, 1e-4, 1e-2])
def test_three_close_modes_cost_no_accuracy(gap: float) -> None:
    members = people(3)
    members[6] = members[7] / members[8] * (1 + gap)
    members[11] = members[7] / members[8] * (1 - gap)
    assert off(members) < 1e-10


def test_the_person_without_variability_is_followed() -> None:
    """Her two metabolites leave equally fast."""
    assert off(people(1, log_sd=0.0)) < 1e-10


def test_one_thread_and_three_give_the_same_bits() -> None:
    one, three = (
        plain.summed(TYPICAL, 0.3, 9000, 4, STEPS, len(TIMES), 2, slope=1.5, threads=n) for n in (1, 3)
    )
    assert np.array_equal(one.sums, three.sums)
    assert np.array_equal(one.counts, three.counts)


def test_quantiles_lie_within_the_stated_error_of_the_exact_ones() -> None:
    members, counts = people(20_000), np.zeros((2, 4, BINS), np.int64)
    plain.follow(members, STEPS, np.zeros((0, 0)), counts)
    found = plain.Summed(20_000, np.zeros((6, 0)), counts, 0).quantiles()
    exact = np.quantile(levels(members)[:, 1:3], (0.05, 0.25, 0.5, 0.75, 0.95), axis=2, method="inverted_cdf")
    assert found == pytest.approx(exact.transpose(0, 2, 1), rel=summary.BIN_ERROR)


def test_the_filters_follow_a_straight_line_exactly() -> None:
    kp, km, dt = 0.7, 0.2, 1.3
    a = np.array([[-kp, 0, kp, 0], [km, -km, 0, 0], [0, 0, 0, 1 / dt], [0, 0, 0, 0]])
    first, second, before, now = 0.3, 0.1, 0.5, 0.9
    x = expm(a * dt) @ np.array([first, second, before, now - before])
    p0, p1, p2, m0, m1, m2, m3 = plain._held(dt, kp, km)
    assert p0 * first + p1 * before + p2 * now == pytest.approx(x[0], rel=1e-12)
    assert m0 * second + m1 * first + m2 * before + m3 * now == pytest.approx(x[1], rel=1e-12)
