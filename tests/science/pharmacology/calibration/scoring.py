"""Each study's arms as the model says them without having seen that study, beside what was printed; and how good that is.

The product's own way: the worlds that the other studies leave likely, one trial of each world, arms of the printed size.
"""

from collections.abc import Iterable
from functools import cache

import msgspec
import numpy as np

from lowtide.data.pharmacology import response
from lowtide.science.pharmacology.response.worlds import Worlds
from lowtide.science.pharmacology.structure import Array
from tests.science.pharmacology.calibration.fit import BLOCK, Fitted, fitted, of_people, shares, times
from tests.science.pharmacology.calibration.table import ArmRow, Row, Trial, families, trials

WORLDS, PEOPLE, DRAWS, SEED = 512, 128, 4, 21
RATES = ("response", "remission", "relapse")


class Scored(msgspec.Struct, frozen=True):
    """One printed figure with its prediction: `values` are the figures that such trials would print, `shares` those of a
    whole population of each world, `spread` the SD of its people in the last arm of the row."""

    trial: Trial
    row: Row
    values: Array
    shares: Array
    spread: float

    @property
    def is_rate(self) -> bool:
        return self.row.what in RATES

    def at(self, share: float) -> float:
        return float(np.quantile(self.values, share))

    def inside(self, width: float) -> bool:
        """A share of few people comes in steps: the band holds what rounds to its ends."""
        hair = 0.5 / self.trial.n(self.row) if self.is_rate else 0.05
        low, high = self.at(0.5 - width / 2) - hair, self.at(0.5 + width / 2) + hair
        return bool(low <= self.row.value <= high)

    @property
    def brier(self) -> float:
        """Of one person of the arm, with the mean share that was foreseen."""
        p, seen = float(self.shares.mean()), self.row.value
        return seen * (1 - p) ** 2 + (1 - seen) * p**2

    @property
    def log_score(self) -> float:
        p, seen = float(np.clip(self.shares.mean(), 1e-3, 1 - 1e-3)), self.row.value
        return float(-(seen * np.log(p) + (1 - seen) * np.log(1 - p)))

    @property
    def best_brier(self) -> float:
        """What knowing the arm's own share would have got."""
        return self.row.value * (1 - self.row.value)

    @property
    def crps(self) -> float:
        values = np.sort(self.values)
        n = len(values)
        spread = float((values * (2 * np.arange(1, n + 1) - n - 1)).sum()) / (n * n)
        return float(np.abs(values - self.row.value).mean()) - spread


@cache
def scored(kind: str = "yes") -> tuple[Scored, ...]:
    """Every figure; for `apart` with all studies of mood, none of which is its own."""
    fit = fitted()
    found = []
    for family in families(kind):
        worlds = fit.resampled(WORLDS, family if kind == "yes" else None)
        for t in trials():
            if t.left_out_with == family:
                found += predicted(t, worlds)
    return tuple(found)


def predicted(t: Trial, worlds: Worlds) -> list[Scored]:
    """The arms of one draw share their trial, as in life."""
    own = worlds.trials(SEED, response().tails["freedom"].value, times(t))
    rng = np.random.default_rng(SEED)
    means = {a.id: _by_row(t, a.id, own) for a in t.arms}
    answer = []
    for i, row in enumerate(t.rows):
        values = np.zeros(worlds.count * DRAWS)
        whole = np.zeros(worlds.count)
        for name, share in shares(t, row):
            mean, sd = means[name][i]
            n = t.arm(name).n if len(row.arms) > 1 or row.against else t.n(row)
            repeated, spread = np.repeat(mean, DRAWS), np.repeat(sd, DRAWS)
            if row.what in RATES:
                values += share * rng.binomial(n, repeated.clip(0, 1)) / n
            else:
                values += share * (repeated + spread / np.sqrt(n) * rng.standard_normal(len(repeated)))
            whole += share * mean
        answer.append(Scored(t, row, values, whole, float(np.median(sd))))
    return answer


def _by_row(t: Trial, name: str, worlds: Worlds) -> dict[int, tuple[Array, Array]]:
    parts: list[dict[int, Array]] = []
    for first in range(0, worlds.count, BLOCK):
        some = Worlds({p: c[first : first + BLOCK] for p, c in worlds.columns.items()})
        parts.append(of_people(t, t.arm(name), some, PEOPLE, SEED + first, alike=False))
    joined = {i: np.concatenate([p[i] for p in parts]) for i in parts[0]}
    return {i: (v.mean(1), v.std(1)) for i, v in joined.items()}


# -- sums ----------------------------------------------------------------------------------------------------------


class Sum(msgspec.Struct, frozen=True):
    """How a stratum was met."""

    name: str
    figures: int
    inside_50: int
    inside_90: int
    brier: float | None
    best_brier: float | None
    log_score: float | None
    crps: float | None


def total(name: str, these: Iterable[Scored]) -> Sum:
    rows = list(these)
    rates = [r for r in rows if r.is_rate]
    points = [r for r in rows if not r.is_rate]
    return Sum(
        name,
        len(rows),
        sum(r.inside(0.5) for r in rows),
        sum(r.inside(0.9) for r in rows),
        float(np.mean([r.brier for r in rates])) if rates else None,
        float(np.mean([r.best_brier for r in rates])) if rates else None,
        float(np.mean([r.log_score for r in rates])) if rates else None,
        float(np.mean([r.crps for r in points])) if points else None,
    )


def strata(these: tuple[Scored, ...]) -> list[Sum]:
    """All, and by what was printed, drug, route, control, instrument, day, setting and null trials."""
    found = [total("all", these)]
    for title, key in (
        ("figure", lambda s: s.row.what),
        ("drug", lambda s: first_arm(s).drug or first_arm(s).control),
        ("route", lambda s: first_arm(s).route or "control"),
        ("instrument", lambda s: s.trial.instrument),
        (
            "day",
            lambda s: (
                "first three days" if s.row.day <= 3 else "later" if s.row.day <= 14 else "after day 14"
            ),
        ),
        ("setting", lambda s: s.trial.setting),
        ("sessions", lambda s: "one" if len(first_arm(s).days) == 1 else "several"),
        ("", lambda s: "null trials" if s.trial.null else "other trials"),
    ):
        groups = dict.fromkeys(key(s) for s in these)
        found += [total(f"{title}: {g}".strip(": "), [s for s in these if key(s) == g]) for g in groups]
    return found


def first_arm(s: Scored) -> ArmRow:
    return s.trial.arm(s.row.arms[0])


def fit_of() -> Fitted:
    return fitted()
