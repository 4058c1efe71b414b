"""Possible truths about the response, each a row of typical values, and the trials that each could have been.

All arms of one trial share the row and what sets this trial apart from others of its design; people differ on top.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from lowtide.data.pharmacology import Condition, Response, response
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.response import months
from lowtide.science.pharmacology.response.conditioning import NORMALS
from lowtide.science.pharmacology.response.model import Members, members
from lowtide.science.pharmacology.structure import Array

PEOPLE = (*NORMALS, "exposure", "baseline")
"""What people of a trial differ in, as dimensions of one low-discrepancy sequence; what months bring comes after them."""


class Worlds(msgspec.Struct, frozen=True):
    """Typical values by path, (worlds,) each."""

    columns: Mapping[str, Array]

    @property
    def count(self) -> int:
        return len(next(iter(self.columns.values())))

    def shifted(self, drug: Array | float, expectancy: Array | float, background: Array | float) -> "Worlds":
        """As one trial has them: the drug's part as much larger (log), the others as much more. A trial that brings
        more on its own brings it whatever else is begun."""
        moved = dict(self.columns)
        for path in ("mood.emax", "pain.emax"):
            if path in moved:
                moved[path] = moved[path] * np.exp(drug)
        moved["expectancy.size"] = moved["expectancy.size"] + expectancy
        for path in moved:
            if path.startswith("background."):
                moved[path] = moved[path] + background
        return Worlds(moved)

    def trials(self, seed: int, freedom: float, times: float = 1.0) -> "Worlds":
        """Each world with one trial's own part drawn, `times` as large as trials usually differ; the fewer degrees of
        `freedom`, the oftener a trial is unlike the others."""
        rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(2, 3))))
        drug, expectancy, background = rng.standard_t(freedom, (3, self.count))
        return self.shifted(
            times * drug * self.columns["between.drug"],
            times * expectancy * self.columns["between.expectancy"],
            times * background * self.columns["between.background"],
        )


def of_rows(rows: Sequence[Mapping[str, float]]) -> Worlds:
    return Worlds({path: np.array([row[path] for row in rows]) for path in rows[0]})


class Crowd(msgspec.Struct, frozen=True):
    """People of every world, flat (worlds * people,): their normals by name and their world's typical values."""

    worlds: Worlds
    people: int
    normals: Mapping[str, Array]
    seed: int
    knots: Array
    alike: bool = False

    def errors(self, days: int) -> Array:
        """Standard normal errors of reading everybody on some days, (worlds * people, days)."""
        rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=(2, 5))))
        if self.alike:
            return np.tile(rng.standard_normal((self.people, days)), (self.worlds.count, 1))
        return rng.standard_normal((self.worlds.count * self.people, days))

    def spread(self, column: Array) -> Array:
        return np.repeat(column, self.people)

    def members(
        self,
        numbers: Response,
        condition: Condition,
        setting: str,
        concomitant: str | None,
        control: str | None,
    ) -> Members:
        count = self.worlds.count * self.people
        return members(
            numbers,
            condition,
            Draws(count, self.seed, 0, held=self.normals),
            setting=setting,
            concomitant=concomitant,
            control=control,
            world={path: self.spread(column) for path, column in self.worlds.columns.items()},
            knots=self.knots,
        )

    def split(self, flat: Array) -> Array:
        """(worlds * people, ...) as (worlds, people, ...)."""
        return flat.reshape(self.worlds.count, self.people, *flat.shape[1:])


def crowd(worlds: Worlds, people: int, seed: int, at: Array | None = None, *, alike: bool = False) -> Crowd:
    """`people` a world, a power of two: each world's people cover the ways in which people differ evenly; `at` are the
    knots of what months bring.

    `alike`: every world has the same people, so that worlds are compared without chance.
    """
    from scipy.special import ndtri
    from scipy.stats import qmc  # slow to load, and a forecast of one person needs neither

    at = months.knots(response()) if at is None else at
    names = (*PEOPLE, *months.names(len(at)))
    sequence = qmc.Sobol(len(names), scramble=True, rng=np.random.default_rng(seed))
    log2 = (people if alike else worlds.count * people - 1).bit_length() - alike
    drawn = sequence.random_base2(log2)[: people if alike else worlds.count * people]
    normals = ndtri(drawn.clip(1e-9, 1 - 1e-9)).T
    if alike:
        normals = np.tile(normals, (1, worlds.count))
    return Crowd(worlds, people, dict(zip(names, normals, strict=True)), seed, at, alike)
