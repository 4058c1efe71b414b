"""What a course of sessions does to mood, member by member, in one pass: the numbers behind `model`'s drug part.

Each session adds a share of what is still to be gained. It comes with `onset_d` and wanes with its own offset (the times of
half), slowly at first and faster then: what is left after h half-lives is 2^-(h^shape).
"""

import math

import numpy as np

from lowtide.science.pharmacology.lanes import LANES, compiled, contracted, exp, expm1
from lowtide.science.pharmacology.structure import Array

LN2 = math.log(2)
RISEN, OVER = 30.0, 9.0
"""Half-lives after which all of a session's share is there, and after which less than a ten-millionth is left of it."""


def course(starts: Array, shares: Array, offset_d: Array, onset_d: Array, days: Array, shape: float) -> Array:
    """The sum of the sessions' shares, (members, days), each 0 to 1 and all together at most 1.

    `starts` in order of time; `shares` and `offset_d` (sessions, members); `onset_d` (members,); `days` in any order.
    """
    members, order = shares.shape[1], np.argsort(days, kind="stable")
    ordered = np.ascontiguousarray(days[order], float)
    total = np.zeros((len(days), -(-members // LANES) * LANES))
    lasts = OVER * offset_d.max(1)
    waning, coming = _whole(LN2 / offset_d**shape), _whole(LN2 / onset_d[None])
    _summed(
        starts, lasts, _whole(shares), waning, coming, RISEN * float(onset_d.max()), ordered, shape, total
    )
    found = np.empty((members, len(days)))
    found[:, order] = total.T[:members]
    return found


def _whole(rows: Array) -> Array:
    """The members in whole blocks, filled up with nobody."""
    return np.ascontiguousarray(np.pad(rows, ((0, 0), (0, -rows.shape[1] % LANES))), float)


@contracted
def _left(out, row, added, waning, of, raised):
    """Add what is left of what one session added."""
    for lane in range(LANES):
        out[row, lane] += added[of, lane] * exp(-waning[of, lane] * raised)


@contracted
def _risen(out, row, added, waning, coming, of, raised, since):
    """As `_left`, where not all of it has come yet."""
    for lane in range(LANES):
        share = added[of, lane] * exp(-waning[of, lane] * raised)
        out[row, lane] -= share * expm1(-coming[0, lane] * since)


@compiled
def _summed(starts, lasts, shares, waning, coming, risen, days, shape, total):
    sessions, count = len(starts), len(days)
    added, its, onset = np.empty((sessions, LANES)), np.empty((sessions, LANES)), np.empty((1, LANES))
    out = np.empty((count + 1, LANES))  # the last row: what is held at the start of a session
    for first in range(0, shares.shape[1], LANES):
        its[:], onset[:] = waning[:, first : first + LANES], coming[:, first : first + LANES]
        out[:] = 0.0
        for one in range(sessions):
            out[count] = 0.0
            for before in range(one):
                since = starts[one] - starts[before]
                if since <= lasts[before]:
                    _left(out, count, added, its, before, since**shape)
            for lane in range(LANES):
                added[one, lane] = shares[one, first + lane] * max(1.0 - out[count, lane], 0.0)
            for day in range(np.searchsorted(days, starts[one]), count):
                since = days[day] - starts[one]
                if since > lasts[one]:
                    break
                if since < risen:
                    _risen(out, day, added, its, onset, one, since**shape, since)
                else:
                    _left(out, day, added, its, one, since**shape)
        total[:, first : first + LANES] = out[:count]
