"""Scores of one person weigh the members of the response: against plain weighting of many, and by its own laws."""

import numpy as np
import pytest

from lowtide.data.pharmacology import response
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.response.conditioning import Conditioned, Scores, Setting, conditioned
from lowtide.science.pharmacology.response.model import Session, scores
from lowtide.science.pharmacology.response.outlook import Cuts, weights

COURSE = tuple(Session(day, 300.0) for day in (0.0, 3.0, 7.0))
TRD = Setting(response(), response().conditions["trd"])
CUTS = Cuts(10.0, None, 60.0)
SEEN = ((1.0, 18.0), (3.0, 24.0))


def told(*seen: tuple[float, float], **more: Scores) -> Conditioned:
    return conditioned(TRD, COURSE, {"madrs": Scores(34.0, seen, CUTS), **more}, 4000, 1)


def on(found: Conditioned, day: float, name: str = "madrs") -> float:
    return next(d.median for d in found.posterior[name] if d.day == day)


def test_the_course_agrees_with_plain_weights_over_many_members() -> None:
    found = told(*SEEN)
    draws = [Draws(1024, 99, block) for block in range(60)]
    means, total = 0.0, 0.0
    for d in draws:
        people = TRD.people(d)
        course = scores(people, COURSE, np.array([1.0, 3.0, 8.0]), 34.0)
        sd = response().residual["sd"].value * 34.0
        gaps = (course[:, :2] - [18.0, 24.0]) / sd
        w = np.exp(-0.5 * (gaps * gaps).sum(1))
        means, total = means + w @ course, total + w.sum()
    for place, day in ((0, 1.0), (1, 3.0), (2, 8.0)):
        assert on(found, day) == pytest.approx((means / total)[place], abs=0.9)


def test_nothing_seen_changes_nothing() -> None:
    found = told()
    assert found.prior == found.posterior
    assert not found.tempered


def test_a_good_answer_makes_a_good_outlook_and_a_bad_one_a_bad_one() -> None:
    assert on(told((1.0, 6.0)), 8.0) < on(told((1.0, 20.0)), 8.0) < on(told((1.0, 34.0)), 8.0)


def test_two_instruments_tell_one_course() -> None:
    phq9 = Scores(20.0, ((1.0, 3.0),), Cuts(4.0, None, 27.0))
    alone, both = told(), told(phq9=phq9)
    assert on(both, 8.0) < on(alone, 8.0)
    assert on(both, 8.0, "phq9") / 20 == pytest.approx(on(both, 8.0) / 34, abs=0.1)


def test_a_score_that_nobody_could_have_is_said() -> None:
    found = told((0.001, 2.0), (0.002, 55.0))
    assert any("madrs 55 on day 0.002 is implausible" in warning for warning in found.warnings)
    assert not told(*SEEN).warnings


def test_the_same_seed_gives_the_same_answer() -> None:
    assert told(*SEEN) == told(*SEEN)


def test_plain_weights_add_up() -> None:
    people = TRD.people(Draws(300, 1, 0))
    assert weights(people, COURSE, 34.0, SEEN).sum() == pytest.approx(1.0)
