"""Bands over members: exact up to some thousands, by histogram above, merged in the order of the blocks."""

import msgspec
import numpy as np

from lowtide.science.pharmacology import kernel
from lowtide.science.pharmacology.lanes import BINS, FIRST_BIN
from lowtide.science.pharmacology.structure import Array

PERCENTS = {"p5": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
EXACT_UP_TO = 20_000
BIN_ERROR = 1 / 512  # half a bin at most, as a share of the value

Stats = dict[str, Array]


class Exact:
    """Every value is kept: columns of (members, k)."""

    def __init__(self) -> None:
        self.parts: list[Array] = []

    def add(self, values: Array) -> None:
        self.parts.append(values.astype(np.float32).T)

    def stats(self) -> Stats:
        """Each figure as (k,)."""
        rows = np.ascontiguousarray(np.concatenate(self.parts, 1))
        mean = rows.mean(1, dtype=np.float64)
        sd = rows.std(1, dtype=np.float64, ddof=1) if rows.shape[1] > 1 else np.zeros_like(mean)
        rows.sort(axis=1)
        return {**{name: _at(rows, share) for name, share in PERCENTS.items()}, "mean": mean, "sd": sd}

    def exceeding(self, limit: float) -> Array:
        """Share of members above `limit`, (k,)."""
        return np.asarray((np.concatenate(self.parts, 1) > limit).mean(1))


def _at(rows: Array, share: float) -> Array:
    """The quantile by linear interpolation between order statistics."""
    place = share * (rows.shape[1] - 1)
    low = int(place)
    high = min(low + 1, rows.shape[1] - 1)
    return np.asarray(rows[:, low] + (rows[:, high] - rows[:, low]) * np.float32(place - low), dtype=float)


class Histogram:
    """Counts in 256 even bins to each power of two; zeros and what is below 1e-9 count as zero."""

    def __init__(self) -> None:
        self.counts = np.zeros((0, 0), np.int32)
        self.sums = self.squares = np.zeros(0)
        self.n = 0

    def add(self, values: Array) -> None:
        k = values.shape[1]
        if not self.n:
            self.counts, self.sums, self.squares = np.zeros((k, BINS), np.int32), np.zeros(k), np.zeros(k)
        columns = np.ascontiguousarray(values.T)
        kernel.count(columns, self.counts)
        self.sums += columns.sum(1)
        self.squares += (columns * columns).sum(1)
        self.n += values.shape[0]

    def stats(self) -> Stats:
        """Each figure as (k,); quantiles to within half a bin."""
        mean = self.sums / self.n
        variance = np.maximum(self.squares / self.n - mean * mean, 0.0) * self.n / max(self.n - 1, 1)
        reached, lower = np.cumsum(self.counts, 1, dtype=np.int64), lower_edges()
        middle = np.append(0.0, (lower[1:-1] + lower[2:]) / 2)
        found = {name: middle[np.argmax(reached >= share * self.n, 1)] for name, share in PERCENTS.items()}
        return {**found, "mean": mean, "sd": np.sqrt(variance)}

    def exceeding(self, limit: float) -> Array:
        """Share of members above `limit`, (k,), to the nearest bin."""
        first = max(int(np.searchsorted(lower_edges(), limit)), 1)  # the first bin is nothing at all
        return np.asarray(self.counts[:, first:].sum(1) / self.n)


def lower_edges() -> Array:
    """The lower edge of each bin and the end of the last, (BINS + 1,): the first holds all below."""
    bits = (np.arange(BINS + 1, dtype=np.int64) + FIRST_BIN) << 44
    found = bits.view(np.float64).copy()
    found[0] = 0.0
    return found


Gathered = Exact | Histogram


def gathering(members: int) -> Gathered:
    """What suits so many members."""
    return Exact() if members <= EXACT_UP_TO else Histogram()


class Figure(msgspec.Struct, frozen=True):
    """One figure over members."""

    median: float
    mean: float
    sd: float
    p5: float
    p25: float
    p75: float
    p95: float


def figures(stats: Stats) -> list[Figure]:
    """The columns of `stats`, one figure each."""
    columns = [stats[name].tolist() for name in Figure.__struct_fields__]
    return [Figure(*row) for row in zip(*columns, strict=True)]
