"""A virtual trial: what arms of a given size would print, over what is not known and over who happens to be recruited."""

from collections.abc import Mapping

import msgspec
import numpy as np

from lowtide.data.designs import Areas
from lowtide.data.pharmacology import Condition, Response
from lowtide.science.pharmacology.response import months
from lowtide.science.pharmacology.response.areas import exposure, log_sd
from lowtide.science.pharmacology.response.model import Session, scores
from lowtide.science.pharmacology.response.outlook import RESPONSE
from lowtide.science.pharmacology.response.worlds import Crowd, Worlds, crowd
from lowtide.science.pharmacology.structure import Array

MEASURES = ("change_mean", "change_sd", "response", "remission")
LOWEST_BASELINE = 0.4  # nobody enters with less than this part of the mean
BLOCK = 60  # worlds simulated at once


class Arm(msgspec.Struct, frozen=True):
    """One arm. `drug` is None without the drug; `control` is what is given in its place; neither is no visit at all."""

    name: str
    days: tuple[float, ...]
    drug: str | None = None
    route: str = ""
    mg: float = 0.0
    control: str | None = None
    over_d: float = 0.0


class Asked(msgspec.Struct, frozen=True):
    """A trial: whom it takes (baseline), what it reads and when, and what goes on beside the arms."""

    condition: Condition
    baseline: tuple[float, float]
    top: float
    remission_cut: float | None
    days: tuple[float, ...]
    setting: str
    concomitant: str | None
    n: int


class Figure(msgspec.Struct, frozen=True):
    median: float
    p5: float
    p95: float


class Time(msgspec.Struct, frozen=True):
    day: float
    change_mean: Figure
    change_sd: Figure | None
    response: Figure
    remission: Figure | None


class Shown(msgspec.Struct, frozen=True):
    """What a whole population of each world would show at each day, (worlds, days)."""

    change_mean: Array
    change_sd: Array
    response: Array
    remission: Array


def trial(
    asked: Asked,
    arms: tuple[Arm, ...],
    numbers: Response,
    areas: Areas,
    worlds: Worlds,
    *,
    people: int,
    draws: int,
    seed: int,
) -> list[list[Time]]:
    """One list of times for each arm; the arms of one draw share their trial."""
    own = worlds.trials(seed, numbers.tails["freedom"].value, numbers.between_times[asked.setting].value)
    shown = [populations(asked, arm, numbers, areas, own, people, seed) for arm in arms]
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(2, 4))))
    return [_times(asked, sampled(one, asked.n, draws, rng)) for one in shown]


def populations(
    asked: Asked, arm: Arm, numbers: Response, areas: Areas, worlds: Worlds, people: int, seed: int
) -> Shown:
    parts, at = [], months.knots(numbers, max(asked.days))
    for first in range(0, worlds.count, BLOCK):
        some = Worlds({path: column[first : first + BLOCK] for path, column in worlds.columns.items()})
        parts.append(_population(asked, arm, numbers, areas, crowd(some, people, seed + first, at)))
    return Shown(*(np.concatenate([getattr(p, name) for p in parts]) for name in MEASURES))


def _population(asked: Asked, arm: Arm, numbers: Response, areas: Areas, of: Crowd) -> Shown:
    before, after = readings(asked, arm, numbers, areas, of)
    change = after - before[..., None]
    responded = after <= RESPONSE * before[..., None]
    cut = -1.0 if asked.remission_cut is None else asked.remission_cut
    return Shown(change.mean(1), change.std(1), responded.mean(1), (after <= cut).mean(1))


def readings(asked: Asked, arm: Arm, numbers: Response, areas: Areas, of: Crowd) -> tuple[Array, Array]:
    """Scores of everybody as an instrument prints them: (worlds, people) before, (worlds, people, days) after."""
    mean, sd = asked.baseline
    base = np.rint(np.clip(mean + sd * of.normals["baseline"], LOWEST_BASELINE * mean, asked.top))
    people = of.members(numbers, asked.condition, asked.setting, asked.concomitant, arm.control)
    course = scores(people, given(arm, numbers, areas, of), np.array(asked.days), base)
    noise = numbers.residual["sd"].value * base[:, None] * of.errors(len(asked.days))
    return of.split(base), of.split(np.rint(np.clip(course + noise, 0.0, asked.top)))


def given(arm: Arm, numbers: Response, areas: Areas, of: Crowd) -> tuple[Session, ...]:
    """The arm's sessions with everybody's exposure; a control's have none."""
    if arm.drug is None:
        return tuple(Session(day, 0.0) for day in arm.days)
    world: Mapping[str, Array] = of.worlds.columns
    typical = np.broadcast_to(exposure(numbers, areas, arm.drug, arm.route, arm.mg, world), of.worlds.count)
    people = of.spread(np.asarray(typical)) * np.exp(
        log_sd(areas, arm.drug, arm.route) * of.normals["exposure"]
    )
    return tuple(Session(day, people, arm.over_d) for day in arm.days)


def sampled(shown: Shown, n: int, draws: int, rng: np.random.Generator) -> Shown:
    """What arms of `n` people would print: each world `draws` times, (worlds * draws, days)."""
    mean, sd, response, remission = (np.repeat(getattr(shown, name), draws, 0) for name in MEASURES)
    return Shown(
        mean + sd / np.sqrt(n) * rng.standard_normal(mean.shape),
        sd * np.sqrt(rng.chisquare(max(n - 1, 1), sd.shape) / max(n - 1, 1)),
        rng.binomial(n, response) / n,
        rng.binomial(n, remission) / n,
    )


def _times(asked: Asked, of: Shown) -> list[Time]:
    return [
        Time(
            day=day,
            change_mean=_figure(of.change_mean[:, i]),
            change_sd=_figure(of.change_sd[:, i]) if asked.n > 1 else None,  # one person has no spread
            response=_figure(of.response[:, i]),
            remission=None if asked.remission_cut is None else _figure(of.remission[:, i]),
        )
        for i, day in enumerate(asked.days)
    ]


def _figure(values: Array) -> Figure:
    return Figure(*(round(float(q), 4) for q in np.quantile(values, (0.5, 0.05, 0.95))))
