"""Ten thousand updated members say what a dense grid says (the long run: tests/benchmarks/update_accuracy.py)."""

import pytest

from tests.science.pharmacology.updating.problems import PROBLEMS, misses, reference, updated


@pytest.mark.parametrize(("seed", "name"), list(enumerate(PROBLEMS)))
def test_means_and_tails_are_those_of_a_dense_grid(name: str, seed: int) -> None:
    found, _ = updated(PROBLEMS[name], seed)
    mean, tail = misses(found, reference(PROBLEMS[name]))
    assert mean <= 0.1
    assert tail <= 0.25


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_problems_are_such_that_weights_alone_would_waste_members(name: str) -> None:
    _, outcome = updated(PROBLEMS[name], 1, members=1000)
    assert outcome.plain_ess < 500
    assert outcome.tempered
    assert outcome.ess > 700
