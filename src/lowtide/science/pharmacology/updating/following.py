"""A session followed reading by reading: members of one run, weighed by what was read so far.

The run is made once for a regimen; a reading then only changes weights, which is quick enough for a page that is looked
at while it happens. The pressure at rest is known to within its readings: every member is tried with pressures evenly
spread over what it may be, so that a cuff that reads high at rest does not use the members up.
"""

from collections.abc import Iterator

import msgspec
import numpy as np
from scipy.special import ndtr, ndtri

from lowtide.problems import bad
from lowtide.science.pharmacology.ensemble import Plan, Tables, able, run
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.updating import errors
from lowtide.science.pharmacology.updating.observations import RANGES, Reading
from lowtide.science.pharmacology.updating.panel import Baseline

EFFECTS = {"sbp": "sbp_rise_mmhg", "high": "high", "cadss": "cadss"}
DRAWN = ("sbp", "high")
PERCENTS = {"p5": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
CELLS = 520  # of the histogram that bands are read from
Row = dict[str, float]


class Followed(msgspec.Struct, frozen=True):
    """What the members do, at `times_h` from the first dose: effects (members, times) by name, and which models."""

    times_h: Array
    effects: dict[str, Array]
    models: tuple[str, ...]
    members: int


class Said(msgspec.Struct, frozen=True):
    """A reading against the band of those before it: the middle nine tenths that was forecast for it."""

    reading: Reading
    low: float
    high: float

    @property
    def outside(self) -> bool:
        return not self.low <= self.reading.value <= self.high


class Weighed(msgspec.Struct, frozen=True):
    """Bands of what would be *read* at each asked moment, by kind (sbp, high), and how well the members carry them.

    `ess`: how many equally weighed members the weights are worth.
    """

    bands: dict[str, list[Row]]
    said: tuple[Said, ...]
    ess: float


def follow(
    doses: tuple[Dose, ...], person: Person, tables: Tables, times_h: Array, members: int, seed: int
) -> Followed:
    """Run the regimen in members of the models that know effects. Raises BadInput where none describes the route."""
    able_to = able(tables, doses)
    weights = {name: share for name, share in able_to.items() if "arterial" in tables.models[name].sites}
    if not weights:
        raise bad("no model of the effects describes this route", "doses", "There is no forecast for it.")
    whole = sum(weights.values())
    plan = Plan(
        doses=doses,
        person=person,
        weights={name: share / whole for name, share in weights.items()},
        members=members,
        seed=seed,
        times_h=times_h,
    )
    groups = [group for block in run(plan, tables, 1) for group in block]
    found = {name: np.concatenate([group.effects[name] for group in groups]) for name in EFFECTS.values()}
    return Followed(times_h, found, tuple(sorted({group.model for group in groups})), members)


def weigh(
    followed: Followed,
    rest: Baseline | None,
    readings: tuple[Reading, ...],
    at_h: Array,
    tables: Tables,
    rest_steps: int,
) -> Weighed:
    """The members under these readings, in order of time; without a pressure at rest nothing is said of pressures."""
    scales = _Scales(followed, rest, tables, rest_steps)
    logs = np.zeros((followed.members, scales.steps))
    said: list[Said] = []
    for reading in sorted(readings, key=lambda r: r.at_h):
        if reading.kind not in scales.kinds:
            continue
        row = scales.band(reading.kind, reading.at_h, _weights(logs))
        said.append(Said(reading, row["p5"], row["p95"]))
        logs += scales.log_density(reading)
    weights = _weights(logs)
    drawn = [kind for kind in DRAWN if kind in scales.kinds]
    bands = {kind: [scales.band(kind, at, weights) for at in at_h.tolist()] for kind in drawn}
    return Weighed(bands, tuple(said), _worth(weights))


def _weights(logs: Array) -> Array:
    found = np.exp(logs - logs.max())
    return np.asarray(found / found.sum())


def _worth(weights: Array) -> float:
    by_member = weights.sum(1)
    return float(1 / (by_member**2).sum())


class _Scales:
    """What each member would be read as, (members, steps of the pressure at rest), and how far readings err."""

    def __init__(self, followed: Followed, rest: Baseline | None, tables: Tables, steps: int) -> None:
        self.followed, self.tables = followed, tables
        self.observing = tables.effects["observing"]
        self.cuff_sd = tables.effects["pressure"]["reading_sd_mmhg"]
        self.kinds = tuple(EFFECTS) if rest else ("high", "cadss")
        self.steps = steps if rest else 1
        spread = ndtri((np.arange(self.steps) + 0.5) / self.steps)
        self.rest = rest.value + rest.sd * spread if rest else np.zeros(1)

    def predicted(self, kind: str, at_h: float) -> Array:
        """(members, steps), or (members, 1) where the pressure at rest plays no part."""
        values = _between(self.followed, EFFECTS[kind], at_h)[:, None]
        return np.asarray(values + self.rest[None, :]) if kind == "sbp" else values

    def log_density(self, reading: Reading) -> Array:
        predicted = self.predicted(reading.kind, reading.at_h)
        model = self.tables.models[self.followed.models[0]]  # only a level errs by its model
        flat = np.ascontiguousarray(predicted.ravel())
        e = errors.error(reading, flat, model, self.observing, self.cuff_sd)
        return errors.log_density(e).reshape(predicted.shape)

    def band(self, kind: str, at_h: float, weights: Array) -> Row:
        """Quantiles of a reading at one moment: members by weight, and the error of a reading."""
        predicted = self.predicted(kind, at_h)
        together = weights if predicted.shape[1] > 1 else weights.sum(1, keepdims=True)
        sd, zero = self._sd(kind, predicted, together)
        low, high = RANGES[kind]
        shares = {name: max(0.0, (share - zero) / (1 - zero)) for name, share in PERCENTS.items()}
        return {name: float(np.clip(v, low, high)) for name, v in _quantiles(predicted, together, sd, shares)}

    def _sd(self, kind: str, predicted: Array, weights: Array) -> tuple[float, float]:
        """How far a reading errs about what is typically predicted, and the share that reads nothing at all."""
        if kind == "sbp":
            return self.cuff_sd, 0.0
        if kind == "high":
            return self.observing["high_sd"], 0.0
        typical = float((predicted * weights).sum() / weights.sum())
        sd = np.hypot(self.observing["cadss_sd"], self.observing["cadss_share"] * typical)
        return float(sd), self.observing["cadss_zero"]


def _between(followed: Followed, effect: str, at_h: float) -> Array:
    """The members' effect at a moment, along a straight line between the times of the run."""
    times, values = followed.times_h, followed.effects[effect]
    after = min(max(int(np.searchsorted(times, at_h)), 1), len(times) - 1)
    before = after - 1
    part = min(max((at_h - times[before]) / (times[after] - times[before]), 0.0), 1.0)
    return np.asarray(values[:, before] + (values[:, after] - values[:, before]) * part)


def _quantiles(
    values: Array, weights: Array, sd: float, shares: dict[str, float]
) -> Iterator[tuple[str, float]]:
    """Weighed quantiles of values that err by a normal of `sd`, read off a histogram."""
    low, high = values.min() - 4 * sd, values.max() + 4 * sd
    step = (high - low) / CELLS
    cells = ((values - low) / step).astype(np.intp)
    mass = np.bincount(cells.ravel(), weights.ravel(), CELLS + 1)
    half = int(np.ceil(4 * sd / step))
    edges = (np.arange(-half, half + 2) - 0.5) * step / sd
    blurred = np.convolve(mass, np.diff(ndtr(edges)))[half : half + len(mass)]
    reached = np.cumsum(blurred) / blurred.sum()
    middle = low + (np.arange(len(reached)) + 1) * step
    for name, share in shares.items():
        yield name, float(np.interp(share, reached, middle))
