"""Exact propagation of linear kinetics: poles and weights in, levels at the asked times out. Compiled once, cached.

A member's answer to one way in is a sum of exponentials. A pole is simple or the first of a pair (a double pole, as two
equal transit stages have); state `b` of a pair is 1/(s+p), state `a` is 1/(s+p)^2. Inputs are amounts given at once or
evenly over a window; between the asked times nothing is approximated. Times in h, rates 1/h, amounts mg, levels mg/L.
"""

import math

import numba
import numpy as np

SIMPLE, FIRST, SECOND = 0, 1, 2
EPSILON = 2.220446049250313e-16
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")
PROBES_H = np.array([0.0, 0.02, 0.1, 0.5, 2.0, 6.0])


@compiled
def arrow_poles(a, d, c):
    """Eigenvalues, ascending, of a centre with total outflow `a` (n,) and n neighbours with outflow `d` (n, m) and
    product `c` (n, m) of the two exchange rates: the roots of a - x = sum c / (d - x), one between each two d."""
    members, m = d.shape
    out = np.empty((members, m + 1))
    for i in range(members):
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
    for i in range(members):
        for c in range(channels):
            for o in range(outputs):
                if gain[i, c, o] != 0.0:
                    _residues(poles[i], pair, zeros[i], zero_mask[c, o], pole_mask[c, o], weights[i, c, o])
                    for k in range(p):
                        weights[i, c, o, k] *= gain[i, c, o]
                    error[i] = max(error[i], _cancellation(poles[i], pair, weights[i, c, o]))
    return weights, error


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
def _cancellation(poles, pair, weights):
    largest, peak = 0.0, 0.0
    for t in PROBES_H:
        total, absolute = 0.0, 0.0
        for k in range(poles.size):
            term = weights[k] * math.exp(-poles[k] * t)
            if pair[k] == SECOND:
                term *= t
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
    poles, pair, weights, index, count, times, bolus_at, bolus, window_at, window_for, window, state
):
    """Levels (n, outputs, times), areas since times[0] (n, outputs) and the state at times[-1].

    index (channels, outputs, p) lists the `count` poles each output needs. bolus_at (channels, b) and window_at
    (channels, w) in h; bolus (n, channels, b), window (n, channels, w) in mg, window_for (n, channels, w) in h.
    `state` (n, channels, p) is where the member stands at times[0]; it is changed in place. A bolus at an asked time
    counts after it.
    """
    members, channels, outputs, p = weights.shape
    steps = times.size
    levels = np.zeros((members, outputs, steps))
    areas = np.zeros((members, outputs))
    decay, full, slide = np.empty(p), np.empty(p), np.empty(p)
    start = np.empty((channels, p))
    given = np.zeros(channels)
    for i in range(members):
        last = -1.0
        for c in range(channels):
            given[c] = 0.0
            for k in range(p):
                start[c, k] = state[i, c, k]
        _read(weights[i], index, count, state[i], levels[i], 0)
        for s in range(steps - 1):
            begin, dt = times[s], times[s + 1] - times[s]
            if abs(dt - last) > 1e-12:
                for k in range(p):
                    decay[k] = math.exp(-poles[i, k] * dt)
                    full[k] = -math.expm1(-poles[i, k] * dt) / poles[i, k]
                    slide[k] = _ramp(poles[i, k], dt) if pair[k] == FIRST else 0.0
                last = dt
            for c in range(channels):
                x = state[i, c]
                for k in range(p):
                    x[k] *= decay[k]
                    if pair[k] == SECOND:
                        x[k] += dt * x[k - 1]
                given[c] += _enter(
                    x,
                    poles[i],
                    pair,
                    full,
                    slide,
                    begin,
                    dt,
                    bolus_at[c],
                    bolus[i, c],
                    window_at[c],
                    window_for[i, c],
                    window[i, c],
                )
            _read(weights[i], index, count, state[i], levels[i], s + 1)
        _area(poles[i], pair, weights[i], index, count, start, state[i], given, areas[i])
    return levels, areas


@compiled
def _enter(x, poles, pair, full, slide, begin, dt, bolus_at, bolus, window_at, window_for, window):
    """Add what is given in [begin, begin + dt); answers its amount."""
    given = 0.0
    for b in range(bolus_at.size):
        left = begin + dt - bolus_at[b]
        if bolus[b] != 0.0 and 1e-12 < left <= dt + 1e-12:
            given += bolus[b]
            for k in range(poles.size):
                e = bolus[b] * math.exp(-poles[k] * left)
                x[k] += left * e if pair[k] == SECOND else e
    for w in range(window_at.size):
        first = max(window_at[w] - begin, 0.0)
        final = min(window_at[w] + window_for[w] - begin, dt)
        if window[w] == 0.0 or final - first <= 1e-13:
            continue
        rate = window[w] / window_for[w]
        given += rate * (final - first)
        whole = first == 0.0 and dt - final <= 1e-13
        for k in range(poles.size):
            if whole:
                x[k] += rate * (slide[k - 1] if pair[k] == SECOND else full[k])
            elif pair[k] == SECOND:
                x[k] += rate * (_ramp(poles[k], dt - first) - _ramp(poles[k], dt - final))
            else:
                tail = math.exp(-poles[k] * (dt - final))
                x[k] += rate * tail * -math.expm1(-poles[k] * (final - first)) / poles[k]
    return given


@compiled
def _read(weights, index, count, state, levels, s):
    for c in range(weights.shape[0]):
        for o in range(weights.shape[1]):
            total = 0.0
            for j in range(count[c, o]):
                k = index[c, o, j]
                total += weights[c, o, k] * state[c, k]
            levels[o, s] += total


@compiled
def _area(poles, pair, weights, index, count, start, state, given, areas):
    """Each mode's integral from its balance: what came in, less what is there, over its pole."""
    p = poles.size
    whole = np.empty(p)
    for c in range(weights.shape[0]):
        for k in range(p):
            inflow = whole[k - 1] if pair[k] == SECOND else given[c]
            whole[k] = (inflow - (state[c, k] - start[c, k])) / poles[k]
        for o in range(weights.shape[1]):
            for j in range(count[c, o]):
                k = index[c, o, j]
                areas[o] += weights[c, o, k] * whole[k]
