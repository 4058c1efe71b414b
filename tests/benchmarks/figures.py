"""What a benchmark answers: figures, each beside its budget where there is one, and a table of them."""

import os
import platform
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """One measured value. `limit` is its budget: the most it may be, or with `at_least` the least."""

    what: str
    value: float
    unit: str = ""
    limit: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def share(self) -> float | None:
        """How much of the budget is used: 1 is the limit, less is better."""
        if not self.limit:
            return None
        used, whole = (self.limit, self.value) if self.at_least else (self.value, self.limit)
        return used / whole if whole else float("inf")

    @property
    def kept(self) -> bool:
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def table(figures: Iterable[Figure]) -> Iterator[str]:
    yield f"{'':<58}{'measured':>13}  {'budget':<15}{'of budget':>9}"
    for figure in figures:
        yield _line(figure)


def _line(f: Figure) -> str:
    budget = "" if f.limit is None else f"{'>=' if f.at_least else '<='} {_number(f.limit)} {f.unit}"
    share = "" if f.share is None else f"{f.share:.2f}"
    missed = "" if f.kept else "  MISSED"
    note = f"  ({f.note})" if f.note else ""
    return f"{f.what:<58}{_number(f.value):>7} {f.unit:<6} {budget:<15}{share:>9}{missed}{note}".rstrip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def machine(folder: Path) -> dict[str, Any]:
    """What the figures were taken on; ratios travel between machines, seconds do not."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "filesystem": _filesystem(folder),
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in ("lowtide", "django", "msgspec", "uvicorn")},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((x.partition(": ")[2] for x in lines if x.startswith("model name")), platform.processor())


def _filesystem(folder: Path) -> str:
    """The kind of file system that the databases lie on: a durable insert costs nothing on a RAM disk."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "unknown"
    over = [(place, kind) for place, kind in mounts if folder.resolve().is_relative_to(place)]
    return max(over)[1] if over else "unknown"


def cpu_ms(work: Callable[[], Any], runs: int) -> float:
    """CPU milliseconds of this process for one run, the median of many after one that warms."""
    work()
    return statistics.median(cpu_s(work) for _ in range(runs)) * 1000


def cpu_s(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def wall_s(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def percentile(values: Iterable[float], percent: float) -> float:
    """The value that `percent` of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
