"""Arithmetic on a block of members side by side, in the shape that compilers turn into vector instructions.

Every loop runs over a constant number of lanes; the exponential has no branch and no table (Cody and Waite's reduction, a
polynomial, the exponent through its bits) and errs by less than 1e-15 of its value.
"""

from typing import Any

import llvmlite.ir
import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic

LANES = 64
# rounding may be reassociated and contracted, but infinities and NaN stay what they are
FAST = {"reassoc", "contract", "nsz", "arcp"}
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")
contracted = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})
blocked = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)

LOWEST = -700.0
PER_LN2 = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
BINS, BOTTOM, FIRST_BIN = 60 * 256 + 2, 2.0**-30, 254207
SHIFTER = 6755399441055744.0  # 1.5 x 2^52: adding it leaves the nearest whole number in the low bits
ONE, BIAS, EXPONENT = np.float32(1), np.int32(127), np.int32(23)
SHIFTER_32, PER_LN2_32 = np.float32(12582912), np.float32(PER_LN2)
LN2_HIGH_32, LN2_LOW_32 = np.float32(0.693359375), np.float32(-2.12194440e-4)
SERIES_32 = tuple(np.float32(1 / product) for product in (720, 120, 24, 6, 2))
LOWEST_32 = np.float32(
    -40
)  # a product with it is a normal number still: those that are not take a hundred times as long


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


@intrinsic
def _bits_32(context: Any, number: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], llvmlite.ir.IntType(32))

    return types.int32(types.float32), generate


@intrinsic
def _from_bits_32(context: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], llvmlite.ir.FloatType())

    return types.float32(types.int32), generate


@contracted
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


@contracted
def exp(x):
    """exp(x) for x from -700 to 700; below, exp(-700)."""
    m, power = _reduced(max(x, LOWEST))
    return power + power * m


@contracted
def expm1(x):
    """exp(x) - 1 for x from -700 to 700, exact near zero."""
    m, power = _reduced(max(x, LOWEST))
    return power * m + (power - 1.0)


@contracted
def exp_32(x):
    """exp(x) in single precision for x from -40 to 80, to a ten-millionth of its value; below, exp(-40)."""
    x = max(x, LOWEST_32)
    shifted = x * PER_LN2_32 + SHIFTER_32
    k = shifted - SHIFTER_32
    r = x - k * LN2_HIGH_32
    r = r - k * LN2_LOW_32
    power = _from_bits_32(np.int32((_bits_32(shifted) + BIAS) << EXPONENT))
    a, b, c, d, e = SERIES_32
    q = a * r + b
    q = q * r + c
    q = q * r + d
    q = q * r + e
    q = q * r + ONE
    return power * (q * r + ONE)


@contracted
def decay(pole, k, t, out, row):
    for lane in range(LANES):
        out[row, lane] = exp(-pole[k, lane] * t)


@contracted
def fill(pole, k, t, out, row):
    """Integral of exp(-pole v) from 0 to t."""
    for lane in range(LANES):
        out[row, lane] = -expm1(-pole[k, lane] * t) / pole[k, lane]


@contracted
def partial(pole, k, since, until, t, out):
    """What is there at t of an even unit of input from `since` to `until`, into the third row."""
    for lane in range(LANES):
        tail = exp(-pole[k, lane] * (t - until[1, lane]))
        out[2, lane] = -expm1(-pole[k, lane] * (until[1, lane] - since)) * tail / pole[k, lane]


@blocked
def add(x, row, amount, factor, other, times):
    for lane in range(LANES):
        x[row, lane] += amount[0, lane] * factor[other, lane] * times


@blocked
def dot(w, x, source, begin, end, total):
    """total = the sum over r from begin to end of w[r] x[source[r]]."""
    for lane in range(LANES):
        total[0, lane] = 0.0
    r = begin
    while r + 4 <= end:
        a, b, c, d = source[r], source[r + 1], source[r + 2], source[r + 3]
        for lane in range(LANES):
            total[0, lane] += (
                w[r, lane] * x[a, lane]
                + w[r + 1, lane] * x[b, lane]
                + w[r + 2, lane] * x[c, lane]
                + w[r + 3, lane] * x[d, lane]
            )
        r += 4
    while r < end:
        a = source[r]
        for lane in range(LANES):
            total[0, lane] += w[r, lane] * x[a, lane]
        r += 1


@contracted
def log(x):
    """Natural logarithm of a positive, normal number: its exponent, and a series in (m - 1) / (m + 1)."""
    bits = _bits(x)
    e = (bits - 4604544271217802189) >> 52  # so that the mantissa lies between sqrt(1/2) and sqrt(2)
    m = _from_bits(bits - (e << 52))
    f = (m - 1.0) / (m + 1.0)
    s = f * f
    q = 1.0 / 21.0 * s + 1.0 / 19.0
    q = q * s + 1.0 / 17.0
    q = q * s + 1.0 / 15.0
    q = q * s + 1.0 / 13.0
    q = q * s + 1.0 / 11.0
    q = q * s + 1.0 / 9.0
    q = q * s + 1.0 / 7.0
    q = q * s + 1.0 / 5.0
    q = q * s + 1.0 / 3.0
    k = _from_bits(e + 4843621399236968448) - SHIFTER  # a whole number to a float without a conversion
    return k * LN2_HIGH + (k * LN2_LOW + 2.0 * f + 2.0 * f * s * q)


@compiled
def place(x):
    """The bin of a value: 256 even bins to each power of two from 2^-30 to 2^30; below, 0; above, the last."""
    if not x >= BOTTOM:
        return 0
    return min((_bits(x) >> 44) - FIRST_BIN, BINS - 1)
