"""Timing on one core: the best of some runs, by the wall clock and by the processor's, with the spread."""

import time
from collections.abc import Callable

import msgspec


class Timed(msgspec.Struct, frozen=True):
    """Seconds: the best run by either clock, and the slowest by the wall clock."""

    wall_s: float
    cpu_s: float
    slowest_s: float


def timed(work: Callable[[], object], runs: int = 5) -> Timed:
    """The first run, which touches memory and may load compiled code, is not counted."""
    work()
    walls, cpus = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Timed(min(walls), min(cpus), max(walls))
