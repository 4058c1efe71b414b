"""Bands over members: exact up to some thousands, by histogram above, merged in the order of the blocks."""

import msgspec
import numpy as np

from lowtide.science.pharmacology.structure import Array

PERCENTS = {"p5": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
EXACT_UP_TO = 20_000
BINS, LOW, HIGH = 4096, 1e-6, 1e6
BIN_ERROR = float(np.exp(np.log(HIGH / LOW) / BINS / 2) - 1)  # half a bin: 0.17 %
STEP = np.log(HIGH / LOW) / BINS

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
    """Counts in logarithmic bins of 0.34 %; zeros and what is below 1e-6 count as zero."""

    def __init__(self) -> None:
        self.counts = self.sums = self.squares = np.zeros(0)
        self.n = 0

    def add(self, values: Array) -> None:
        k = values.shape[1]
        if not self.n:
            self.counts, self.sums, self.squares = np.zeros((k, BINS + 2)), np.zeros(k), np.zeros(k)
        with np.errstate(divide="ignore"):
            place = np.floor(np.log(np.maximum(values, 0.0) / LOW) / STEP) + 1
        place = np.clip(np.nan_to_num(place, neginf=0.0), 0, BINS + 1).astype(np.int64)
        for column in range(k):
            self.counts[column] += np.bincount(place[:, column], minlength=BINS + 2)
        self.sums += values.sum(0)
        self.squares += (values * values).sum(0)
        self.n += values.shape[0]

    def stats(self) -> Stats:
        """Each figure as (k,); quantiles to within half a bin."""
        mean = self.sums / self.n
        variance = np.maximum(self.squares / self.n - mean * mean, 0.0) * self.n / max(self.n - 1, 1)
        reached = np.cumsum(self.counts, 1)
        found = {name: self._quantile(reached, share) for name, share in PERCENTS.items()}
        return {**found, "mean": mean, "sd": np.sqrt(variance)}

    def _quantile(self, reached: Array, share: float) -> Array:
        place = np.array([np.searchsorted(row, share * self.n, side="left") for row in reached])
        value = LOW * np.exp((place - 0.5) * STEP)
        return np.where(place == 0, 0.0, value)

    def exceeding(self, limit: float) -> Array:
        """Share of members above `limit`, (k,), to the nearest bin."""
        first = int(np.floor(np.log(max(limit, LOW) / LOW) / STEP)) + 2
        return np.asarray(self.counts[:, first:].sum(1) / self.n)


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
