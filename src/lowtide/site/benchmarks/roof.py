"""What one core of this machine can do at best, measured in the same run as what it is held against.

Multiply-adds: sixteen on each element of an array that lies in the first cache, in vectors. Loads: the sum of such an
array, row upon row. Exponentials: the kernel's own. Stores: plain writes over 256 MB that were touched before.
"""

import msgspec
import numpy as np

from lowtide.science.pharmacology.lanes import blocked, contracted, exp
from lowtide.science.pharmacology.structure import Array
from lowtide.site.benchmarks.timing import timed

REPEATS, ELEMENTS = 2000, 1024
# of one member in job A: 7 modes and 20 weights a step, 34 loads, an exponential for each mode and each length of step
STEPS, OPERATIONS, LOADS, EXPONENTIALS, STORED_BYTES = 311, 27, 34, 7 * 6, 4 * 300 * 8


class Roof(msgspec.Struct, frozen=True):
    """One core's best: 1e9/s of floating-point operations, loads and bytes stored; ns for an exponential."""

    gflop_per_s: float
    gload_per_s: float
    gbyte_stored_per_s: float
    exp_ns: float

    @property
    def fused(self) -> float:
        """Members of job A a second if the slower of arithmetic and loads, and the exponentials, were all there is."""
        arithmetic = STEPS * OPERATIONS * 2 / self.gflop_per_s
        return 1e9 / (max(arithmetic, STEPS * LOADS / self.gload_per_s) + EXPONENTIALS * self.exp_ns)

    @property
    def stored(self) -> float:
        """Members a second if writing the levels of job A were all there is."""
        return self.gbyte_stored_per_s * 1e9 / STORED_BYTES


def measured() -> Roof:
    small, large = np.full(ELEMENTS, 0.5), np.zeros(32 * 2**20)
    work = REPEATS * ELEMENTS
    return Roof(
        32 * work / timed(lambda: _multiply_adds(small)).cpu_s / 1e9,
        work / timed(lambda: _loads(small)).cpu_s / 1e9,
        large.nbytes / timed(lambda: _stores(large)).cpu_s / 1e9,
        timed(lambda: _exponentials(small)).cpu_s / work * 1e9,
    )


@contracted
def _multiply_adds(x: Array) -> None:
    for _ in range(REPEATS):
        for i in range(ELEMENTS):
            y = x[i]
            y = y * 0.999 + 0.001
            y = y * 0.998 + 0.001
            y = y * 0.997 + 0.001
            y = y * 0.996 + 0.001
            y = y * 0.999 + 0.001
            y = y * 0.998 + 0.001
            y = y * 0.997 + 0.001
            y = y * 0.996 + 0.001
            y = y * 0.999 + 0.001
            y = y * 0.998 + 0.001
            y = y * 0.997 + 0.001
            y = y * 0.996 + 0.001
            y = y * 0.999 + 0.001
            y = y * 0.998 + 0.001
            y = y * 0.997 + 0.001
            x[i] = y * 0.996 + 0.001


@blocked
def _loads(x: Array) -> float:
    a, b = 0.0, 0.0
    for r in range(REPEATS):
        for i in range(0, ELEMENTS, 1):
            a += x[i]
        if a < r:
            b += 1.0
    return a + b


@contracted
def _exponentials(x: Array) -> None:
    for _ in range(REPEATS):
        for i in range(ELEMENTS):
            x[i] = exp(-x[i])


@blocked
def _stores(x: Array) -> None:
    value = x[0] + 1.0
    for i in range(x.size):
        x[i] = value
