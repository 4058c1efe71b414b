"""Members of a model against what was observed: which normals matter, what they predict, how likely the readings are.

Only normals that move a prediction are held by an updated member; the others stay free, since nothing was learnt of
them.
"""

from collections.abc import Iterator, Mapping
from zlib import crc32

import msgspec
import numpy as np
from scipy.special import ndtri

from lowtide.science.pharmacology.draws import BLOCK, Draws
from lowtide.science.pharmacology.ensemble import Group, Plan, Tables, drawn, group, in_order
from lowtide.science.pharmacology.regimen import Dose, occasions
from lowtide.science.pharmacology.simulate import Question, provided
from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.updating import errors
from lowtide.science.pharmacology.updating.observations import EFFECTS, Reading
from lowtide.science.pharmacology.updating.tempering import Likelihood, spread

PROBES = 48
PROBE_SD = 1.5  # wider than the prior, so that what matters in a tail is found


class Baseline(msgspec.Struct, frozen=True):
    """Pressure at rest before the first dose, mmHg, and how well it is known."""

    value: float
    sd: float


class Panel(msgspec.Struct, frozen=True):
    """Readings taken after something was given, in order, the run that answers them, and pressures at rest by kind."""

    readings: tuple[Reading, ...]
    plan: Plan
    question: Question
    tables: Tables
    baselines: Mapping[str, Baseline]
    threads: int = 2

    @property
    def observing(self) -> Mapping[str, float]:
        numbers = self.tables.effects["observing"].numbers
        return {name: number.value for name, number in numbers.items()}


def panel(
    readings: tuple[Reading, ...],
    question: Question,
    plan: Plan,
    tables: Tables,
    baselines: Mapping[str, Baseline],
    threads: int = 2,
) -> Panel:
    """The readings and a run that stops only at their times, at every site."""
    times = np.unique([0.0, 1.0, *(max(r.at_h, 0.0) for r in readings)])
    at_times = Plan(
        doses=plan.doses,
        person=plan.person,
        weights=plan.weights,
        members=plan.members,
        seed=plan.seed,
        times_h=times,
        effects=any(r.kind in EFFECTS for r in readings),
    )
    return Panel(readings, at_times, question, tables, baselines, threads)


def speaks(p: Panel, found: Group) -> tuple[bool, ...]:
    """Which readings this model provides the quantity of."""
    return tuple(
        EFFECTS[r.kind] in found.effects
        if r.kind in EFFECTS
        else r.analyte in provided(found, msgspec.structs.replace(p.question, site=r.site), p.tables)
        for r in p.readings
    )


def predictions(p: Panel, found: Group) -> Array:
    """What the members of a group would be read as but for errors, (members, readings) in ng/mL, points or mmHg; NaN
    where the model is silent."""
    columns = [
        _predicted(p, found, reading) if speaking else np.full(found.draws.members, np.nan)
        for reading, speaking in zip(p.readings, speaks(p, found), strict=True)
    ]
    return np.column_stack(columns)


def _predicted(p: Panel, found: Group, r: Reading) -> Array:
    at = int(np.searchsorted(p.plan.times_h, max(r.at_h, 0.0)))
    if r.kind == "plasma":
        levels = sum(found.level(r.site, r.analyte, e)[:, at] for e in r.enantiomers)
        return np.asarray(levels) * (not r.before)
    value = found.effects[EFFECTS[r.kind]][:, at] * (not r.before)
    return value + _at_rest(p, found.draws, r) if r.kind in p.baselines else value


def _at_rest(p: Panel, draws: Draws, r: Reading) -> Array:
    """The member's pressure before the session, mmHg: as measured, and from day to day."""
    baseline = p.baselines[r.kind]
    rest = baseline.value + baseline.sd * draws.normal(f"{r.kind} at rest")
    session = session_of(p.plan.doses, r.at_h)
    if session:
        rest = rest + p.observing["day_sd_mmhg"] * draws.normal(f"{r.kind} at rest on {session}")
    return np.asarray(rest)


def session_of(doses: tuple[Dose, ...], at_h: float) -> int:
    """The session a moment belongs to, from 0."""
    at = occasions(doses)
    starts = [doses[at.index(s)].at_h for s in range(at[-1] + 1)]
    return max(int(np.searchsorted(starts, at_h, side="right")) - 1, 0)


def errors_of(p: Panel, model: str, predicted: Array) -> Iterator[tuple[int, errors.Error]]:
    """Each reading the model speaks for (by place) with its error, given (members, readings) predictions."""
    reading_sd = p.tables.effects["pressure"]["reading_sd_mmhg"]
    for place, reading in enumerate(p.readings):
        column = predicted[:, place]
        if not np.isnan(column).all():
            found = p.tables.models[model]
            yield (
                place,
                errors.error(reading, column, found, p.tables.effects["observing"], reading_sd),
            )


def follow(p: Panel, model: str, names: tuple[str, ...], normals: Array) -> Iterator[Array]:
    """Predictions of members who hold these normals (n, names), everything else typical; slice by slice."""

    def one(rows: Array) -> Array:
        held = {name: np.ascontiguousarray(rows[:, i]) for i, name in enumerate(names)}
        draws = Draws(len(rows), p.plan.seed, 0, typical=True, held=held)
        return predictions(p, group(p.plan, p.tables, p.tables.models[model], draws))

    return in_order(one, list(spread(normals, BLOCK)), p.threads)


def likelihood(p: Panel, model: str, names: tuple[str, ...], stages: Array) -> Likelihood:
    """Normals to log-likelihoods by stage; `stages` (readings,) says which stage a reading belongs to."""

    def logs(normals: Array) -> Array:
        found = np.zeros((len(normals), int(stages.max()) + 1))
        if not len(normals):
            return found
        predicted = np.concatenate(list(follow(p, model, names, normals)))
        for place, e in errors_of(p, model, predicted):
            found[:, stages[place]] += errors.log_density(e)
        return found

    return logs


class _Noted(Mapping[str, Array]):
    """Effects that come into being as they are asked for, evenly spread: a run thus tells which it uses."""

    def __init__(self) -> None:
        self.found: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self.found:
            order = np.random.Generator(np.random.SFC64(crc32(name.encode()))).permutation(PROBES)
            self.found[name] = PROBE_SD * ndtri((order + 0.5) / PROBES)
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def probe(p: Panel, model: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """The normals that move a prediction of this model, and the readings it speaks for.

    Each normal in turn is turned round in members spread over the prior; what then changes nothing does not matter.
    """
    noted = _Noted()
    first = group(p.plan, p.tables, p.tables.models[model], Draws(PROBES, 0, 0, held=noted))
    before, spoken = predictions(p, first), speaks(p, first)
    if not any(spoken):
        return (), spoken
    names = tuple(sorted(noted.found))
    base = np.column_stack([noted.found[name] for name in names])
    turned = np.tile(base, (len(names), 1))
    for i in range(len(names)):
        turned[i * PROBES : (i + 1) * PROBES, i] *= -1
    after = np.concatenate(list(follow(p, model, names, turned))).reshape(len(names), PROBES, -1)
    changed = np.abs(after - before) > 1e-9 * np.abs(before)
    moving = changed.any((1, 2))
    return tuple(name for name, moves in zip(names, moving, strict=True) if moves), spoken


def prior_normals(plan: Plan, names: Mapping[str, tuple[str, ...]]) -> dict[str, Array]:
    """The normals of these names that the plan's own members have, model by model, in the order of the blocks."""
    found: dict[str, list[Array]] = {name: [] for name in plan.weights}
    for block in range(-(-plan.members // BLOCK)):
        for model, draws in drawn(plan, block):
            columns = [draws.normal(name) for name in names[model]]
            found[model].append(np.column_stack(columns) if columns else np.zeros((draws.members, 0)))
    return {
        model: np.concatenate(rows) if rows else np.zeros((0, len(names[model])))
        for model, rows in found.items()
    }
