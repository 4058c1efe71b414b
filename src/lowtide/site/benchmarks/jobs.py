"""The standard jobs: a course (A) and a bedside (B) of the plain system, three compartments alone, a million people with
an effect and bands, a refresh at the bedside, and a forecast of the core model. Parameters are round benchmark values.
"""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology import kernel, plain
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.simulate import Question, simulate
from lowtide.science.pharmacology.structure import Array
from lowtide.site.benchmarks.roof import Roof
from lowtide.site.benchmarks.timing import Timed, timed

TYPICAL = np.array([80.0, 20, 150, 40, 70, 160, 1.5, 60, 150, 40, 100, 7])  # in the order of `fused`
LOG_SD, SEED, SLOPE = 0.3, 20260101, 1.5
STARTS_H = (0.0, 72.0, 168.0, 240.0, 336.0, 408.0)
SAMPLES_H = np.concatenate([np.arange(1, 41) / 10, np.arange(6, 25, 2)])
MILLION = 1_000_000
NO_SUMS, NO_COUNTS = np.zeros((0, 0)), np.zeros((0, 0, 0), np.int64)


class Job(msgspec.Struct, frozen=True, omit_defaults=True):
    """One job: members, threads, the best and the slowest run by the wall clock and the best by the processor's, the
    rate by both, and the share of what one core could do."""

    name: str
    members: int
    threads: int
    wall_ms: float
    slowest_ms: float
    cpu_ms: float
    patients_per_s: float
    patients_per_cpu_s: float
    share_of_roof: float | None = None
    budget_ms: float | None = None
    by_matrix: int | None = None


def _job(
    name: str, members: int, found: Timed, threads: int = 1, roof: float | None = None, **more: float
) -> Job:
    return Job(
        name,
        members,
        threads,
        found.wall_s * 1e3,
        found.slowest_s * 1e3,
        found.cpu_s * 1e3,
        members / found.wall_s,
        members / found.cpu_s,
        roof and members / found.cpu_s / roof,
        **more,  # type: ignore[arg-type]  # the remaining fields are numbers
    )


def course() -> tuple[Array, plain.Program]:
    """Job A: six infusions of 35 mg over 40 min in 17 days, sampled at 300 times; bands at 12 of them."""
    times = np.concatenate([start + SAMPLES_H for start in STARTS_H])
    runs = [(start, start + 2 / 3, 52.5) for start in STARTS_H]
    return times, plain.program(times, runs, bands_h=times[::25])


def bedside() -> tuple[Array, plain.Program]:
    """Job B: a bolus, a changing rate, a swallowed dose, a second run; every minute for six hours."""
    times = np.arange(1, 361) / 60
    runs = [(0.0, 0.5, 20.0), (0.5, 1.0, 30.0), (1.0, 1.5, 15.0), (3.0, 3.5, 25.0)]
    return times, plain.program(times, runs, ((0.0, 10.0),), ((2.0, 100.0),))


def people(members: int) -> Array:
    """Parameters (12, members)."""
    z = np.random.default_rng(SEED).standard_normal((members, 12))
    return np.ascontiguousarray((TYPICAL * np.exp(LOG_SD * z)).T)


def every(roof: Roof, *, quick: bool) -> Iterator[Job]:
    """Each job in turn; `quick` leaves out the long ones."""
    sizes = (1000, 10_000) if quick else (1000, 10_000, 100_000)
    for name, (times, steps) in (("A", course()), ("B", bedside())):
        for members in sizes:
            yield _fused(name, members, times, steps, roof.fused if name == "A" else None)
            if members <= 10_000:
                yield _stored(name, members, times, steps, roof.stored if name == "A" else None)
    yield three_compartments(10_000)
    yield refresh()
    yield forecast()
    yield million(MILLION // 10 if quick else MILLION)
    yield large_forecast(MILLION // 50 if quick else MILLION // 5)


def _fused(name: str, members: int, times: Array, steps: plain.Program, roof: float | None) -> Job:
    who, sums = people(members), np.zeros((6, len(times)))
    close = plain.follow(who, steps, sums, NO_COUNTS)
    found = timed(lambda: plain.follow(who, steps, sums, NO_COUNTS))
    return _job(f"K7 {name}, sums only", members, found, roof=roof, by_matrix=close)


def _stored(name: str, members: int, times: Array, steps: plain.Program, roof: float | None) -> Job:
    who, levels = people(members), np.ones((4, len(times), members))
    found = timed(lambda: plain.follow(who, steps, NO_SUMS, NO_COUNTS, levels))
    return _job(f"K7 {name}, levels stored", members, found, roof=roof)


def three_compartments(members: int) -> Job:
    """K3: the hub of job A alone, by the product's general kernel, poles and weights included, levels stored."""
    cl, v1, q2, v2, q3, v3 = people(members)[:6]
    times, _ = course()
    inputs = _infusions(members)
    d = np.stack([q2 / v2, q3 / v3], 1)
    c = d * np.stack([q2 / v1, q3 / v1], 1)
    one, levels = np.ones((1, 1, 3), bool), np.ones((1, len(times) + 1, members))

    def work() -> None:
        poles = kernel.arrow_poles((cl + q2 + q3) / v1, d, c)
        pair, gain = np.zeros(3, np.int8), (1 / v1)[:, None, None]
        weights, _ = kernel.weigh(poles, pair, d, one[:, :, :2].copy(), one, gain)
        index, count = np.arange(3).reshape(1, 1, 3), np.full((1, 1), 3)
        grid = np.concatenate([[0.0], times])
        state = np.zeros((members, 1, 3))
        kernel.propagate(poles, pair, weights, index, count, grid, *inputs, state, 1.0, levels)

    return _job("K3 A, three compartments, one output stored", members, timed(work))


def _infusions(members: int) -> tuple[Array, ...]:
    shape = (members, 1, len(STARTS_H))
    at = np.array([STARTS_H])
    return np.zeros((1, 1)), np.zeros((members, 1, 1)), at, np.full(shape, 2 / 3), np.full(shape, 35.0)


def refresh(prior: int = 10_000, forecast: int = 1000) -> Job:
    """A new look at job B's person: eight levels weigh 10,000 members, 1,000 are drawn again and followed for 360
    minutes, and the effect site's band is taken."""
    times, steps = bedside()
    seen_h = np.array([0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 3.25, 4.0])
    early = plain.program(
        seen_h,
        [(0.0, 0.5, 20.0), (0.5, 1.0, 30.0), (1.0, 1.5, 15.0), (3.0, 3.5, 25.0)],
        ((0.0, 10.0),),
        ((2.0, 100.0),),
    )
    who, levels, ahead = people(prior), np.ones((4, 8, prior)), np.ones((4, len(times), forecast))
    plain.follow(who, early, NO_SUMS, NO_COUNTS, levels)
    observed = np.log(levels[0, :, 7])

    def work() -> None:
        plain.follow(who, early, NO_SUMS, NO_COUNTS, levels)
        away = ((np.log(levels[0]) - observed[:, None]) ** 2).sum(0) / 0.2**2 / 2
        weights = np.exp(away.min() - away)
        places = np.searchsorted(np.cumsum(weights) / weights.sum(), (np.arange(forecast) + 0.5) / forecast)
        plain.follow(np.ascontiguousarray(who[:, places]), steps, NO_SUMS, NO_COUNTS, ahead)
        np.sort(ahead[3].astype(np.float32), axis=1)[:, [forecast * share // 100 for share in (5, 50, 95)]]

    return _job("K7 B, refresh of 10,000 with 1,000 ahead", forecast, timed(work), budget_ms=30.0)


def million(members: int) -> Job:
    """Job A drawn, followed, one Hill effect with two filters, five quantiles of four outputs at 12 times."""
    times, steps = course()

    def work() -> None:
        plain.summed(TYPICAL, LOG_SD, members, SEED, steps, len(times), 12, slope=SLOPE).quantiles()

    found = timed(work, 2)
    return _job(
        "K7 A, drawn, with effect, filters and quantiles", members, found, 2, budget_ms=6.0 * members / 1e3
    )


def forecast() -> Job:
    """The core model: one racemic infusion, six hours, every five minutes, all effects with bands."""
    return _core(
        "core model, 6 h, all effects with bands", 2000, tuple(np.arange(0, 361, 5) / 60), budget_ms=100.0
    )


def large_forecast(members: int) -> Job:
    """The same with many members at 12 times."""
    return _core("core model, 12 times, all effects with bands", members, tuple(np.arange(1, 13) / 2), 1)


def _core(name: str, members: int, at_h: tuple[float, ...], runs: int = 5, **more: float) -> Job:
    doses = (Dose(0, "ketamine", "iv", 35, 40),)
    question = Question(doses, Person(70), at_h, 6.0, model=tables().core, members=members)
    work: Callable[[], object] = lambda: simulate(question, tables())  # noqa: E731
    return _job(name, members, timed(work, runs), 2, **more)
