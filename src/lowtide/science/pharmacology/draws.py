"""Virtual people: random effects by name, drawn in blocks of 1,024 that do not depend on one another or on threads."""

from collections.abc import Mapping
from functools import cache
from statistics import NormalDist
from zlib import crc32

import msgspec
import numpy as np

from lowtide.data.pharmacology import Parameter
from lowtide.science.pharmacology.structure import Array

BLOCK = 1024
TYPICAL = " typical"  # ends the names of the draws that stand for how well a typical value is known


class World(msgspec.Struct, frozen=True):
    """One of `of` possible truths about the typical values (at most a block of them). Over all of them each typical
    value runs evenly through its uncertainty, in an order of its own."""

    number: int
    of: int


class Draws(msgspec.Struct, frozen=True):
    """The members of one block: a stream by name, so that one more parameter moves no other. `typical`: none varies;
    `held`: effects by name that take the place of their stream, as an updated member's do.

    With a `world` the members share its typical values and differ only as people do.
    """

    members: int
    seed: int
    block: int
    typical: bool = False
    first: int = 0
    held: Mapping[str, Array] = {}
    world: World | None = None

    def normal(self, name: str) -> Array:
        """Standard normal (members,) for the random effect of this name."""
        held = self.held.get(name)
        if held is not None:
            return held
        if self.typical:
            return np.zeros(self.members)
        if self.world is not None and name.endswith(TYPICAL):
            return np.full(self.members, _evenly(self.seed, name, self.world.of)[self.world.number])
        return _stream(self.seed, self.block, name)[self.first : self.first + self.members]

    def value(self, name: str, parameter: Parameter, between: float | None = None) -> Array:
        """The members' value of a parameter in its own unit, spread as the parameter says."""
        if parameter.logit_sd:
            logit = np.log(parameter.value / (1 - parameter.value)) + parameter.logit_sd * self.normal(name)
            return np.asarray(1 / (1 + np.exp(-logit)))
        if parameter.sd:
            return np.asarray(
                np.maximum(parameter.value + parameter.sd * self.normal(name), parameter.sd / 10)
            )
        sd = parameter.between if between is None else between
        found = np.full(self.members, parameter.value)
        if sd:
            found = found * np.exp(sd * self.normal(name))
        if parameter.log_se:
            found = found * np.exp(parameter.log_se * self.normal(f"{name}{TYPICAL}"))
        return found

    def occasion(self, number: int, name: str, log_sd: float) -> Array:
        """A factor (members,) that this parameter takes on one occasion."""
        return np.asarray(np.exp(log_sd * self.normal(f"{name} on {number}")))


@cache
def _evenly(seed: int, name: str, count: int) -> tuple[float, ...]:
    """As many quantiles of the standard normal, evenly spaced, in an order drawn by name."""
    order = np.argsort(_stream(seed, 0, f"world of {name}")[:count])
    return tuple(NormalDist().inv_cdf((int(place) + 0.5) / count) for place in order)


@cache
def _key(name: str) -> int:
    return crc32(name.encode())


def _stream(seed: int, block: int, name: str) -> Array:
    sequence = np.random.SeedSequence(seed, spawn_key=(block, _key(name)))
    return np.random.Generator(np.random.SFC64(sequence)).standard_normal(BLOCK)
