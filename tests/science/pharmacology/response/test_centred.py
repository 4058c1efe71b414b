"""Members counted from where scores put them are weighed by the model itself, however well or badly the scores lie."""

import msgspec
import numpy as np
import pytest

from lowtide.data.pharmacology import response
from lowtide.science.pharmacology.response.centred import FIRST, LAST, Centred, Seen
from lowtide.science.pharmacology.response.conditioning import Scores, Setting
from lowtide.science.pharmacology.response.model import Members, Session, scores
from lowtide.science.pharmacology.response.months import NAME
from lowtide.science.pharmacology.response.outlook import Cuts
from lowtide.science.pharmacology.structure import Array

COURSE = tuple(Session(day, 300.0) for day in (0.0, 3.0, 7.0, 14.0, 28.0))
BASELINE, ERROR = 34.0, 0.09
DRAWN = Setting(response(), response().conditions["trd"]).after(
    {"": Scores(BASELINE, ((28.0, 12.0),), Cuts(10.0, None, 60.0))}, 28.0
)
DRAWN = msgspec.structs.replace(DRAWN, knots=(DRAWN.knots or ())[: DRAWN.scored])
NAMES = DRAWN.names
EVEN = (FIRST, *(name for name in NAMES if name.startswith(NAME)), LAST)
PLACES = [NAMES.index(name) for name in EVEN]
CHARTS = {
    "well": ((1.0, 14.0), (14.0, 9.0), (28.0, 12.0)),
    "no symptom left": ((1.0, 0.0), (14.0, 0.0), (28.0, 0.0)),
    "ever worse": ((1.0, 50.0), (14.0, 60.0), (28.0, 55.0)),
    "up and down": ((1.0, 8.0), (14.0, 40.0), (28.0, 5.0)),
}


def people(rows: Array) -> Members:
    return DRAWN.held(rows, 1)


def centred(chart: str) -> Centred:
    days, values = np.array(CHARTS[chart]).T
    return Centred(people, NAMES, COURSE, Seen(days, 1 - values / BASELINE, np.full(len(days), ERROR)))


def likelihood(rows: Array, chart: str) -> Array:
    days, values = np.array(CHARTS[chart]).T
    gaps = (scores(people(rows), COURSE, days, BASELINE) - values) / (ERROR * BASELINE)
    return np.asarray(-0.5 * (gaps**2).sum(1))


def normals(count: int) -> Array:
    return np.random.default_rng(3).standard_normal((count, len(NAMES)))


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
    times = 1.3 if chart == "no symptom left" else 3  # “at least so well” is least like a line
    assert left(centred(chart).log(rows)) > times * left(likelihood(rows, chart))


def test_centred_and_plain_members_find_the_scores_equally_likely() -> None:
    def mean(logs: Array) -> float:
        return float(np.log(np.exp(logs).mean()))

    rows = normals(40_000)
    assert mean(centred("well").log(rows)) == pytest.approx(mean(likelihood(rows, "well")), abs=0.05)


def test_other_normals_stay_as_they_are() -> None:
    rows = normals(50)
    others = [i for i in range(len(NAMES)) if i not in PLACES]
    assert np.array_equal(centred("well").plain(rows)[:, others], rows[:, others])
