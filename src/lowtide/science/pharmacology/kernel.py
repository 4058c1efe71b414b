"""Exact propagation of linear kinetics: poles and weights in, levels at the asked times out. Compiled once, cached.

A member's answer to one way in is a sum of exponentials. A pole is simple or the first of a pair (a double pole, as two
equal transit stages have); state `b` of a pair is 1/(s+p), state `a` is 1/(s+p)^2. Inputs are amounts given at once or
evenly over a window; between the asked times nothing is approximated. Members go through in blocks of `LANES`, side by
side. Times in h, rates 1/h, amounts mg, levels mg/L.
"""

import math

import numpy as np

from lowtide.science.pharmacology import lanes
from lowtide.science.pharmacology.lanes import LANES, blocked, compiled, place

SIMPLE, FIRST, SECOND = 0, 1, 2
EPSILON = 2.220446049250313e-16
PROBES_H = np.array([0.0, 0.02, 0.1, 0.5, 2.0, 6.0])


@compiled
def arrow_poles(a, d, c):
    """Eigenvalues, ascending, of a centre with total outflow `a` (n,) and n neighbours with outflow `d` (n, m) and
    product `c` (n, m) of the two exchange rates: the roots of a - x = sum c / (d - x), one between each two d."""
    members, m = d.shape
    out = np.empty((members, m + 1))
    for i in range(members):
        if m == 1:
            half = 0.5 * (a[i] + d[i, 0])
            out[i, 1] = half + math.sqrt(0.25 * (a[i] - d[i, 0]) ** 2 + c[i, 0])
            out[i, 0] = (a[i] * d[i, 0] - c[i, 0]) / out[i, 1]
            continue
        order = np.argsort(d[i])
        top = a[i]
        for j in range(m):
            top += d[i, j]
        for k in range(m + 1):
            low = 0.0 if k == 0 else d[i, order[k - 1]]
            high = top if k == m else d[i, order[k]]
            out[i, k] = _root(a[i], d[i], c[i], low, high)
    return out


@compiled
def _root(a, d, c, low, high):
    x = 0.5 * (low + high)
    for _ in range(200):
        f, slope = a - x, -1.0
        for j in range(d.size):
            gap = d[j] - x
            if gap == 0.0:
                return x
            f -= c[j] / gap
            slope -= c[j] / (gap * gap)
        if f > 0.0:
            low = x
        else:
            high = x
        new = x - f / slope
        if not (low < new < high):
            new = 0.5 * (low + high)
        if abs(new - x) <= 2 * EPSILON * abs(new):
            return new
        x = new
    return x


@compiled
def weigh(poles, pair, zeros, zero_mask, pole_mask, gain):
    """Partial fractions of gain x prod(s + zeros) / prod(s + poles), chosen by the masks.

    poles (n, p), zeros (n, z), gain (n, channels, outputs), masks (channels, outputs, p or z). Answers the weights
    (n, channels, outputs, p) and, by member, an estimate of the relative error that cancellation will cost.
    """
    members, p = poles.shape
    channels, outputs = zero_mask.shape[0], zero_mask.shape[1]
    weights = np.zeros((members, channels, outputs, p))
    error = np.zeros(members)
    probes = np.empty((PROBES_H.size, p))
    for i in range(members):
        for t in range(PROBES_H.size):
            for k in range(p):
                term = math.exp(-poles[i, k] * PROBES_H[t])
                probes[t, k] = term * PROBES_H[t] if pair[k] == SECOND else term
        for c in range(channels):
            for o in range(outputs):
                if gain[i, c, o] != 0.0:
                    _residues(poles[i], pair, zeros[i], zero_mask[c, o], pole_mask[c, o], weights[i, c, o])
                    for k in range(p):
                        weights[i, c, o, k] *= gain[i, c, o]
                    error[i] = max(error[i], _cancellation(probes, weights[i, c, o]))
    return weights, error


@compiled
def steady(poles, pair, weights):
    """The transfer functions at s = 0: the area of one mg, (n, channels, outputs)."""
    members, channels, outputs, p = weights.shape
    out = np.zeros((members, channels, outputs))
    for i in range(members):
        for c in range(channels):
            for o in range(outputs):
                for k in range(p):
                    per = poles[i, k] * poles[i, k] if pair[k] == SECOND else poles[i, k]
                    out[i, c, o] += weights[i, c, o, k] / per
    return out


@compiled
def _residues(poles, pair, zeros, zero_mask, pole_mask, out):
    for k in range(poles.size):
        if not pole_mask[k] or pair[k] == SECOND:
            continue
        value, slope = 1.0, 0.0
        for z in range(zeros.size):
            if zero_mask[z]:
                gap = zeros[z] - poles[k]
                value *= gap
                slope += 1.0 / gap
        for j in range(poles.size):
            if pole_mask[j] and j != k and not (pair[k] == FIRST and j == k + 1):
                gap = poles[j] - poles[k]
                value /= gap
                slope -= 1.0 / gap
        if pair[k] == FIRST:
            out[k + 1] = value
            out[k] = value * slope
        else:
            out[k] = value


@compiled
def _cancellation(probes, weights):
    largest, peak = 0.0, 0.0
    for t in range(probes.shape[0]):
        total, absolute = 0.0, 0.0
        for k in range(weights.size):
            term = weights[k] * probes[t, k]
            total += term
            absolute += abs(term)
        largest = max(largest, absolute)
        peak = max(peak, abs(total))
    estimate = EPSILON * largest / peak if peak > 0.0 else math.inf
    return estimate if math.isfinite(estimate) else math.inf


@compiled
def _ramp(pole, u):
    """Integral of v exp(-pole v) from 0 to u; by its series where the closed form would cancel."""
    x = pole * u
    if x > 0.3:
        return (1.0 - math.exp(-x) * (1.0 + x)) / (pole * pole)
    total, power = 0.0, 1.0  # sum over k >= 2 of (-x)^(k-2) (k-1) / k!
    for k in range(2, 18):
        total += power * (k - 1)
        power *= -x / (k + 1)
    return 0.5 * u * u * total


@compiled
def propagate(
    poles,
    pair,
    weights,
    index,
    count,
    times,
    bolus_at,
    bolus,
    window_at,
    window_for,
    window,
    state,
    scale,
    levels,
):
    """Levels into `levels` (outputs, times, n), answers areas since times[0] (n, outputs), both times `scale`.

    index (channels, outputs, p) lists the `count` poles each output needs. bolus_at (channels, b) and window_at
    (channels, w) in h; bolus (n, channels, b), window (n, channels, w) in mg, window_for (n, channels, w) in h.
    `state` (n, channels, p) is where the member stands at times[0]; it is changed in place. A bolus at an asked time
    counts after it. The caller brings the room for levels: touching new memory costs more than filling it.
    """
    members, channels, outputs, p = weights.shape
    areas = np.zeros((members, outputs))
    source, begins = _reads(index, count)
    pole, decay, full = np.empty((p, LANES)), np.empty((p, LANES)), np.empty((p, LANES))
    x, w = np.empty((channels * p, LANES)), np.empty((source.size, LANES))
    given, spare, total = np.empty((channels, LANES)), np.empty((3, LANES)), np.empty((1, LANES))
    for first in range(0, members, LANES):
        n = min(LANES, members - first)
        _load(first, poles, weights, source, begins, state, scale, pole, w, x)
        given[:] = 0.0
        last = -1.0
        _read(w, source, begins, x, total, levels, 0, first, n)
        for s in range(times.size - 1):
            begin, dt = times[s], times[s + 1] - times[s]
            if abs(dt - last) > 1e-12:
                _factors(pole, pair, dt, decay, full)
                last = dt
            for c in range(channels):
                _decay(x, c * p, decay, pair, dt)
                _boluses(x, c, pole, pair, begin, dt, first, bolus_at, bolus, given, spare)
                _windows(
                    x, c, pole, pair, full, begin, dt, first, window_at, window_for, window, given, spare
                )
            _read(w, source, begins, x, total, levels, s + 1, first, n)
        _finish(first, n, poles, pair, weights, index, count, x, given, scale, state, areas)
    return areas


@compiled
def _reads(index, count):
    """Which row of the state each weight goes with, output by output, and where each output's weights begin."""
    channels, outputs, p = index.shape
    source, begins = np.empty(count.sum(), np.int64), np.zeros(outputs + 1, np.int64)
    r = 0
    for o in range(outputs):
        for c in range(channels):
            for j in range(count[c, o]):
                source[r] = c * p + index[c, o, j]
                r += 1
        begins[o + 1] = r
    return source, begins


@compiled
def _load(first, poles, weights, source, begins, state, scale, pole, w, x):
    """A block's members side by side; lanes beyond the last member repeat it."""
    members, channels, outputs, p = weights.shape
    for lane in range(LANES):
        i = min(first + lane, members - 1)
        for k in range(p):
            pole[k, lane] = poles[i, k]
            for c in range(channels):
                x[c * p + k, lane] = state[i, c, k]
        for o in range(outputs):
            for r in range(begins[o], begins[o + 1]):
                w[r, lane] = weights[i, source[r] // p, o, source[r] % p] * scale


@compiled
def _factors(pole, pair, dt, decay, full):
    """What one step does to a mode: how much of it stays, and what an even unit of input adds."""
    for k in range(pole.shape[0]):
        lanes.decay(pole, k, dt, decay, k)
        if pair[k] == SECOND:
            for lane in range(LANES):
                full[k, lane] = _ramp(pole[k, lane], dt)
        else:
            lanes.fill(pole, k, dt, full, k)


@blocked
def _decay(x, row, decay, pair, dt):
    for k in range(decay.shape[0]):
        for lane in range(LANES):
            x[row + k, lane] *= decay[k, lane]
        if pair[k] == SECOND:
            for lane in range(LANES):
                x[row + k, lane] += dt * x[row + k - 1, lane]


@compiled
def _boluses(x, c, pole, pair, begin, dt, first, bolus_at, bolus, given, spare):
    members, p = bolus.shape[0], pole.shape[0]
    for b in range(bolus_at.shape[1]):
        left = begin + dt - bolus_at[c, b]
        if not 1e-12 < left <= dt + 1e-12:
            continue
        for lane in range(LANES):
            amount = bolus[min(first + lane, members - 1), c, b]
            spare[0, lane] = amount
            given[c, lane] += amount
        for k in range(p):
            lanes.decay(pole, k, left, spare, 1)
            lanes.add(x, c * p + k, spare, spare, 1, left if pair[k] == SECOND else 1.0)


@compiled
def _windows(x, c, pole, pair, full, begin, dt, first, window_at, window_for, window, given, spare):
    members, p = window.shape[0], pole.shape[0]
    for v in range(window_at.shape[1]):
        if window_at[c, v] >= begin + dt - 1e-13:
            continue
        since = max(window_at[c, v] - begin, 0.0)
        least, most = dt, since
        for lane in range(LANES):
            i = min(first + lane, members - 1)
            until = min(max(window_at[c, v] + window_for[i, c, v] - begin, since), dt)
            spare[0, lane] = window[i, c, v] / window_for[i, c, v]
            spare[1, lane] = until
            if window[i, c, v] != 0.0:
                least, most = min(least, until), max(most, until)
        if most - since <= 1e-13:
            continue
        for lane in range(LANES):
            given[c, lane] += spare[0, lane] * (spare[1, lane] - since)
        whole = since == 0.0 and dt - least <= 1e-13
        for k in range(p):
            if whole:
                lanes.add(x, c * p + k, spare, full, k, 1.0)
            elif pair[k] == SECOND:
                _partial_ramp(x, c * p + k, pole, k, since, dt, spare)
            else:
                lanes.partial(pole, k, since, spare, dt, spare)
                lanes.add(x, c * p + k, spare, spare, 2, 1.0)


@compiled
def _partial_ramp(x, row, pole, k, since, dt, spare):
    for lane in range(LANES):
        late, early = _ramp(pole[k, lane], dt - since), _ramp(pole[k, lane], dt - spare[1, lane])
        x[row, lane] += spare[0, lane] * (late - early)


@compiled
def _read(w, source, begins, x, total, levels, s, first, n):
    for o in range(begins.size - 1):
        lanes.dot(w, x, source, begins[o], begins[o + 1], total)
        for lane in range(n):
            levels[o, s, first + lane] = total[0, lane]


@compiled
def _finish(first, n, poles, pair, weights, index, count, x, given, scale, state, areas):
    """Each mode's integral from its balance: what came in, less what is there, over its pole. Hands the state back."""
    p = poles.shape[1]
    whole = np.empty(p)
    for lane in range(n):
        i = first + lane
        for c in range(weights.shape[1]):
            for k in range(p):
                inflow = whole[k - 1] if pair[k] == SECOND else given[c, lane]
                left = x[c * p + k, lane]
                whole[k] = (inflow - (left - state[i, c, k])) / poles[i, k]
                state[i, c, k] = left
            for o in range(weights.shape[2]):
                for j in range(count[c, o]):
                    k = index[c, o, j]
                    areas[i, o] += weights[i, c, o, k] * whole[k] * scale


@compiled
def peaks(values, allowed):
    """Each member's highest value and its place, out of values (times, n) at the `allowed` places; the first of equals."""
    top, place = values[allowed[0]].copy(), np.full(values.shape[1], allowed[0])
    for t in allowed[1:]:
        for i in range(values.shape[1]):
            if values[t, i] > top[i]:
                top[i], place[i] = values[t, i], t
    return top, place


@compiled
def count(values, counts):
    """Add values (k, n) to their histograms (k, bins)."""
    for row in range(values.shape[0]):
        for i in range(values.shape[1]):
            counts[row, place(values[row, i])] += 1
