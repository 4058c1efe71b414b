"""Many people in each of many possible truths: how what we do not know is kept apart from how people differ.

A probability such as “one in twenty passes 180 mmHg” is about people. How sure we are of it is another matter: the
typical values behind it are only known to within their standard errors (`log_se` of the data), and the published
models disagree. So the outer draw is a world (a model, with its weight, and one set of typical values) and the inner
draw are people, the same ones in every world, who differ as people and occasions do. Each world gives one probability;
the band runs over the worlds. Not in the band: the standard errors of kinetic parameters, which the data do not state
(the choice of model stands in for them), and the error of the assumed spreads themselves.
"""

from collections.abc import Iterator

import msgspec
import numpy as np

from lowtide.problems import bad
from lowtide.science.pharmacology import effects as effect_models
from lowtide.science.pharmacology.draws import BLOCK, Draws, World
from lowtide.science.pharmacology.effects import Drivers, Sensitivity
from lowtide.science.pharmacology.ensemble import Group, Plan, Tables, able, drivers, group
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, occasions
from lowtide.science.pharmacology.structure import Array


class Search(msgspec.Struct, frozen=True):
    """Whom a search is for, and how finely it looks: people in each world, worlds for each model."""

    person: Person
    people: int
    worlds: int
    seed: int


def speaking(tables: Tables, doses: tuple[Dose, ...], needs: frozenset[tuple[str, str]]) -> dict[str, float]:
    """The models that know the route and provide everything needed, as (site, analyte), with weights that add up to 1.

    Raises BadInput where no model provides it all together.
    """
    found = {
        name: weight
        for name, weight in able(tables, doses).items()
        if all(_provides(tables, name, *need) for need in needs)
    }
    if not found:
        listed = ", ".join(" ".join(need) for need in sorted(needs))
        raise bad(f"no model of this route provides {listed} together", "--limit", "Ask for fewer at once.")
    return {name: weight / sum(found.values()) for name, weight in found.items()}


def _provides(tables: Tables, name: str, site: str, analyte: str) -> bool:
    model = tables.models[name]
    silent = set(model.analytes) - set(model.speaks_for)
    return site in model.sites and analyte not in silent


def crowds(
    doses: tuple[Dose, ...], search: Search, tables: Tables, model: str, block: int, times_h: Array
) -> Group:
    """The people of one block under one model, without effects: those depend on the world."""
    plan = Plan(doses, search.person, {model: 1.0}, search.people, search.seed, times_h, effects=False)
    return group(plan, tables, tables.models[model], draws(search, block))


def draws(search: Search, block: int) -> Draws:
    return Draws(min(BLOCK, search.people - block * BLOCK), search.seed, block)


def blocks(search: Search) -> range:
    return range(-(-search.people // BLOCK))


def sensitivities(
    search: Search, tables: Tables, block: int, doses: tuple[Dose, ...]
) -> Iterator[Sensitivity]:
    """How sensitive the people of a block are, in each world in turn."""
    sessions = occasions(doses)[-1] + 1
    people = draws(search, block)
    for number in range(search.worlds):
        there = msgspec.structs.replace(people, world=World(number, search.worlds))
        yield effect_models.sensitivity(tables.effects, there, search.person, sessions)


def felt(found: Drivers, sensitivity: Sensitivity, search: Search, tables: Tables) -> dict[str, Array]:
    """Every effect, (members, times)."""
    return effect_models.effects(found, sensitivity, tables.effects, search.person)


def first_session(found: Group, times_h: Array) -> Drivers:
    """What drives the effects, all within the first session of a course."""
    return drivers(found, np.zeros(len(times_h), np.int64))


def moments(doses: tuple[Dose, ...], hours_after: float = 4.0) -> Array:
    """Moments at which a session is looked at, in h: dense while drug enters and right after, then thinner."""
    start, end = doses[0].at_h, max(dose.at_h + dose.over_min / 60 for dose in doses)
    steps = int(np.clip((end - start) * 30, 1, 60))
    after = np.concatenate([np.arange(1, 20), np.arange(20, 60, 5), np.arange(60, hours_after * 60 + 1, 15)])
    found = np.concatenate([[0.0], np.linspace(start, end, steps + 1), end + after / 60])
    return np.unique(np.round(found, 9))
