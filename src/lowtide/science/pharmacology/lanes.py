"""Arithmetic on a block of members side by side, in the shape that compilers turn into vector instructions.

Every loop runs over a constant number of lanes; the exponential has no branch and no table (Cody and Waite's reduction, a
polynomial, the exponent through its bits) and errs by less than 1e-15 of its value.
"""

from typing import Any

import llvmlite.ir
import numba
from numba.core import types
from numba.extending import intrinsic

LANES = 64
# rounding may be reassociated and contracted, but infinities and NaN stay what they are
FAST = {"reassoc", "contract", "nsz", "arcp"}
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")
blocked = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)

LOWEST = -700.0
PER_LN2 = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
SHIFTER = 6755399441055744.0  # 1.5 x 2^52: adding it leaves the nearest whole number in the low bits


@intrinsic
def _bits(context: Any, number: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], llvmlite.ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _from_bits(context: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], llvmlite.ir.DoubleType())

    return types.float64(types.int64), generate


@compiled
def _reduced(x):
    """x = k ln 2 + r with |r| <= ln 2 / 2: expm1(r) and 2^k."""
    shifted = x * PER_LN2 + SHIFTER
    k = shifted - SHIFTER
    r = x - k * LN2_HIGH
    r = r - k * LN2_LOW
    power = _from_bits((_bits(shifted) + 1023) << 52)
    q = 1.0 / 87178291200.0 * r + 1.0 / 6227020800.0
    q = q * r + 1.0 / 479001600.0
    q = q * r + 1.0 / 39916800.0
    q = q * r + 1.0 / 3628800.0
    q = q * r + 1.0 / 362880.0
    q = q * r + 1.0 / 40320.0
    q = q * r + 1.0 / 5040.0
    q = q * r + 1.0 / 720.0
    q = q * r + 1.0 / 120.0
    q = q * r + 1.0 / 24.0
    q = q * r + 1.0 / 6.0
    q = q * r + 0.5
    return r + r * r * q, power


@compiled
def exp(x):
    """exp(x) for x from -700 to 700; below, exp(-700)."""
    m, power = _reduced(max(x, LOWEST))
    return power + power * m


@compiled
def expm1(x):
    """exp(x) - 1 for x from -700 to 700, exact near zero."""
    m, power = _reduced(max(x, LOWEST))
    return power * m + (power - 1.0)


@compiled
def decay(pole, t, out):
    for lane in range(LANES):
        out[lane] = exp(-pole[lane] * t)


@compiled
def fill(pole, t, out):
    """Integral of exp(-pole v) from 0 to t."""
    for lane in range(LANES):
        out[lane] = -expm1(-pole[lane] * t) / pole[lane]


@compiled
def partial(pole, since, until, t, out):
    """What is there at t of an even unit of input from `since` to `until`."""
    for lane in range(LANES):
        tail = exp(-pole[lane] * (t - until[lane]))
        out[lane] = -expm1(-pole[lane] * (until[lane] - since)) * tail / pole[lane]


@blocked
def add(x, amount, factor, times):
    for lane in range(LANES):
        x[lane] += amount[lane] * factor[lane] * times


@blocked
def dot(w, x, index, count, total):
    """total += the sum over j < count of w[j] x[index[j]]."""
    j = 0
    while j + 4 <= count:
        a, b, c, d = x[index[j]], x[index[j + 1]], x[index[j + 2]], x[index[j + 3]]
        for lane in range(LANES):
            total[lane] += (
                w[j, lane] * a[lane] + w[j + 1, lane] * b[lane] + w[j + 2, lane] * c[lane] + w[j + 3, lane] * d[lane]
            )
        j += 4
    while j < count:
        a = x[index[j]]
        for lane in range(LANES):
            total[lane] += w[j, lane] * a[lane]
        j += 1
