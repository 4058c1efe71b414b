"""Conditioning on problems whose answer is known in closed form: normal means seen through normal errors."""

import numpy as np
import pytest

from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.updating.tempering import Likelihood, Part, condition, part

MEMBERS = 4000


def seen(*pairs: tuple[float, float]) -> Likelihood:
    """A stage each: the first normal read as `value` with error `sd`, normalised so that evidence can be compared."""

    def logs(normals: Array) -> Array:
        return np.column_stack(
            [-0.5 * ((normals[:, 0] - value) / sd) ** 2 - np.log(sd) for value, sd in pairs]
        )

    return logs


def silent(normals: Array) -> Array:
    return np.zeros((len(normals), 1))


def members(share: float, likelihood: Likelihood, *speaks: bool, d: int = 2) -> Part:
    normals = np.random.default_rng(3).standard_normal((int(share * MEMBERS), d))
    return part(normals, likelihood, speaks or (True,))


def test_a_mild_reading_is_met_by_weights_alone() -> None:
    only = members(1, seen((0.5, 1.5)))
    outcome = condition([only], 1)
    assert not outcome.tempered
    assert outcome.ess == outcome.plain_ess
    assert only.normals[:, 0].mean() == pytest.approx(0.5 / (1 + 1.5**2), abs=0.06)


def test_a_reading_far_outside_is_reached_in_tempered_steps() -> None:
    only = members(1, seen((6.0, 0.5)))
    outcome = condition([only], 1)
    assert outcome.tempered
    assert outcome.plain_ess < 5
    assert outcome.ess > 0.9 * MEMBERS
    assert only.normals[:, 0].mean() == pytest.approx(6 / 1.25, abs=0.04)
    assert only.normals[:, 0].std() == pytest.approx((0.25 / 1.25) ** 0.5, rel=0.05)


def test_what_was_not_observed_stays_as_it_was() -> None:
    only = members(1, seen((6.0, 0.5)))
    condition([only], 1)
    assert only.normals[:, 1].mean() == pytest.approx(0, abs=0.08)
    assert only.normals[:, 1].std() == pytest.approx(1, abs=0.06)


def test_models_share_the_members_by_their_evidence() -> None:
    near, far = members(0.5, seen((0.0, 0.5))), members(0.5, seen((2.0, 0.5)))
    condition([near, far], 1)
    spread = 1 + 0.5**2
    expected = 1 / (1 + np.exp(-0.5 * 2.0**2 / spread))
    assert near.members / MEMBERS == pytest.approx(expected, abs=0.03)


def test_a_silent_model_is_not_punished() -> None:
    speaking, other = members(0.7, seen((5.0, 0.3))), members(0.3, silent, False)
    before = other.normals.copy()
    condition([speaking, other], 1)
    assert other.members == pytest.approx(0.3 * MEMBERS, abs=1)
    assert other.normals[:, 0].mean() == pytest.approx(before[:, 0].mean(), abs=0.01)
    assert speaking.normals[:, 0].mean() == pytest.approx(5 / 1.09, abs=0.05)


def test_a_model_that_is_silent_at_one_stage_is_judged_at_the_other() -> None:
    """Two models read the first stage alike well; only one speaks at the second and keeps its share whatever it says."""
    both = members(0.5, seen((0.0, 1.0), (4.0, 0.5)), True, True)
    first = members(0.5, seen((0.0, 1.0), (0.0, 1e9)), True, False)
    condition([both, first], 1)
    assert both.members / MEMBERS == pytest.approx(0.5, abs=0.02)


def test_the_same_seed_gives_the_same_members() -> None:
    one, two = members(1, seen((3.0, 0.4))), members(1, seen((3.0, 0.4)))
    condition([one], 5)
    condition([two], 5)
    assert np.array_equal(one.normals, two.normals)


def test_two_places_that_fit_are_both_kept() -> None:
    def either(normals: Array) -> Array:
        return np.logaddexp(
            -0.5 * ((normals[:, :1] - 2) / 0.2) ** 2, -0.5 * ((normals[:, :1] + 2) / 0.2) ** 2
        )

    only = members(1, either)
    condition([only], 1)
    assert (only.normals[:, 0] > 0).mean() == pytest.approx(0.5, abs=0.05)


def test_members_without_anything_to_learn_are_carried_along() -> None:
    speaking, bare = members(0.9, seen((3.0, 0.3))), members(0.1, silent, False, d=0)
    condition([speaking, bare], 1)
    assert bare.normals.shape == (400, 0)
