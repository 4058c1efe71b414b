"""The answer of mood and pain: what the drug does and what comes without it are kept apart, and each obeys its laws."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data.pharmacology import response
from lowtide.pathway.plan.simulating import tables
from lowtide.problems import BadInput
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.response.exposure import sessions
from lowtide.science.pharmacology.response.model import (
    Members,
    Session,
    in_single,
    members,
    noisy,
    parts,
    scores,
)
from lowtide.science.pharmacology.response.months import brought, knots, names, walked
from lowtide.science.pharmacology.response.outlook import Cuts, effective, outlook, quantiles, weights

DRAWS = Draws(400, 7, 0)
DAYS = np.array([-1.0, 0.0, 0.1, 1.0, 3.0, 7.0, 14.0, 28.0, 90.0])
MADRS = Cuts(remission=10, relapse=22, top=60)


def people(condition: str = "trd", **more: str) -> Members:
    return members(response(), response().conditions[condition], DRAWS, **more)


def single(exposure: float = 300.0) -> tuple[Session, ...]:
    return (Session(0.0, exposure),)


@pytest.mark.parametrize("condition", response().conditions)
def test_nothing_happens_before_the_first_session(condition: str) -> None:
    found = parts(people(condition), single(), DAYS)
    assert np.all(found.whole[:, DAYS < 0] == 0)
    assert np.all(found.drug[:, DAYS == 0][:, 0] == 0) or condition in (
        "crps",
        "neuropathic",
        "fibromyalgia",
        "chronic_pain",
    )


def test_a_placebo_has_expectancy_and_no_drug() -> None:
    found = parts(people(), single(0.0), DAYS)
    assert np.all(found.drug == 0)
    assert found.expectancy[:, 3].mean() > 0.05


def test_the_drug_part_does_not_know_what_was_expected() -> None:
    blinded, open_ = people(setting="blinded"), people(setting="open")
    assert np.array_equal(parts(blinded, single(), DAYS).drug, parts(open_, single(), DAYS).drug)
    assert (
        parts(open_, single(), DAYS).expectancy[:, 3].mean()
        > parts(blinded, single(), DAYS).expectancy[:, 3].mean()
    )


def test_relief_comes_within_hours_and_wanes_over_days() -> None:
    drug = parts(people(), single(), DAYS).drug.mean(0)
    at = dict(zip(DAYS, drug, strict=True))
    assert at[0.1] > 0.5 * at[1.0] > 0
    assert at[1.0] > at[7.0] > at[14.0] > at[28.0] > at[90.0] >= 0


def test_a_larger_exposure_does_more_and_lasts_longer() -> None:
    low, high = (parts(people(), single(x), DAYS).drug.mean(0) for x in (60.0, 600.0))
    day = {d: i for i, d in enumerate(DAYS)}
    assert high[day[1.0]] > low[day[1.0]]
    assert high[day[14.0]] / high[day[1.0]] > low[day[14.0]] / low[day[1.0]]


def test_each_further_session_adds_less() -> None:
    course = tuple(Session(3.0 * k, 300.0) for k in range(6))
    held = [parts(people(), course[: k + 1], np.array([3.0 * k + 0.5])).drug.mean() for k in range(6)]
    before = [parts(people(), course[:k], np.array([3.0 * k])).drug.mean() if k else 0.0 for k in range(6)]
    added = np.subtract(held, before)
    assert np.all(np.diff(added) < 0)
    assert np.all(added > 0)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0, 60), min_size=1, max_size=6, unique=True),
    st.floats(0, 3000),
    st.sampled_from(sorted(response().conditions)),
)
def test_the_drug_never_takes_more_than_there_is(days: list[float], exposure: float, condition: str) -> None:
    course = tuple(Session(day, exposure) for day in sorted(days))
    found = people(condition)
    drug = parts(found, course, DAYS).drug
    assert np.all(drug >= 0)
    assert np.all(drug <= found.emax[:, None] + 1e-12)
    assert np.all(scores(found, course, DAYS, 33.0) >= 0)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.5, 40), st.floats(1, 1000))
def test_a_course_moved_in_time_is_the_same_course(shift: float, exposure: float) -> None:
    found = people("crps")
    here = parts(found, (Session(0.0, exposure, 2.0),), DAYS).drug
    there = parts(found, (Session(shift, exposure, 2.0),), DAYS + shift).drug
    assert here == pytest.approx(there, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 12), st.integers(1, 12), st.floats(0, 200))
def test_months_bring_as_much_in_any_stretch_of_the_same_length_and_ever_less_more(
    start: int, steps: int, last: float
) -> None:
    """As the law of a walk that forgets has it, at its knots; nothing on day 0."""
    at, numbers = knots(response(), 900.0, last), response().drift
    moved = walked(response(), at, np.eye(len(at)))
    assert np.all(moved[0] == 0)
    start = min(start, len(at) - 1 - steps)
    left = np.exp(-(at[start + steps] - at[start]) / numbers["forgets_d"].value)
    found = ((moved[start + steps] - moved[start]) ** 2).sum()
    assert found == pytest.approx(2 * numbers["size"].value ** 2 * (1 - left))


def test_the_last_score_is_a_knot_and_months_stay_where_they_are_beyond_the_last_one() -> None:
    for last in (0.0, 0.04, 1.0, 28.0, 30.0, 341.5):
        at = knots(response(), 400.0, last)
        assert at[0] == 0
        assert last in at
        assert np.all(np.diff(at) > 0)
        assert at[-1] >= 400
        moved = walked(response(), at, np.random.default_rng(1).standard_normal((len(at), 3)))
        assert np.allclose(brought(at, moved, at), moved)
        assert np.array_equal(brought(at, moved, np.array([at[-1] + 90])), moved[-1:])
    assert len(set(names(40))) == 40


def test_the_compiled_course_is_the_sum_of_what_is_left_of_each_session() -> None:
    """Sessions of different size, members of different exposure, days in any order; by the formula, one by one."""
    found, rng = people(), np.random.default_rng(5)
    starts, days = np.sort(rng.uniform(0, 200, 30)), rng.uniform(-5, 300, 40)
    areas = rng.uniform(0, 900, (30, 400))
    course = tuple(Session(float(day), area) for day, area in zip(starts, areas, strict=True))
    mood, reference = response().mood, response().exposure["reference_ng_h_ml"].value

    def since(one: int, moments: np.ndarray) -> np.ndarray:
        return np.maximum(moments[None, :] - starts[one], 0.0)

    def left(one: int, moments: np.ndarray) -> np.ndarray:
        lasting = (areas[one] / reference) ** mood["durability_exponent"].value
        lasting = lasting * mood["durability_per_session"].value ** one
        offset = found.offset_d * np.clip(lasting, 1e-3, mood["durability_most"].value)
        return np.asarray(np.exp2(-((since(one, moments) / offset[:, None]) ** mood["offset_shape"].value)))

    def come(one: int, moments: np.ndarray) -> np.ndarray:
        return np.asarray(-np.expm1(-np.log(2) * since(one, moments) / found.onset_d[:, None]))

    added: list[np.ndarray] = []
    for one in range(30):
        held = sum(added[k][:, None] * left(k, starts[one : one + 1]) for k in range(one))
        share = areas[one] / (areas[one] + found.half)
        share = share * np.maximum(found.tolerance**one, mood["tolerance_floor"].value)
        added.append(share * (1 - np.reshape(held, -1)))
    total = sum(added[k][:, None] * left(k, days) * come(k, days) for k in range(30))
    assert np.abs(parts(found, course, days).drug - found.emax[:, None] * total).max() < 2e-6


def test_single_precision_moves_no_score_by_a_thousandth_of_a_point() -> None:
    for condition in ("trd", "crps"):
        found, course = people(condition), tuple(Session(7.0 * k, 300.0) for k in range(20))
        days = np.arange(200.0)
        apart = scores(in_single(found), course, days, 60.0) - scores(found, course, days, 60.0)
        assert np.abs(apart).max() < 1e-3


def test_pain_of_many_sessions_is_the_sum_of_what_each_has_brought() -> None:
    found, days = people("crps"), np.array([40.0, 0.5, 3.0, 9.0, 2.0, -1.0])
    course = (Session(0.0, 900.0), Session(2.0, 4000.0, 5.0), Session(3.0, 700.0), Session(4.0, 3000.0, 4.2))

    def site(*some: Session) -> np.ndarray:
        drug = parts(found, some, days).drug
        return np.asarray(drug * found.half[:, None] / np.where(drug > 0, found.emax[:, None] - drug, 1.0))

    assert np.allclose(site(*course), sum(site(one) for one in course))


def test_pain_rises_and_falls_with_its_own_slow_half_life() -> None:
    """doi:10.1016/j.ejpain.2010.06.016: 10.9 days; relief outlives the plasma level by weeks."""
    slow = response().pain["slow_d"].value
    typical = members(response(), response().conditions["crps"], Draws(1, 1, 0, typical=True))
    days = np.array([4.2, 4.2 + slow, 4.2 + 2 * slow])
    drug = parts(typical, (Session(0.0, 12_000.0, 4.2),), days).drug[0]
    site = drug / (typical.emax[0] - drug)  # level over C50
    assert site[1] / site[0] == pytest.approx(0.5, rel=1e-6)
    assert site[2] / site[1] == pytest.approx(0.5, rel=1e-6)


def test_the_noise_of_a_score_stays_on_the_scale() -> None:
    found = people()
    readings = noisy(scores(found, single(), DAYS, 33.0), 33.0, found, DRAWS.seed, 60)
    assert readings.min() >= 0
    assert readings.max() <= 60
    assert len(np.unique(readings[:, 3])) > 300


def test_probabilities_and_bands_belong_together() -> None:
    found = people()
    readings = noisy(scores(found, single(), DAYS, 33.0), 33.0, found, DRAWS.seed, 60)
    for day in outlook(readings, DAYS, 33.0, MADRS):
        assert day.p5 <= day.p25 <= day.median <= day.p75 <= day.p95
        assert 0 <= day.p_response <= 1
        assert day.p_remission is not None
        assert day.p_remission <= day.p_response + 1e-12  # 10 of 33 is below half
    with_cut = [day.p_relapse for day in outlook(readings, DAYS, 33.0, MADRS) if day.p_relapse is not None]
    assert len(with_cut) > 3


def test_good_scores_draw_the_outlook_down_and_bad_ones_up() -> None:
    found = people()
    course = scores(found, single(), DAYS, 33.0)
    means = [
        float((weights(found, single(), 33.0, seen) @ course)[5])
        for seen in (((1.0, 8.0),), (), ((1.0, 34.0),))
    ]
    assert means[0] < means[1] < means[2]
    assert 1 <= effective(weights(found, single(), 33.0, ((1.0, 8.0),))) < len(found.emax)


def test_weighted_quantiles_of_equal_weights_are_the_plain_ones() -> None:
    values = np.arange(101.0)
    assert quantiles(values, np.full(101, 1 / 101), [0.05, 0.5]) == pytest.approx([4.55, 50.0])


def test_an_unknown_setting_is_refused_with_the_choices() -> None:
    with pytest.raises(BadInput, match="blinded, open, real_world"):
        people(setting="blind")


def test_exposure_goes_with_the_dose_and_counts_every_device() -> None:
    def exposure(*doses: Dose) -> np.ndarray:
        return np.asarray(sessions(doses, Person(70), tables(), response(), 200, 1)[0].exposure_ng_h_ml)

    small, large = (exposure(Dose(0, "ketamine", "iv", mg, 40)) for mg in (17.5, 35.0))
    assert large == pytest.approx(2 * small)
    one = exposure(Dose(0, "esketamine", "in", 28))
    two = exposure(Dose(0, "esketamine", "in", 28), Dose(5 / 60, "esketamine", "in", 28, 0, True))
    assert np.all(two > 1.3 * one)


def test_the_reference_exposure_is_what_the_ensemble_says_of_the_reference_dose() -> None:
    found = sessions((Dose(0, "ketamine", "iv", 35, 40),), Person(70), tables(), response(), 1000, 1)[0]
    assert np.median(found.exposure_ng_h_ml) == pytest.approx(
        response().exposure["reference_ng_h_ml"].value, rel=0.1
    )


def test_dissociation_is_no_part_of_the_answer() -> None:
    assert not {name for name in Members.__struct_fields__ if "cadss" in name or "dissociation" in name}
    assert "cadss" not in msgspec.json.encode(response()).decode()
