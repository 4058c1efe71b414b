"""What holds for every member and every regimen: mass balance, linearity, superposition, time shift, resuming."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology import kernel, matrix
from lowtide.science.pharmacology.ensemble import Plan, for_ever, run, travelled, typical
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, Inputs
from lowtide.science.pharmacology.simulate import Question, simulate
from lowtide.science.pharmacology.structure import State, System
from tests.science.pharmacology import people

MEMBERS = 3
TIMES = np.array([0.0, 0.3, 1.0, 1.5, 2.0, 3.25, 6.0])
seeds = st.integers(0, 2**32 - 1)
law = settings(max_examples=40, deadline=None)


class Case(msgspec.Struct):
    """Random members of a random shape; the last one has two coinciding modes and goes by matrices."""

    system: System
    inputs: Inputs
    rng: np.random.Generator


@st.composite
def cases(draw: Any) -> Case:
    shape, rng = draw(st.sampled_from(list(people.SHAPES))), np.random.default_rng(draw(seeds))
    p = people.drawn(rng, shape, MEMBERS)
    channels = people.ways(rng, shape, MEMBERS)
    p["mtt_hnk" if "mtt_hnk" in p else "v2_nk"][-1] = 0.4
    beside = people.system(p, shape, channels).poles[-1, 1]
    if "ke0_mind" in p:
        p["ke0_mind"][-1] = beside
    return Case(people.system(p, shape, channels), people.regimen(rng, channels, MEMBERS, 5.0), rng)


def follow(case: Case, inputs: Inputs, times: np.ndarray = TIMES, state: State | None = None) -> np.ndarray:
    return travelled(case.system, inputs, times, state)[0]


def times_as_much(inputs: Inputs, factor: np.ndarray) -> Inputs:
    return msgspec.structs.replace(
        inputs, bolus=inputs.bolus * factor[:, None, None], window=inputs.window * factor[:, None, None]
    )


@law
@given(cases())
def test_twice_the_dose_gives_twice_the_level(case: Case) -> None:
    factor = case.rng.uniform(0.1, 10, MEMBERS)
    found = follow(case, times_as_much(case.inputs, factor))
    assert people.off(found, follow(case, case.inputs) * factor[:, None, None]) < 1e-10


@law
@given(cases())
def test_doses_add_up(case: Case) -> None:
    nothing = np.zeros(MEMBERS)
    boluses = msgspec.structs.replace(case.inputs, window=times_as_much(case.inputs, nothing).window)
    windows = msgspec.structs.replace(case.inputs, bolus=times_as_much(case.inputs, nothing).bolus)
    assert people.off(follow(case, boluses) + follow(case, windows), follow(case, case.inputs)) < 1e-10


@law
@given(cases(), st.floats(0.01, 500))
def test_what_is_given_later_is_seen_later(case: Case, by_h: float) -> None:
    later = msgspec.structs.replace(
        case.inputs, bolus_at=case.inputs.bolus_at + by_h, window_at=case.inputs.window_at + by_h
    )
    assert people.off(follow(case, later, TIMES + by_h), follow(case, case.inputs)) < 1e-9


@law
@given(cases(), st.integers(1, len(TIMES) - 2))
def test_a_session_goes_on_from_where_it_stands(case: Case, now: int) -> None:
    state = case.system.rest()
    first = follow(case, case.inputs, TIMES[: now + 1], state)
    then = follow(case, case.inputs, TIMES[now:], state)
    assert people.off(np.concatenate([first, then[:, :, 1:]], 2), follow(case, case.inputs)) < 1e-10


@law
@given(cases())
def test_areas_add_up_over_a_pause(case: Case) -> None:
    state = case.system.rest()
    parts = [travelled(case.system, case.inputs, t, state)[1] for t in (TIMES[:4], TIMES[3:])]
    assert parts[0] + parts[1] == pytest.approx(travelled(case.system, case.inputs, TIMES)[1], rel=1e-8)


@law
@given(cases())
def test_what_is_given_leaves_again(case: Case) -> None:
    """Mass balance: what the centre cleared for ever is what entered it; the area says how much passed."""
    long_after = np.array([0.0, 5.0, 1e5])
    areas = travelled(case.system, case.inputs, long_after)[1]
    assert areas == pytest.approx(for_ever(case.system, case.inputs), rel=1e-8)


@law
@given(cases())
def test_an_intravenous_dose_is_cleared_whole(case: Case) -> None:
    p = case.system.parameters
    if "cl" not in p:
        return
    only_iv = np.array([1.0] + [0.0] * (len(case.system.channels) - 1))[None, :, None]
    inputs = msgspec.structs.replace(
        case.inputs, bolus=case.inputs.bolus * only_iv, window=case.inputs.window * only_iv
    )
    given_mg = inputs.bolus.sum((1, 2)) + inputs.window.sum((1, 2))
    assert p["cl"] * for_ever(case.system, inputs)[:, 0] == pytest.approx(given_mg, rel=1e-9)


def test_the_member_with_coinciding_modes_is_among_the_cases() -> None:
    rng = np.random.default_rng(1)
    p = people.drawn(rng, "liver", MEMBERS)
    p["ke0_mind"][-1] = people.system(p, "liver", people.ways(rng, "liver", MEMBERS)[:1]).poles[-1, 1]
    assert people.system(p, "liver", people.ways(rng, "liver", MEMBERS)[:1]).by_matrix.tolist() == [2]


def test_every_kernel_is_compiled_for_one_kind_of_argument_only() -> None:
    """A second would be compiled while somebody waits."""
    compiled = (kernel.propagate, kernel.weigh, kernel.arrow_poles, kernel.steady, matrix._follow)
    assert {f.__name__: len(f.signatures) for f in compiled if len(f.signatures) > 1} == {}


RACEMIC = (Dose(0, "ketamine", "iv", 35, 40), Dose(72, "ketamine", "po", 100))


def test_one_thread_and_two_give_the_same_bits() -> None:
    plan = Plan(RACEMIC, Person(70), {"kamp_2020": 0.4, "simons_2022": 0.6}, 2500, 9, TIMES)
    for one, two in zip(run(plan, tables(), 1), run(plan, tables(), 2), strict=True):
        for a, b in zip(one, two, strict=True):
            assert all(np.array_equal(a.levels[e], b.levels[e]) for e in ("s", "r"))
            assert all(np.array_equal(a.effects[name], b.effects[name]) for name in a.effects)


def test_an_answer_does_not_depend_on_the_threads() -> None:
    question = Question(RACEMIC[:1], Person(70), (0.5, 2.0), 4.0, members=2500, seed=3)
    assert simulate(question, tables(), 1) == simulate(question, tables(), 2)


def test_a_larger_ensemble_begins_with_the_smaller_one() -> None:
    small, large = (Plan(RACEMIC, Person(70), {"simons_2022": 1.0}, n, 9, TIMES) for n in (1024, 3000))
    first, again = next(run(small, tables(), 1)), next(run(large, tables(), 1))
    assert np.array_equal(first[0].levels["s"], again[0].levels["s"])


@pytest.mark.parametrize("name", tables().models)
def test_the_person_without_variability_has_a_course_under_every_model(name: str) -> None:
    plan = Plan(RACEMIC[:1], Person(70), {name: 1.0}, 1, 1, TIMES)
    found = typical(plan, tables(), name)
    assert all(np.isfinite(found.levels[e]).all() and (found.levels[e] >= -1e-9).all() for e in ("s", "r"))
