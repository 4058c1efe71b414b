"""A virtual trial: what is not known, what sets trials apart and who is recruited each have their part in the band."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data.designs import areas
from lowtide.data.designs import worlds as rows
from lowtide.data.pharmacology import response
from lowtide.science.pharmacology.response.model import bent, fall, sum_of
from lowtide.science.pharmacology.response.trial import Arm, Asked, populations, trial
from lowtide.science.pharmacology.response.worlds import Worlds, crowd, of_rows

WORLDS = of_rows(rows()[:40])
KETAMINE = Arm("k", (0.0,), "ketamine", "iv", 35.0)
PLACEBO = Arm("p", (0.0,), control="placebo")


def asked(n: int = 50, setting: str = "blinded") -> Asked:
    condition = response().conditions["trd"]
    return Asked(condition, (33.0, 5.0), 60.0, 10.0, (1.0, 7.0), setting, None, n)


def told(n: int, *arms: Arm, worlds: Worlds = WORLDS) -> list[float]:
    found = trial(asked(n), arms, response(), areas(), worlds, people=64, draws=20, seed=3)
    return [times[0].response.p95 - times[0].response.p5 for times in found]


def test_the_band_of_one_known_truth_is_chance_alone() -> None:
    one = {path: column[:1].repeat(40) for path, column in WORLDS.columns.items()}
    known = Worlds({**one, **{p: np.zeros(40) for p in one if p.startswith("between.")}})
    p = populations(asked(), KETAMINE, response(), areas(), known, 64, 3).response[:, 0].mean()
    expected = 2 * 1.645 * (p * (1 - p) / 20) ** 0.5
    assert told(20, KETAMINE, worlds=known)[0] == pytest.approx(expected, rel=0.35)


def test_more_people_leave_what_is_not_known() -> None:
    few, many, most = (told(n, KETAMINE)[0] for n in (10, 1000, 1_000_000))
    assert few > many
    assert most == pytest.approx(many, rel=0.2)


def test_every_fitted_world_has_a_drug_that_works_and_people_who_differ() -> None:
    for row in rows():
        assert row["mood.emax"] > 0
        assert row["people.spread"] > 0
        assert row["between.background"] > 0


def test_a_trials_own_part_moves_drug_and_control_together() -> None:
    own = WORLDS.trials(5, response().tails["freedom"].value)
    drug, control = (populations(asked(), a, response(), areas(), own, 64, 3) for a in (KETAMINE, PLACEBO))
    assert np.corrcoef(drug.change_mean[:, 0], control.change_mean[:, 0])[0, 1] > 0.3


def test_people_of_a_world_cover_how_people_differ_evenly() -> None:
    of = crowd(WORLDS, 64, 1)
    for normals in of.normals.values():
        assert abs(of.split(np.asarray(normals)).mean(1)).max() < 0.4
        assert abs(np.asarray(normals).mean()) < 0.03


@settings(max_examples=60, deadline=None)
@given(st.floats(-9, 3), st.floats(0.001, 1))
def test_a_larger_sum_of_parts_is_a_larger_fall_and_worse_has_no_end_of_its_own(
    whole: float, more: float
) -> None:
    scale = response().scale
    here, there = (float(fall(response(), np.array(x))) for x in (whole, whole + more))
    assert here < there <= scale["best"].value
    if whole + more < -1:
        assert there - here == pytest.approx(scale["least"].value * more)


@settings(max_examples=60, deadline=None)
@given(st.floats(-9, 1.5))
def test_steepness_and_the_way_back_are_those_of_the_curve(whole: float) -> None:
    fallen, step = fall(response(), np.array(whole)), 1e-5
    assert float(sum_of(response(), fallen)) == pytest.approx(whole, abs=1e-6) or fallen > 0.96
    ahead = fall(response(), np.array(whole + step))
    assert float(bent(response(), fallen)[0]) == pytest.approx(float(ahead - fallen) / step, abs=1e-3)


def test_no_part_is_no_fall() -> None:
    assert float(fall(response(), np.array(0.0))) == pytest.approx(0.0)
