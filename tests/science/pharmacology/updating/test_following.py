"""A session followed reading by reading: what the band does as readings arrive."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.pathway.plan.simulating import person, tables
from lowtide.science.pharmacology.regimen import Dose, in_order
from lowtide.science.pharmacology.simulate import Question, planned
from lowtide.science.pharmacology.updating import following, update
from lowtide.science.pharmacology.updating.observations import Observation, Reading, readings
from lowtide.science.pharmacology.updating.panel import Baseline

TIMES_H = np.arange(0, 125, 5) / 60
REST = Baseline(128.0, 6.0)
AT_40 = 8


@cache
def followed(route: str = "iv") -> following.Followed:
    esketamine = [Dose(0.0, "esketamine", "in", 28.0), Dose(5 / 60, "esketamine", "in", 28.0)]
    doses = [Dose(0.0, "ketamine", "iv", 36.5, 40.0)] if route == "iv" else esketamine
    found = in_order(doses, tables().routes)
    return following.follow(found, person(73, age=45, sex="F"), tables(), TIMES_H, 2000, 1)


def read(*rows: tuple[float, str, float]) -> tuple[Reading, ...]:
    given = [Observation(at_h=minute / 60, kind=kind, value=value) for minute, kind, value in rows]
    return tuple(readings(given, "at the chair", tables().ensemble.constants, ("s", "r"))) if rows else ()


def weighed(*rows: tuple[float, str, float], rest: Baseline | None = REST) -> following.Weighed:
    return following.weigh(followed(), rest, read(*rows), TIMES_H, tables(), 15)


def test_a_high_pressure_lifts_the_band_and_narrows_it() -> None:
    before, after = weighed().bands["sbp"][AT_40], weighed((20, "sbp", 155)).bands["sbp"][AT_40]
    assert after["median"] > before["median"] + 5
    assert after["p95"] - after["p5"] < before["p95"] - before["p5"]


def test_a_high_score_lifts_the_band_of_the_scores() -> None:
    strong = weighed((10, "high", 9), (20, "high", 9), (30, "high", 10))
    assert strong.bands["high"][AT_40]["median"] > weighed().bands["high"][AT_40]["median"]


def test_without_a_pressure_at_rest_nothing_is_said_of_pressures() -> None:
    found = weighed((20, "sbp", 150), (20, "high", 4), rest=None)
    assert set(found.bands) == {"high"}
    assert [said.reading.kind for said in found.said] == ["high"]


def test_a_reading_is_held_against_the_band_of_those_before_it() -> None:
    calm, leap = weighed((10, "sbp", 134), (20, "sbp", 190)).said
    assert not calm.outside
    assert leap.outside
    assert leap.high < 190


def test_a_slip_of_the_pen_leaves_the_band_where_it_was() -> None:
    slip, without = weighed((10, "sbp", 134), (20, "sbp", 43)), weighed((10, "sbp", 134))
    assert slip.bands["sbp"][AT_40]["median"] == pytest.approx(without.bands["sbp"][AT_40]["median"], abs=1)


def test_readings_that_nobody_fits_are_worth_few_members() -> None:
    wild = [(float(minute), "sbp", value) for minute, value in ((5, 190), (10, 110), (15, 185), (20, 115))]
    assert weighed(*wild).ess < weighed((5, "sbp", 130), (10, "sbp", 133)).ess


def test_the_band_agrees_with_the_whole_update_of_the_ensemble() -> None:
    rows = ((10, "sbp", 141), (20, "sbp", 148), (20, "high", 5))
    person_of, doses = person(73, age=45, sex="F"), (Dose(0.0, "ketamine", "iv", 36.5, 40.0),)
    question = Question(doses=doses, person=person_of, at_h=(40 / 60,), until_h=2.0, members=2000, seed=1)
    whole = update.update(question, list(read(*rows)), tables(), {"sbp": 128.0})
    rise = whole.posterior.effects["sbp_rise_mmhg"].at[0].value
    quick = weighed(*rows).bands["sbp"][AT_40]["median"]
    low, high = (getattr(rise, name) + 128 for name in ("p25", "p75"))
    assert low - 6 < quick < high + 6
    assert set(followed().models) <= set(planned(question, tables()).weights)


def test_devices_by_nose_have_a_band_of_their_own() -> None:
    found = following.weigh(followed("in"), REST, (), TIMES_H, tables(), 15)
    assert found.bands["sbp"][AT_40]["p95"] > REST.value


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(1, 110), st.sampled_from(["sbp", "high"]), st.floats(0, 1)).map(
            lambda row: (row[0], row[1], 70 + 140 * row[2] if row[1] == "sbp" else round(10 * row[2]))
        ),
        max_size=5,
    )
)
def test_every_band_is_in_order_and_within_its_scale(rows: list[tuple[float, str, float]]) -> None:
    found = weighed(*rows)
    assert 1 <= found.ess <= 2000 * (1 + 1e-9)
    for kind, (low, high) in (("sbp", (40, 300)), ("high", (0, 10))):
        for row in found.bands[kind]:
            values = [row[name] for name in ("p5", "p25", "median", "p75", "p95")]
            assert values == sorted(values)
            assert low <= values[0] <= values[-1] <= high


@settings(max_examples=8, deadline=None)
@given(
    st.permutations([(10.0, "sbp", 138.0), (20.0, "sbp", 150.0), (20.0, "high", 4.0), (35.0, "sbp", 146.0)])
)
def test_the_order_in_which_readings_are_handed_in_does_not_matter(
    rows: list[tuple[float, str, float]],
) -> None:
    assert weighed(*rows).bands["sbp"][AT_40]["median"] == pytest.approx(
        weighed(*sorted(rows)).bands["sbp"][AT_40]["median"]
    )
