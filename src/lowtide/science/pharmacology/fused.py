"""A plain system at full speed, summed in the pass: a hub with two neighbours, a metabolite of one compartment and its
own, an effect site, and a depot.

The special case of `structure` that benchmarks of other programs are set on (no transit, no venous side), and what a
million members go through: nothing of size members x times is stored unless it is asked for. Everything a block of
members needs lies in one scratch array at constant offsets, so that the compiler knows that nothing overlaps.

Parameters (12, n), in this order: CL, V1, Q2, V2, Q3, V3, KA, CL and V of the first metabolite, CL and V of the second,
KE0; L/h, L, 1/h. Times h, amounts mg, levels mg/L; outputs: parent, first, second metabolite, effect site.
"""

import math

import numpy as np

from lowtide.science.pharmacology.lanes import LANES, blocked, compiled, contracted, exp, expm1, log, place

MODES, OUTPUTS = 7, 4  # three of the hub, one of each metabolite, the effect site, the depot
READS = 20  # the hub feeds all outputs; each output has its own modes besides
# places in the scratch array
P, Z, D, G, W, A, O, PD = (LANES * row for row in (0, 7, 14, 21, 28, 48, 54, 58))  # noqa: E741
SCRATCH = LANES * 62
FIRST_FRACTION, SECOND_FRACTION, ORAL = 0.8, 0.5, 0.2
LIMIT = 2e-11
EPSILON = 2.220446049250313e-16


@contracted
def _modes(s):
    """Poles (kept at P) from the members' parameters at W; the hub's largest by Newton from above, the others from what is left."""
    for i in range(LANES):
        cl, v1, q2, v2 = s[W + i], s[W + LANES + i], s[W + 2 * LANES + i], s[W + 3 * LANES + i]
        q3, v3 = s[W + 4 * LANES + i], s[W + 5 * LANES + i]
        a, d2, d3 = (cl + q2 + q3) / v1, q2 / v2, q3 / v3
        c1 = (cl * (d2 + d3) + q3 * d2 + q2 * d3) / v1 + d2 * d3
        c2, c0 = a + d2 + d3, cl / v1 * d2 * d3
        x = (c2 + 2.0 * math.sqrt(max(c2 * c2 - 3.0 * c1, 0.0))) / 3.0
        for _ in range(7):
            x = x - (((x - c2) * x + c1) * x - c0) / ((3.0 * x - 2.0 * c2) * x + c1)
        half, product = 0.5 * (c2 - x), c0 / x
        y = half + math.sqrt(max(half * half - product, 0.0))
        s[P + i], s[P + LANES + i], s[P + 2 * LANES + i] = x, y, product / y
        s[P + 3 * LANES + i] = s[W + 7 * LANES + i] / s[W + 8 * LANES + i]
        s[P + 4 * LANES + i] = s[W + 9 * LANES + i] / s[W + 10 * LANES + i]
        s[P + 5 * LANES + i] = s[W + 11 * LANES + i]
        s[P + 6 * LANES + i] = s[W + 6 * LANES + i]


@compiled
def _hub(zero2, zero3, x, y, z, at):
    """The hub's transfer function at s = -at, without its volume."""
    return (zero2 - at) * (zero3 - at) / ((x - at) * (y - at) * (z - at))


@contracted
def _weights(s):
    """What each output reads of each mode, at W: parent 3 + depot, first 3 + own + depot, second 3 + first + own + depot,
    site 3 + own + depot; and how a swallowed mg starts each of the six modes, at A. The parameters at W are used up."""
    for i in range(LANES):
        cl, v1 = s[W + i], s[W + LANES + i]
        d2, d3 = s[W + 2 * LANES + i] / s[W + 3 * LANES + i], s[W + 4 * LANES + i] / s[W + 5 * LANES + i]
        ka, vn, vh = s[W + 6 * LANES + i], s[W + 8 * LANES + i], s[W + 10 * LANES + i]
        x, y, z = s[P + i], s[P + LANES + i], s[P + 2 * LANES + i]
        n, h, e = s[P + 3 * LANES + i], s[P + 4 * LANES + i], s[P + 5 * LANES + i]
        gc, gn, ge = 1.0 / v1, FIRST_FRACTION * cl / v1 / vn, e / v1
        gh = FIRST_FRACTION * cl / v1 * SECOND_FRACTION * n / vh
        rx = (d2 - x) * (d3 - x) / ((y - x) * (z - x))
        ry = (d2 - y) * (d3 - y) / ((x - y) * (z - y))
        rz = (d2 - z) * (d3 - z) / ((x - z) * (y - z))
        rn, rh, re, ra = (
            _hub(d2, d3, x, y, z, n),
            _hub(d2, d3, x, y, z, h),
            _hub(d2, d3, x, y, z, e),
            _hub(d2, d3, x, y, z, ka),
        )
        s[W + i], s[W + LANES + i], s[W + 2 * LANES + i], s[W + 3 * LANES + i] = (
            gc * rx,
            gc * ry,
            gc * rz,
            gc * ra * ka,
        )
        s[W + 4 * LANES + i] = gn * rx / (n - x)
        s[W + 5 * LANES + i] = gn * ry / (n - y)
        s[W + 6 * LANES + i] = gn * rz / (n - z)
        s[W + 7 * LANES + i] = gn * rn
        s[W + 8 * LANES + i] = gn * ra * ka / (n - ka)
        s[W + 9 * LANES + i] = gh * rx / ((n - x) * (h - x))
        s[W + 10 * LANES + i] = gh * ry / ((n - y) * (h - y))
        s[W + 11 * LANES + i] = gh * rz / ((n - z) * (h - z))
        s[W + 12 * LANES + i] = gh * rn / (h - n)
        s[W + 13 * LANES + i] = gh * rh / (n - h)
        s[W + 14 * LANES + i] = gh * ra * ka / ((n - ka) * (h - ka))
        s[W + 15 * LANES + i] = ge * rx / (e - x)
        s[W + 16 * LANES + i] = ge * ry / (e - y)
        s[W + 17 * LANES + i] = ge * rz / (e - z)
        s[W + 18 * LANES + i] = ge * re
        s[W + 19 * LANES + i] = ge * ra * ka / (e - ka)
        for k in range(6):
            s[A + k * LANES + i] = ka / (ka - s[P + k * LANES + i])


@contracted
def _errors(s, swallowed, error):
    """What cancellation may cost each member, as a share of a level an hour after a unit bolus (or swallowed dose)."""
    for i in range(LANES):
        x, y, z = exp(-s[P + i]), exp(-s[P + LANES + i]), exp(-s[P + 2 * LANES + i])
        n, h, e, a = (
            exp(-s[P + 3 * LANES + i]),
            exp(-s[P + 4 * LANES + i]),
            exp(-s[P + 5 * LANES + i]),
            exp(-s[P + 6 * LANES + i]),
        )
        fx, fy, fz, fn, fh, fe, fa = 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0
        if swallowed:
            fx, fy, fz = s[A + i], s[A + LANES + i], s[A + 2 * LANES + i]
            fn, fh, fe, fa = s[A + 3 * LANES + i], s[A + 4 * LANES + i], s[A + 5 * LANES + i], 1.0
        t0, t1, t2 = s[W + 9 * LANES + i] * fx, s[W + 10 * LANES + i] * fy, s[W + 11 * LANES + i] * fz
        t3, t4, t5 = s[W + 12 * LANES + i] * fn, s[W + 13 * LANES + i] * fh, s[W + 14 * LANES + i] * fa
        u0, u1, u2 = s[W + 15 * LANES + i] * fx, s[W + 16 * LANES + i] * fy, s[W + 17 * LANES + i] * fz
        u3, u4 = s[W + 18 * LANES + i] * fe, s[W + 19 * LANES + i] * fa
        second = abs(t0 * x + t1 * y + t2 * z + t3 * n + t4 * h + t5 * a)
        site = abs(u0 * x + u1 * y + u2 * z + u3 * e + u4 * a)
        largest = (abs(t0) + abs(t1) + abs(t2) + abs(t3) + abs(t4) + abs(t5)) / second
        beside = (abs(u0) + abs(u1) + abs(u2) + abs(u3) + abs(u4)) / site
        error[i] += EPSILON * (largest + beside)  # a sum, because it does not lose a NaN


@contracted
def _factors(s, dt, table, u):
    """One step's decay and even input of each mode, kept as a row of the table: (dts, 14 x LANES)."""
    for j in range(MODES * LANES):
        table[u, j] = exp(-s[P + j] * dt)
        table[u, MODES * LANES + j] = -expm1(-s[P + j] * dt) / s[P + j]
    for i in range(LANES):
        table[u, 13 * LANES + i] = 0.0


@blocked
def _run_on(s, rate):
    """All modes over one step with input."""
    for j in range(MODES * LANES):
        s[Z + j] = s[Z + j] * s[D + j] + rate * s[G + j]


@blocked
def _rest(s):
    """All modes over one step without."""
    for j in range(MODES * LANES):
        s[Z + j] *= s[D + j]


@blocked
def _read(s):
    """The four outputs of the modes."""
    for i in range(LANES):
        a, b, c = s[Z + i], s[Z + LANES + i], s[Z + 2 * LANES + i]
        n, h, e = s[Z + 3 * LANES + i], s[Z + 4 * LANES + i], s[Z + 5 * LANES + i]
        d = s[Z + 6 * LANES + i]
        s[O + i] = s[W + i] * a + s[W + LANES + i] * b + s[W + 2 * LANES + i] * c + s[W + 3 * LANES + i] * d
        first = s[W + 4 * LANES + i] * a + s[W + 5 * LANES + i] * b + s[W + 6 * LANES + i] * c
        s[O + LANES + i] = first + s[W + 7 * LANES + i] * n + s[W + 8 * LANES + i] * d
        second = s[W + 9 * LANES + i] * a + s[W + 10 * LANES + i] * b + s[W + 11 * LANES + i] * c
        second += s[W + 12 * LANES + i] * n + s[W + 13 * LANES + i] * h
        s[O + 2 * LANES + i] = second + s[W + 14 * LANES + i] * d
        site = s[W + 15 * LANES + i] * a + s[W + 16 * LANES + i] * b + s[W + 17 * LANES + i] * c
        s[O + 3 * LANES + i] = site + s[W + 18 * LANES + i] * e + s[W + 19 * LANES + i] * d


@blocked
def _give(s, bolus, oral):
    for k in range(6):
        for i in range(LANES):
            s[Z + k * LANES + i] += bolus + oral * s[A + k * LANES + i]
    for i in range(LANES):
        s[Z + 6 * LANES + i] += oral


@blocked
def _sum(s, row):
    total = 0.0
    for i in range(LANES):
        total += s[row + i]
    return total


@contracted
def _respond(s, c50, slope, filters, u):
    """Hill of the effect site and its two filters, at PD: the first filter, the second, the drive before, the drive."""
    scale = exp(slope * math.log(c50))
    for i in range(LANES):
        level = exp(slope * log(max(s[O + 3 * LANES + i], 1e-300)))
        s[PD + 3 * LANES + i] = level / (scale + level)
    p0, p1, p2 = filters[u, 0], filters[u, 1], filters[u, 2]
    m0, m1, m2, m3 = filters[u, 3], filters[u, 4], filters[u, 5], filters[u, 6]
    for i in range(LANES):
        first, before, now = s[PD + i], s[PD + 2 * LANES + i], s[PD + 3 * LANES + i]
        s[PD + LANES + i] = m0 * s[PD + LANES + i] + m1 * first + m2 * before + m3 * now
        s[PD + i] = p0 * first + p1 * before + p2 * now
        s[PD + 2 * LANES + i] = now


@compiled
def _load(s, parameters, first, n, swallowed, error):
    """A block's modes and weights; lanes beyond its members, and members whose modes lie too close, weigh nothing."""
    for i in range(LANES):
        at = first + min(i, n - 1)
        for k in range(12):
            s[W + k * LANES + i] = parameters[k, at]
        error[i] = 0.0
    _modes(s)
    _weights(s)
    _errors(s, False, error)
    if swallowed:
        _errors(s, True, error)
    for i in range(LANES):
        if i >= n or not error[i] < LIMIT:
            for k in range(READS):
                s[W + k * LANES + i] = 0.0
            for k in range(6):
                s[A + k * LANES + i] = 0.0
            for k in range(MODES):
                s[P + k * LANES + i] = 1.0


@compiled
def run(
    parameters,
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
    errors,
):
    """Propagate the members, parameters (12, n), through a program; answers nothing but fills what has room.

    sums (6, outputs) takes the sum over members of the four outputs and the two filters; counts (asked, 4, BINS) their
    histograms; levels (4, outputs, n) every level; errors (n,) each one's estimate, `LIMIT` and above are left out.
    A `slope` of 0 leaves the effect out.
    """
    s, table = np.zeros(SCRATCH), np.zeros((dts.size, 2 * MODES * LANES))
    error, members, swallowed = np.zeros(LANES), parameters.shape[1], np.any(oral != 0.0)
    for first in range(0, members, LANES):
        n = min(LANES, members - first)
        _load(s, parameters, first, n, swallowed, error)
        errors[first : first + n] = error[:n]
        for u in range(dts.size):
            _factors(s, dts[u], table, u)
        s[Z : Z + MODES * LANES] = 0.0
        s[PD : PD + 3 * LANES] = 0.0
        last = -1
        for t in range(which.size):
            if which[t] != last:
                last = which[t]
                for j in range(2 * MODES * LANES):
                    s[D + j] = table[last, j]
            if bolus[t] != 0.0 or oral[t] != 0.0:
                _give(s, bolus[t], ORAL * oral[t])
            if rate[t] != 0.0:
                _run_on(s, rate[t])
            else:
                _rest(s)
            _read(s)
            if slope > 0.0:
                _respond(s, c50, slope, filters, last)
            if output[t] >= 0:
                _note(s, output[t], first, n, slope, sums, levels)
            if asked[t] >= 0:
                _count(s, asked[t], n, error, counts)


@compiled
def _note(s, at, first, n, slope, sums, levels):
    if sums.size > 0:
        for o in range(OUTPUTS):
            sums[o, at] += _sum(s, O + o * LANES)
        if slope > 0.0:
            sums[4, at] += _sum(s, PD)
            sums[5, at] += _sum(s, PD + LANES)
    if levels.size > 0:
        for o in range(OUTPUTS):
            for i in range(n):
                levels[o, at, first + i] = s[O + o * LANES + i]


@compiled
def _count(s, at, n, error, counts):
    for o in range(OUTPUTS):
        for i in range(n):
            if error[i] < LIMIT and counts.size > 0:
                counts[at, o, place(s[O + o * LANES + i])] += 1
