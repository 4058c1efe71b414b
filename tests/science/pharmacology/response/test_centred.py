"""Members counted from where scores put them are weighed by the model itself, however well or badly the scores lie."""

import numpy as np
import pytest

from lowtide.data.pharmacology import response
from lowtide.science.pharmacology.response.centred import EVEN, Centred, Seen
from lowtide.science.pharmacology.response.conditioning import NORMALS, Setting, held
from lowtide.science.pharmacology.response.model import Members, Session, scores
from lowtide.science.pharmacology.structure import Array

COURSE = tuple(Session(day, 300.0) for day in (0.0, 3.0, 7.0, 14.0, 28.0))
BASELINE, ERROR = 34.0, 0.09
PLACES = [NORMALS.index(name) for name in EVEN]
CHARTS = {
    "well": ((1.0, 14.0), (14.0, 9.0), (28.0, 12.0)),
    "no symptom left": ((1.0, 0.0), (14.0, 0.0), (28.0, 0.0)),
    "worse than the scale of the model reaches": ((1.0, 50.0), (14.0, 60.0), (28.0, 55.0)),
    "up and down": ((1.0, 8.0), (14.0, 40.0), (28.0, 5.0)),
}


def people(rows: Array) -> Members:
    return Setting(response(), response().conditions["trd"]).people(held(rows, 1))


def centred(chart: str) -> Centred:
    days, values = np.array(CHARTS[chart]).T
    return Centred(people, NORMALS, COURSE, Seen(days, 1 - values / BASELINE, np.full(len(days), ERROR)))


def likelihood(rows: Array, chart: str) -> Array:
    days, values = np.array(CHARTS[chart]).T
    gaps = (scores(people(rows), COURSE, days, BASELINE) - values) / (ERROR * BASELINE)
    return np.asarray(-0.5 * (gaps**2).sum(1))


def normals(count: int) -> Array:
    return np.random.default_rng(3).standard_normal((count, len(NORMALS)))


def left(log: Array) -> float:
    weights = np.exp(log - log.max())
    return float(weights.sum() ** 2 / (weights**2).sum())


@pytest.mark.parametrize("chart", CHARTS)
def test_a_centred_row_weighs_what_the_model_says_of_it_and_of_the_room_around_it(chart: str) -> None:
    """The change of variables: likelihood x density of the carried row x volume = weight x density of the centred row."""
    own, rows, step = centred(chart), normals(20), 1e-4
    plain = own.plain(rows)
    slopes = np.empty((len(rows), len(EVEN), len(EVEN)))
    for i, place in enumerate(PLACES):
        moved = rows.copy()
        moved[:, place] += step
        slopes[:, :, i] = (own.plain(moved) - plain)[:, PLACES] / step
    volume = np.linalg.slogdet(slopes)[1]
    expected = likelihood(plain, chart) + 0.5 * ((rows**2).sum(1) - (plain**2).sum(1)) + volume
    assert own.log(rows) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("chart", CHARTS)
def test_more_centred_members_fit_the_scores_than_members_as_they_are_drawn(chart: str) -> None:
    rows = normals(4000)
    assert left(centred(chart).log(rows)) > 3 * left(likelihood(rows, chart))


def test_centred_and_plain_members_find_the_scores_equally_likely() -> None:
    def mean(logs: Array) -> float:
        return float(np.log(np.exp(logs).mean()))

    rows = normals(40_000)
    assert mean(centred("well").log(rows)) == pytest.approx(mean(likelihood(rows, "well")), abs=0.05)


def test_other_normals_stay_as_they_are() -> None:
    rows = normals(50)
    others = [i for i in range(len(NORMALS)) if i not in PLACES]
    assert np.array_equal(centred("well").plain(rows)[:, others], rows[:, others])
