"""What a course of sessions does to mood, member by member, in one pass: the numbers behind `model`'s drug part.

Each session adds a share of what is still to be gained. It comes with `onset_d` and wanes with its own offset (the times of
half), slowly at first and faster then: what is left after h half-lives is 2^-(h^shape). In single precision, which errs
by a millionth of a baseline: a forecast asks for some millions of these, and no score is read that finely.
"""

import math

import numpy as np

from lowtide.science.pharmacology.lanes import LANES, ONE, compiled, contracted, exp_32
from lowtide.science.pharmacology.structure import Array

LN2 = math.log(2)
RISEN = 25.0
"""Half-lives after which all of a session's share is there."""
GONE = np.float32(17)
"""Minus the logarithm of what is left of a share when it counts no more: less than a ten-millionth."""
NONE = np.float32(0)


def course(
    starts: Array,
    exposures: tuple[Array, Array],
    own: tuple[Array, Array, Array, Array],
    days: Array,
    shape: float,
    least: float,
) -> Array:
    """The sum of the sessions' shares, (members, days), each 0 to 1 and all together at most 1.

    `starts` in order of time; `exposures`, and how many times longer each lasts, (sessions, members), or (sessions, 1) where
    all members have the same; `own`, (members,) each: the exposure of half the effect, how many times less a further
    session does, offset, onset. No session does `least` times less. `days` in any order.
    """
    exposure, lasting = exposures
    half, tolerance, offset_d, onset_d = own
    each = np.stack([half, tolerance, LN2 * offset_d**-shape, LN2 / onset_d]).astype(np.float32)
    total = np.empty((len(days), len(half)), np.float32)
    _summed(
        starts,
        exposure.astype(np.float32),
        (lasting**-shape).astype(np.float32),
        each,
        np.argsort(
            offset_d
        ),  # those whose shares wane alike side by side: what is gone in all of a block is left out
        np.asarray(days, float),
        (shape, RISEN * float(onset_d.max()), np.float32(least)),
        total,
    )
    return np.asarray(total.T)


@compiled
def _between(starts, moments, shape):
    """Days since each session at each moment, as they are and raised; nothing before it."""
    since = np.zeros((len(moments), len(starts)), np.float32)
    raised = np.zeros((len(moments), len(starts)), np.float32)
    for row in range(len(moments)):
        for one in range(len(starts)):
            if moments[row] > starts[one]:
                since[row, one] = moments[row] - starts[one]
                raised[row, one] = (moments[row] - starts[one]) ** shape
    return since, raised


@compiled
def _loaded(shares, waning, coming, exposure, faster, each, order, first, least):
    """What each session would add in the members of one block, how fast that wanes, and how fast the slowest does."""
    slowest = np.full(len(shares), np.inf, np.float32)
    for lane in range(LANES):
        member = order[min(first + lane, len(order) - 1)]
        column, left = member % exposure.shape[1], ONE
        coming[0, lane] = each[3, member]
        for one in range(len(shares)):
            dose = exposure[one, column]
            shares[one, lane] = dose / (dose + each[0, member]) * max(left, least)
            waning[one, lane] = each[2, member] * faster[one, column]
            slowest[one] = min(slowest[one], waning[one, lane])
            left *= each[1, member]
    return slowest


@contracted
def _left(out, row, added, waning, raised, at, begin, end):
    """Add what is left at a moment of what some sessions added."""
    for one in range(begin, end):
        waned = -raised[at, one]
        for lane in range(LANES):
            out[row, lane] += added[one, lane] * exp_32(waning[one, lane] * waned)


@contracted
def _risen(out, row, added, waning, coming, raised, since, at, begin, end):
    """As `_left`, where not all of it has come yet."""
    for one in range(begin, end):
        waned, came = -raised[at, one], -since[at, one]
        for lane in range(LANES):
            share = added[one, lane] * exp_32(waning[one, lane] * waned)
            out[row, lane] += share * (ONE - exp_32(coming[0, lane] * came))


@compiled
def _first(slowest, raised, at, end):
    """The first session of which anything is left."""
    for one in range(end):
        if slowest[one] * raised[at, one] < GONE:
            return one
    return end


@compiled
def _summed(starts, exposure, faster, each, order, days, how, total):
    shape, risen, least = how
    sessions, count = len(starts), len(days)
    _, held = _between(starts, starts, shape)
    since, raised = _between(starts, days, shape)
    began, whole = np.searchsorted(starts, days, "right"), np.searchsorted(starts, days - risen, "right")
    added, waning = np.empty((sessions, LANES), np.float32), np.empty((sessions, LANES), np.float32)
    coming, out = np.empty((1, LANES), np.float32), np.empty((1, LANES), np.float32)
    for first in range(0, len(order), LANES):
        slowest = _loaded(added, waning, coming, exposure, faster, each, order, first, least)
        for one in range(sessions):
            out[:] = NONE
            _left(out, 0, added, waning, held, one, _first(slowest, held, one, one), one)
            for lane in range(LANES):
                added[one, lane] *= max(ONE - out[0, lane], NONE)
        for day in range(count):
            out[:] = NONE
            begin = _first(slowest, raised, day, whole[day])
            _left(out, 0, added, waning, raised, day, begin, whole[day])
            _risen(out, 0, added, waning, coming, raised, since, day, whole[day], began[day])
            for lane in range(min(LANES, len(order) - first)):
                total[day, order[first + lane]] = min(out[0, lane], ONE)
