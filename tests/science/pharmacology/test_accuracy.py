"""Levels agree with an independent solver to 1e-10 of their peak, wherever the poles lie."""

import numpy as np
import pytest

from lowtide.science.pharmacology import kernel, matrix, structure
from lowtide.science.pharmacology.ensemble import travelled
from lowtide.science.pharmacology.structure import Channel
from tests.science.pharmacology import people
from tests.science.pharmacology.oracle import equations, solved

TIMES = np.array([0.0, 0.02, 0.7, 1.0, 1.3, 3.0, 8.0])
GAPS = [10.0**-n for n in range(2, 13)]


def expected(system: structure.System, inputs: people.Inputs, times_h: np.ndarray) -> np.ndarray:
    members = range(system.members)
    found = [equations(system.parameters, system.shape, system.channels, m) for m in members]
    return np.stack([solved(found[m], inputs, times_h, m) for m in members])


def worst(system: structure.System, inputs: people.Inputs, times_h: np.ndarray) -> float:
    return people.off(travelled(system, inputs, times_h)[0], expected(system, inputs, times_h))


@pytest.mark.parametrize("shape", people.SHAPES)
def test_a_thousand_random_regimens_agree_with_the_matrix_exponential(shape: str) -> None:
    rng = np.random.default_rng(list(people.SHAPES).index(shape))
    for _ in range(10):
        channels = people.ways(rng, shape, 25)
        system = people.system(people.drawn(rng, shape, 25), shape, channels)
        times = np.sort(np.concatenate([[0.0], rng.uniform(0, 12, 4)]))
        assert worst(system, people.regimen(rng, channels, 25, 10.0), times) < 1e-10


@pytest.mark.parametrize("close", ["ke0_mind", "mtt_nk", "ka", "ke0_mind and mtt_nk"])
def test_a_mode_beside_others_at_any_distance_costs_no_accuracy(close: str) -> None:
    rng = np.random.default_rng(7)
    p = {n: np.repeat(v, len(GAPS)) for n, v in people.drawn(rng, "liver", 1).items()}
    channels = (Channel("centre"), Channel("centre", np.full(len(GAPS), 3.0)))
    other = people.system(p, "liver", channels).poles[:, 1]
    beside = other * (1 + np.array(GAPS))
    if "ke0_mind" in close:
        p["ke0_mind"] = beside
    if "mtt_nk" in close:
        p["mtt_nk"] = 2 / (other * (1 - np.array(GAPS)))
    if close == "ka":
        channels = (Channel("centre"), Channel("centre", beside))
    system = people.system(p, "liver", channels)
    assert worst(system, people.regimen(rng, channels, len(GAPS), 6.0), TIMES) < 1e-10


def test_coinciding_modes_are_left_to_the_matrix() -> None:
    rng = np.random.default_rng(7)
    p = people.drawn(rng, "liver", 1)
    p["ke0_mind"] = people.system(p, "liver", (Channel("centre"),)).poles[:, 1]
    system = people.system(p, "liver", (Channel("centre"),))
    assert system.error[0] > structure.CANCELLATION_LIMIT


def test_the_closed_form_serves_nearly_everybody() -> None:
    rng = np.random.default_rng(3)
    system = people.system(people.drawn(rng, "liver", 4000), "liver", (Channel("centre"),))
    assert (system.error > structure.CANCELLATION_LIMIT).mean() < 0.15


def test_the_matrix_exponential_is_exact_over_many_decades() -> None:
    a = np.array([[-200.0, 0.0, 0.0], [200.0, -1.0, 0.0], [0.0, 1.0, -1e-3]])
    values = np.exp(np.diag(a) * 5.0)
    assert np.diag(matrix.exponential(a, 5.0)) == pytest.approx(values, rel=1e-11, abs=1e-25)


def test_poles_lie_between_the_neighbours_rates() -> None:
    rng = np.random.default_rng(5)
    d, c = rng.uniform(0.1, 9, (500, 3)), rng.uniform(0.1, 9, (500, 3))
    a = (c / d).sum(1) + rng.uniform(0.1, 9, 500)
    poles = kernel.arrow_poles(a, d, c)
    assert poles.sum(1) == pytest.approx(a + d.sum(1), rel=1e-13)
