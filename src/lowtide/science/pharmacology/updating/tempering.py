"""Conditioning members on what was observed: importance weights, tempered where they would collapse, then moved.

The members are standard normal vectors, in parts that share a likelihood (one part a model). A *stage* is a set of
observations that the same parts speak to; a part that is silent at a stage keeps its share of all members there, which
is the same as giving it the evidence averaged over the parts that speak. Everything is a function of the seed.
"""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from lowtide.science.pharmacology.structure import Array

Likelihood = Callable[[Array], Array]

KEEP = 0.5  # share of the speaking members that must stay effective
STRIDES = (1.0, 0.6, 0.25)  # from a draw that forgets where it was to a short step
ENOUGH = 0.95  # share of members that have moved before the next power
FINAL_MOVES = 3.0  # mean moves of a member at full power
MAX_SWEEPS = 15
FLOOR = -1e12
ALONE = (
    2**18
)  # multiplications that a matrix product does in one thread: others would wait for work longer than they have it


class Part(msgspec.Struct):
    """Members alike in model: `normals` (n, d), their log-likelihood by stage `logs` (n, stages), and at which stages
    they speak."""

    normals: Array
    logs: Array
    likelihood: Likelihood
    speaks: tuple[bool, ...]

    @property
    def members(self) -> int:
        return len(self.normals)


class Outcome(msgspec.Struct, frozen=True):
    """`ess`: independent members that the answer is worth, copies counted by how far they have parted since;
    `plain_ess`: what re-weighting alone would have left; `powers`: how many tempered steps; `moved`: share of proposed
    moves that were taken (1 where none was needed)."""

    ess: float
    plain_ess: float
    powers: int
    moved: float

    @property
    def tempered(self) -> bool:
        return self.powers > 0


def part(normals: Array, likelihood: Likelihood, speaks: tuple[bool, ...]) -> Part:
    """A part with its likelihood at hand."""
    return Part(normals, _evaluated(likelihood, normals), likelihood, speaks)


def condition(parts: list[Part], seed: int, *, always_moved: bool = False) -> Outcome:
    """Turn prior members into as many posterior ones, in place; each part may end with more or fewer than it had.
    `always_moved`: copies are parted even where weights alone would bear it."""
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(1, 7))))
    plain = _ess(fully_weighed(parts))
    sampler = _Sampler(parts, rng)
    for stage in range(len(parts[0].speaks)):
        sampler.stage(stage)
    ess = sampler.finish(always_moved)
    moved = sampler.taken / sampler.proposed if sampler.proposed else 1.0
    return Outcome(ess, plain, sampler.steps, moved)


def fully_weighed(parts: list[Part]) -> list[Array]:
    """Importance weights of the members as they are, every stage at full power; they add up to 1."""
    weights = _even(parts)
    for stage in range(len(parts[0].speaks)):
        weights = _reweighed(parts, weights, stage, 1.0)
    return weights


def _even(parts: list[Part]) -> list[Array]:
    total = sum(p.members for p in parts)
    return [np.full(p.members, 1 / total) for p in parts]


def _speaking(parts: list[Part], stage: int) -> list[int]:
    return [i for i, p in enumerate(parts) if p.speaks[stage] and p.members]


def _reweighed(parts: list[Part], weights: list[Array], stage: int, power: float) -> list[Array]:
    """Weights with this stage's likelihood to `power`; the speaking parts together keep the share they had."""
    speaking = _speaking(parts, stage)
    if not speaking:
        return weights
    found = list(weights)
    top = max(parts[i].logs[:, stage].max() for i in speaking)
    share = sum(weights[i].sum() for i in speaking)
    for i in speaking:
        found[i] = weights[i] * np.exp(power * (parts[i].logs[:, stage] - top))
    total = sum(found[i].sum() for i in speaking)
    for i in speaking:
        found[i] = found[i] * (share / total)
    return found


def _ess(weights: list[Array]) -> float:
    total, squares = sum(w.sum() for w in weights), sum((w * w).sum() for w in weights)
    return float(total * total / squares)


class _Sampler:
    """Members on their way from prior to posterior: the power each stage has reached, and weights since the last
    resampling."""

    def __init__(self, parts: list[Part], rng: np.random.Generator) -> None:
        self.parts, self.rng = parts, rng
        self.powers = np.zeros(len(parts[0].speaks))
        self.weights = _even(parts)
        self.start = [p.normals for p in parts]
        self.origin = [np.arange(p.members) for p in parts]
        self.steps, self.taken, self.proposed = 0, 0.0, 0.0

    def stage(self, stage: int) -> None:
        """Bring one stage's likelihood in, as fast as the weights bear."""
        while self.powers[stage] < 1 and _speaking(self.parts, stage):
            left = 1 - float(self.powers[stage])
            step = left if self._bearable(stage, left) else self._largest(stage, left)
            self.weights = _reweighed(self.parts, self.weights, stage, step)
            self.powers[stage] = 1.0 if step == left else self.powers[stage] + step
            if step < left:
                self.steps += 1
                self._resample()
                self._move(ENOUGH)

    def finish(self, always_moved: bool) -> float:
        """Members of equal weight; answers what they are worth."""
        ess = _ess(self.weights)
        self._resample()
        if not self.steps and not always_moved:
            return ess
        self._move(FINAL_MOVES)
        return self._parted()

    def _bearable(self, stage: int, step: float) -> bool:
        speaking = _speaking(self.parts, stage)
        weights = _reweighed(self.parts, self.weights, stage, step)
        return _ess([weights[i] for i in speaking]) >= KEEP * sum(self.parts[i].members for i in speaking)

    def _largest(self, stage: int, left: float) -> float:
        """The largest step the weights bear, by halving; a hair where even that is too much."""
        low, high = 0.0, left
        for _ in range(30):
            middle = (low + high) / 2
            low, high = (middle, high) if self._bearable(stage, middle) else (low, middle)
        return max(low, left * 1e-9)

    def _resample(self) -> None:
        """Systematic resampling over all parts, in their order; weights that are even change nothing."""
        flat = np.concatenate(self.weights)
        if flat.max() <= flat.min() * (1 + 1e-9):
            return
        chosen = _systematic(flat, float(self.rng.random()))
        ends = np.cumsum([0, *(p.members for p in self.parts)])
        for i, p in enumerate(self.parts):
            own = chosen[(chosen >= ends[i]) & (chosen < ends[i + 1])] - ends[i]
            p.normals, p.logs, self.origin[i] = p.normals[own], p.logs[own], own
            self.start[i] = p.normals
        self.weights = _even(self.parts)

    def _move(self, wanted: float) -> None:
        for p in self.parts:
            live = self.powers * np.array(p.speaks)
            if p.members and p.normals.shape[1] and live.any():
                self._sweep(p, live, wanted)

    def _sweep(self, p: Part, powers: Array, wanted: float) -> None:
        """Move one part's members until enough have moved."""
        moves = np.zeros(p.members)
        reference = _Reference(p.normals)
        for _ in range(MAX_SWEEPS):
            accepted = _step(p, powers, reference, self.rng)
            moves += accepted
            self.taken += float(accepted.sum())
            self.proposed += p.members
            if (moves > 0).mean() >= ENOUGH and moves.mean() >= wanted:
                break

    def _parted(self) -> float:
        """Independent members: copies of one, moved apart since, still count as one in part."""
        total = spent = 0.0
        for p, start, origin in zip(self.parts, self.start, self.origin, strict=True):
            copies = np.unique(origin, return_counts=True)[1].astype(float)
            total += p.members
            spent += float((copies + copies * (copies - 1) * _alike(start, p.normals) ** 2).sum())
        return total * total / spent


def _alike(before: Array, after: Array) -> float:
    """How strongly members resemble where they started: the largest correlation over their normals."""
    if len(before) < 3 or not before.shape[1]:
        return 1.0 if before.shape[1] else 0.0
    a, b = before - before.mean(0), after - after.mean(0)
    scale = np.sqrt((a * a).sum(0) * (b * b).sum(0))
    return float(np.clip((a * b).sum(0) / np.maximum(scale, 1e-300), 0.0, 1.0).max())


def _systematic(weights: Array, offset: float) -> Array:
    edges = np.cumsum(weights)
    places = (np.arange(len(weights)) + offset) / len(weights) * edges[-1]
    return np.asarray(np.minimum(np.searchsorted(edges, places, side="right"), len(weights) - 1))


class _Reference:
    """A normal distribution with the members' own mean and covariance, drawn towards the prior's where they are few."""

    def __init__(self, normals: Array) -> None:
        n, d = normals.shape
        few = 2.0 * d
        centred = normals - normals.mean(0)
        covariance = (centred.T @ centred + few * np.eye(d)) / (n + few)
        self.mean = normals.sum(0) / (n + few)
        self.factor = np.linalg.cholesky(covariance + 1e-9 * np.eye(d))
        self.inverse = np.linalg.inv(self.factor)

    def whitened(self, normals: Array) -> Array:
        return _product(normals - self.mean, self.inverse.T)


def _step(p: Part, powers: Array, reference: _Reference, rng: np.random.Generator) -> Array:
    """One Metropolis step of every member, along strides that leave the reference as it is; answers who moved."""
    n, d = p.normals.shape
    stride = rng.choice(np.array(STRIDES), n)[:, None]
    before = reference.whitened(p.normals)
    after = np.sqrt(1 - stride**2) * before + stride * rng.standard_normal((n, d))
    proposal = reference.mean + _product(after, reference.factor.T)
    logs = _evaluated(p.likelihood, proposal)
    ratio = (logs - p.logs) @ powers
    ratio += 0.5 * ((p.normals**2).sum(1) - (proposal**2).sum(1) + (after**2).sum(1) - (before**2).sum(1))
    accepted = np.log(rng.random(n)) < ratio
    p.normals = np.where(accepted[:, None], proposal, p.normals)
    p.logs = np.where(accepted[:, None], logs, p.logs)
    return np.asarray(accepted, dtype=float)


def _product(rows: Array, square: Array) -> Array:
    pieces = list(spread(rows, max(ALONE // max(square.size, 1), 1)))
    return np.concatenate([piece @ square for piece in pieces]) if pieces else rows @ square


def _evaluated(likelihood: Likelihood, normals: Array) -> Array:
    return np.nan_to_num(likelihood(normals), nan=FLOOR, neginf=FLOOR, posinf=FLOOR)


def spread(normals: Array, size: int) -> Iterator[Array]:
    """The rows in slices of at most `size`."""
    for first in range(0, len(normals), size):
        yield normals[first : first + size]
