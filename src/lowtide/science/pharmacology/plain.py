"""A million people through one regimen: the plain system of `fused`, drawn, propagated and summed in the pass.

Blocks of members are drawn from streams of their own and run in a few threads; what is kept of them merges in the order
of the blocks, so that the answer has the same bits for any number of threads. Members whose modes lie too close together
for the closed form go by matrix exponentials.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import numpy as np

from lowtide.science.pharmacology import fused
from lowtide.science.pharmacology.fused import FIRST_FRACTION, LIMIT, ORAL, OUTPUTS, SECOND_FRACTION
from lowtide.science.pharmacology.lanes import BINS, compiled, contracted, exp, place
from lowtide.science.pharmacology.matrix import exponential
from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.summary import lower_edges

BLOCK = 4096
NOTHING = {2: np.zeros((0, 0)), 3: np.zeros((0, 0, 0))}


class Program(msgspec.Struct, frozen=True):
    """A regimen as steps, (steps,): which of `dts` (h), infusion rate mg/h, what is given at its start (into the vein
    and swallowed, mg), and the place of its end among the outputs, -1 for none; with the filters' factors, (dts, 7)."""

    dts: Array
    which: Array
    rate: Array
    bolus: Array
    oral: Array
    output: Array
    filters: Array
    asked: Array  # the place of the step's end among those with bands, -1 for none


def program(
    times_h: Array,
    infusions: list[tuple[float, float, float]],
    boluses: tuple[tuple[float, float], ...] = (),
    swallowed: tuple[tuple[float, float], ...] = (),
    bands_h: Array | None = None,
    filters_per_h: tuple[float, float] = (math.log(2) / 24, math.log(2) / 120),
) -> Program:
    """Compile a regimen: infusions (begin h, end h, mg/h), boluses and swallowed doses (h, mg); from hour 0."""
    marks = [0.0, *(m for begin, end, _ in infusions for m in (begin, end))]
    given = [at for at, _ in (*boluses, *swallowed)]
    edges = np.unique(np.round(np.concatenate([times_h, marks, given]), 10))
    edges = edges[edges <= times_h[-1] + 1e-9]
    dts, which = np.unique(np.round(np.diff(edges), 8), return_inverse=True)
    middle = (edges[:-1] + edges[1:]) / 2
    rate = sum((r * ((middle > b) & (middle < e)) for b, e, r in infusions), np.zeros(len(middle)))
    return Program(
        dts,
        which.astype(np.int64),
        np.asarray(rate),
        _at(edges, boluses),
        _at(edges, swallowed),
        _numbered(edges[1:], times_h),
        np.array([_held(dt, *filters_per_h) for dt in dts]),
        _numbered(edges[1:], np.empty(0) if bands_h is None else bands_h),
    )


def _at(edges: Array, doses: tuple[tuple[float, float], ...]) -> Array:
    return np.array([sum(mg for at, mg in doses if abs(at - edge) < 1e-9) for edge in edges[:-1]], float)


def _numbered(edges: Array, wanted: Array) -> Array:
    found = np.full(len(edges), -1)
    for number, at in enumerate(wanted):
        found[np.abs(edges - at) < 1e-9] = number
    return found


def _held(dt: float, kp: float, km: float) -> list[float]:
    """Two first-order filters in a row over one step, their input a straight line: how much of the first stays, what the
    input's ends add to it; the same for the second, with what the first's start adds."""
    ep, em = math.exp(-kp * dt), math.exp(-km * dt)
    late = 1 - (1 - ep) / (kp * dt)
    # the second follows p(t) = f0 + (f1 - f0) t / dt - slope / kp + ...: exact, by its three parts
    cross = km * (ep - em) / (km - kp)
    ramp = 1 - (1 - em) / (km * dt)
    lag = (1 - em - cross) / (kp * dt)
    return [ep, 1 - ep - late, late, em, cross, 1 - em - cross - (ramp - lag), ramp - lag]


class Summed(msgspec.Struct):
    """What is kept of the members: how many, sums (6, times) of the outputs and the two filters, histograms
    (moments, 4, bins), and how many went by matrices."""

    members: int
    sums: Array
    counts: Array
    by_matrix: int

    def means(self) -> Array:
        """(6, times): the four outputs in mg/L and the two filters."""
        return self.sums / self.members

    def quantiles(self, shares: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> Array:
        """(shares, moments, 4) in mg/L, to within `BIN_ERROR` of the value."""
        reached, lower = np.cumsum(self.counts, 2), lower_edges()
        found = [np.argmax(reached >= share * self.members, 2) for share in shares]
        return np.asarray((lower[np.array(found)] + lower[np.array(found) + 1]) / 2)


def follow(
    parameters: Array,
    steps: Program,
    sums: Array,
    counts: Array,
    levels: Array = NOTHING[3],
    c50: float = 0.1,
    slope: float = 0.0,
) -> int:
    """Members (12, n) through a program, into what has room: sums (6, times), counts (moments, 4, bins), levels
    (4, times, n). Answers how many went by matrices. `c50` mg/L and `slope` are the effect's; no slope, no effect."""
    errors = np.empty(parameters.shape[1])
    plan = (
        steps.dts,
        steps.which,
        steps.rate,
        steps.bolus,
        steps.oral,
        steps.output,
        steps.asked,
        steps.filters,
    )
    fused.run(parameters, *plan, c50, slope, sums, counts, levels, errors)
    close = np.flatnonzero(~(errors < LIMIT))
    if close.size:
        _by_matrix(parameters, close, *plan, c50, slope, sums, counts, levels)
    return int(close.size)


def summed(
    typical: Array,
    log_sd: float,
    members: int,
    seed: int,
    steps: Program,
    times: int,
    moments: int,
    *,
    slope: float = 0.0,
    threads: int = 2,
) -> Summed:
    """Draw members around `typical` (12,), each parameter by `log_sd` on the log scale, and sum what they do."""

    def one(block: int) -> Summed:
        return _block(
            typical, log_sd, min(BLOCK, members - block * BLOCK), seed, block, steps, times, moments, slope
        )

    total = Summed(0, np.zeros((6, times)), np.zeros((moments, OUTPUTS, BINS), np.int64), 0)
    for found in _in_order(one, -(-members // BLOCK), threads):
        total.members += found.members
        total.sums += found.sums
        total.counts += found.counts
        total.by_matrix += found.by_matrix
    return total


def _in_order(one: Callable[[int], Summed], blocks: int, threads: int) -> Iterator[Summed]:
    if threads == 1:
        yield from map(one, range(blocks))
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting = deque(pool.submit(one, block) for block in range(min(2 * threads, blocks)))
        for block in range(2 * threads, blocks + 2 * threads):
            if waiting:
                yield waiting.popleft().result()
            if block < blocks:
                waiting.append(pool.submit(one, block))


@compiled
def _by_matrix(
    parameters,
    members,
    dts,
    which,
    rate,
    bolus,
    oral,
    output,
    asked,
    filters,
    c50,
    slope,
    sums,
    counts,
    levels,
):
    """The same as `fused.run` for members one by one: states depot, hub 3, metabolites 2, site; and the input."""
    for m in members:
        generator, reads = _generator(parameters[:, m])
        powers = np.zeros((dts.size, 8, 8))
        for u in range(dts.size):
            powers[u] = exponential(generator, dts[u])
        x, effect = np.zeros(8), np.zeros(3)
        for t in range(which.size):
            x[0] += ORAL * oral[t]
            x[1] += bolus[t]
            x[7] = rate[t]
            x = powers[which[t]] @ x
            now = reads * x[np.array([1, 4, 5, 6])]
            if slope > 0.0:
                _respond(effect, now[3], c50, slope, filters[which[t]])
            _keep(now, effect, m, output[t], asked[t], slope, sums, counts, levels)


@compiled
def _generator(p):
    a = np.zeros((8, 8))
    a[0, 0], a[1, 0] = -p[6], p[6]
    a[1, 1], a[1, 7] = -(p[0] + p[2] + p[4]) / p[1], 1.0
    a[2, 1], a[1, 2], a[2, 2] = p[2] / p[1], p[2] / p[3], -p[2] / p[3]
    a[3, 1], a[1, 3], a[3, 3] = p[4] / p[1], p[4] / p[5], -p[4] / p[5]
    a[4, 1], a[4, 4] = FIRST_FRACTION * p[0] / p[1], -p[7] / p[8]
    a[5, 4], a[5, 5] = SECOND_FRACTION * p[7] / p[8], -p[9] / p[10]
    a[6, 1], a[6, 6] = p[11] / p[1], -p[11]
    return a, np.array([1.0 / p[1], 1.0 / p[8], 1.0 / p[10], 1.0])


@compiled
def _respond(effect, level, c50, slope, f):
    drive = level**slope / (c50**slope + level**slope)
    effect[1] = f[3] * effect[1] + f[4] * effect[0] + f[5] * effect[2] + f[6] * drive
    effect[0] = f[0] * effect[0] + f[1] * effect[2] + f[2] * drive
    effect[2] = drive


@compiled
def _keep(now, effect, m, output, asked, slope, sums, counts, levels):
    for o in range(4):
        if output >= 0 and sums.size > 0:
            sums[o, output] += now[o]
        if output >= 0 and levels.size > 0:
            levels[o, output, m] = now[o]
        if asked >= 0 and counts.size > 0:
            counts[asked, o, place(now[o])] += 1
    if output >= 0 and sums.size > 0 and slope > 0.0:
        sums[4, output] += effect[0]
        sums[5, output] += effect[1]


def _block(
    typical: Array,
    log_sd: float,
    members: int,
    seed: int,
    block: int,
    steps: Program,
    times: int,
    moments: int,
    slope: float,
) -> Summed:
    stream = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(block,))))
    drawn = stream.standard_normal((12, members))
    spread(drawn, typical, log_sd)
    found = Summed(members, np.zeros((6, times)), np.zeros((moments, OUTPUTS, BINS), np.int64), 0)
    found.by_matrix = follow(drawn, steps, found.sums, found.counts, slope=slope)
    return found


@contracted
def spread(z, typical, log_sd):
    """typical x exp(log_sd z) in place; z (12, n)."""
    for k in range(z.shape[0]):
        for i in range(z.shape[1]):
            z[k, i] = typical[k] * exp(log_sd * z[k, i])
