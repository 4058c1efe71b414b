"""What is foreseen of one person: it relaxes and does not swing, is never surer of later days, and follows whoever gets worse."""

from collections.abc import Sequence

import numpy as np
import pytest

from lowtide.data.designs import designs
from lowtide.pathway.course import foreseen
from lowtide.science.pharmacology.response.conditioning import Scores
from lowtide.science.pharmacology.response.outlook import Cuts
from lowtide.science.pharmacology.response.person import Foreseen, Person, foresee

DAYS = (0.0, 3.0, 7.0, 10.0, 14.0, 17.0)
MADRS, PHQ9 = Cuts(10.0, 22.0, 60.0), Cuts(4.0, 10.0, 27.0)
Seen = Sequence[tuple[float, float]]

LOST = (22.0, PHQ9, ((1, 12), (3, 14), (6, 10), (9, 7), (13, 5), (16, 4), (25, 4), (43, 17)))
LOSING = (34.0, MADRS, ((1, 15), (7, 12), (17, 8), (31, 8), (45, 9), (59, 10), (73, 18), (80, 24)))
HOLDING = (34.0, MADRS, ((1, 14), (7, 12), (17, 8), (24, 8), (31, 7), (38, 6), (45, 5)))
NEVER = (34.0, MADRS, ((1, 30), (7, 33), (17, 31), (31, 35)))
CHARTS = {"lost": LOST, "losing": LOSING, "holding": HOLDING, "never": NEVER}
WORSE = {
    "steadily": (30.0, MADRS, ((1, 31), (3, 34), (7, 38), (10, 42), (14, 45), (17, 48), (20, 48))),
    "from a low baseline": (15.0, PHQ9, ((7, 20), (14, 24), (17, 26), (20, 26))),
    "at once": (34.0, MADRS, ((1, 52), (3, 52), (7, 52))),
    "better than ever": (34.0, MADRS, ((1, 2), (7, 2), (17, 2))),
    "as before": (34.0, MADRS, ((1, 34), (7, 34), (17, 34))),
}


def asked(
    baseline: float, cuts: Cuts, seen: Seen, until_day: float = 400.0, planned: Sequence[float] = ()
) -> Person:
    given = [foreseen.Given(day, "ketamine", "iv", 35.0) for day in DAYS]
    more = tuple(foreseen.Given(day, "ketamine", "iv", 35.0).session for day in planned)
    scores = Scores(baseline, tuple((float(day), float(value)) for day, value in seen), cuts)
    return Person(foreseen.people("trd", given), tuple(one.session for one in given), more, scores, until_day)


def told(who: Person, seed: int = 1) -> Foreseen:
    return foresee(who, designs(), foreseen.upkeep(), seed)


@pytest.mark.parametrize("chart", CHARTS)
def test_untreated_the_median_relaxes_and_does_not_swing(chart: str) -> None:
    """Four weeks after the last session and score on, what is left of the drug is gone; then it goes one way, within noise."""
    who = asked(*CHARTS[chart])
    days = [day for day in told(who).days if day.day >= who.now + 28]
    median = np.array([day.median for day in days]) / who.scores.baseline
    chance = np.array([day.p_response for day in days])
    for course in (median, chance):
        ahead = np.maximum.accumulate(course) - course
        behind = course - np.minimum.accumulate(course)
        assert min(ahead.max(), behind.max()) < 0.07


@pytest.mark.parametrize("chart", CHARTS)
def test_no_later_day_is_surer_than_the_last_score_leaves_it(chart: str) -> None:
    """By month, so that the noise of few members does not count; a band ends at the ends of the instrument."""
    who = asked(*CHARTS[chart])
    days = {day.day: day for day in told(who).days}
    after = [days[np.ceil(who.now) + 28 * month] for month in range(12)]
    width = np.array([day.p95 - day.p5 for day in after]) / who.scores.baseline
    assert np.all(np.diff(width) > -0.06)
    assert width[-1] > 1.5 * width[0]


@pytest.mark.parametrize("chart", WORSE)
def test_the_band_holds_what_was_just_measured_twice(chart: str) -> None:
    baseline, cuts, seen = WORSE[chart]
    found = told(asked(baseline, cuts, seen, 60.0))
    last, value = seen[-1]
    day = next(day for day in found.days if day.day == last)
    assert day.p5 <= value <= day.p95


def test_who_gets_worse_is_foreseen_to_stay_far_above_the_baseline() -> None:
    baseline, cuts, seen = WORSE["steadily"]
    later = next(day for day in told(asked(baseline, cuts, seen, 60.0)).days if day.day == 48)
    assert later.median > 1.4 * baseline
    assert later.p95 > 50


def test_what_the_model_cannot_follow_is_said() -> None:
    jump = told(asked(12.0, MADRS, ((1, 60), (3, 60), (7, 60)), 30.0))
    assert any("cannot follow" in said for said in jump.warnings)
    for baseline, cuts, seen in (*CHARTS.values(), *WORSE.values()):
        assert not told(asked(baseline, cuts, seen, 50.0)).warnings, seen


def test_the_same_seed_gives_the_same_answer_and_another_nearly_the_same() -> None:
    who = asked(*LOST, until_day=100.0)
    assert told(who) == told(who)
    one, other = told(who).days[90], told(who, 2).days[90]
    assert one != other
    assert one.median == pytest.approx(other.median, abs=0.08 * who.scores.baseline)


def test_how_far_is_looked_moves_no_nearer_day() -> None:
    near, far = (told(asked(*HOLDING, until_day=until)).days[:60] for until in (60.0, 300.0))
    assert near == far


# -- what a response is, and which word wins ------------------------------------------------------------------------


def test_a_response_is_what_the_table_of_the_instrument_says() -> None:
    nrs = Cuts(None, None, 10.0, fall=0.3, points=2.0)
    assert nrs.response(7.0) == 5.0  # two points, where a third of it would be more
    assert nrs.response(5.0) == 3.5
    assert Cuts(10.0, 22.0, 60.0).response(34.0) == 17.0
    assert Cuts(10.0, 22.0, 60.0).response(14.0) == 10.0  # a remission is a response
    held = asked(7.0, nrs, ((1, 4), (7, 4), (14, 4)), 40.0)
    halved = asked(7.0, Cuts(None, None, 10.0), ((1, 4), (7, 4), (14, 4)), 40.0)
    assert held.responded
    assert not halved.responded
    assert told(held).days[14].p_response > 0.8 > 0.5 > told(halved).days[14].p_response


def test_a_relapse_by_the_cut_wins_over_a_response_by_the_fall() -> None:
    """PHQ-9 of 20: half of it, 10, is a response and a relapse; who was below it has relapsed."""
    found = told(asked(20.0, PHQ9, ((7, 12), (14, 9), (18, 10)), 60.0))
    assert "is a relapse" in found.why
    assert found.window.from_day == found.window.to_day
    assert {day.p_relapse for day in found.days if day.day >= 18} == {1.0}
    first = told(asked(20.0, PHQ9, ((7, 12), (14, 10)), 60.0))
    assert "relapse (" not in first.why
    assert first.days[20].p_relapse < 1


def test_after_a_new_series_the_risk_is_of_the_next_loss() -> None:
    series = [83.0 + day for day in DAYS]
    again = told(asked(*LOSING, planned=series))
    by_day = {day.day: day for day in again.days}
    assert by_day[80].p_relapse == by_day[82].p_relapse == 1.0
    assert by_day[102].p_response > 0.4
    assert by_day[102].p_relapse < 0.3 < by_day[200].p_relapse
    assert {day.p_relapse for day in told(asked(*LOSING)).days if day.day >= 80} == {1.0}
