"""The ensemble: virtual people over several published models, run through one regimen, block by block.

`run` answers, for each block and model, what its members do; `simulate` sums that up. Nothing here opens a file, reads
a clock or draws from a hidden source: the same seed gives the same members for any number of threads.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec
import numpy as np

from lowtide.data.pharmacology import Effect, Ensemble, Model, Route
from lowtide.problems import bad
from lowtide.science.pharmacology import effects as effect_models
from lowtide.science.pharmacology import kernel, matrix, structure
from lowtide.science.pharmacology.draws import BLOCK, Draws
from lowtide.science.pharmacology.effects import Drivers, Sensitivity
from lowtide.science.pharmacology.parameters import parameters
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import ENANTIOMERS, Dose, Inputs, enter, occasions
from lowtide.science.pharmacology.structure import Array, State, System

ANALYTES = ("ketamine", "norketamine", "hydroxynorketamine")
THREADS = 2
NG = 1000.0  # ng/mL in a mg/L
Job = TypeVar("Job")
Done = TypeVar("Done")


class Tables(msgspec.Struct, frozen=True):
    """The numbers a run stands on, handed in."""

    models: Mapping[str, Model]
    ensemble: Ensemble
    routes: dict[str, Route]
    effects: Mapping[str, Effect]
    core: str = "simons_2022"


class Plan(msgspec.Struct, frozen=True):
    """What to run: doses in order of time, whom for, which models with which weight, how many members, which seed."""

    doses: tuple[Dose, ...]
    person: Person
    weights: dict[str, float]
    members: int
    seed: int
    times_h: Array
    effects: bool = True
    outputs: frozenset[str] | None = None  # which levels are kept; None: all

    @property
    def enantiomers(self) -> tuple[str, ...]:
        return tuple(e for e in ENANTIOMERS if any(dose.mg_of(e) for dose in self.doses))


def able(tables: Tables, doses: tuple[Dose, ...]) -> dict[str, float]:
    """The ensemble's models that know every route of these doses, with weights that add up to 1.

    A route on which some models rest more firmly has weights of its own, which hold where it is the only one.
    """
    ways, routes = {dose.way for dose in doses}, {dose.route for dose in doses}
    asked = tables.ensemble.weights
    if len(ways) == 1:
        asked = tables.ensemble.route_weights.get(next(iter(ways)), asked)
    weights = {name: weight for name, weight in asked.items() if routes <= set(tables.models[name].routes)}
    return {name: weight / sum(weights.values()) for name, weight in weights.items()}


def only(tables: Tables, name: str, doses: tuple[Dose, ...]) -> dict[str, float]:
    """One model by itself. Raises BadInput where it does not know a route."""
    lacking = {dose.route for dose in doses} - set(tables.models[name].routes)
    if lacking:
        known = ", ".join(tables.models[name].routes)
        raise bad(
            f"{name} does not describe the route {', '.join(sorted(lacking))}",
            "--model",
            f"It knows {known}: choose another model or auto.",
        )
    return {name: 1.0}


def shares(weights: dict[str, float], members: int) -> dict[str, int]:
    """How many members each model gets: by weight, the largest remainders rounded up; at least one each if possible."""
    exact = {name: weight * members for name, weight in weights.items()}
    found = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: found[name] - exact[name])
    for name in by_remainder[: members - sum(found.values())]:
        found[name] += 1
    return found


class Group(msgspec.Struct):
    """The members of one model in one block: levels in ng/mL (members, outputs, times) by enantiomer, areas in
    ng h/mL (members, outputs) up to the last time and for ever, and effects (members, times)."""

    model: str
    arterial: bool
    draws: Draws
    outputs: tuple[str, ...]
    levels: dict[str, Array]
    areas: dict[str, Array]
    areas_for_ever: dict[str, Array]
    effects: dict[str, Array]
    systems: dict[str, tuple[System, Inputs]]

    def level(self, site: str, analyte: str, enantiomer: str) -> Array:
        return self.levels[enantiomer][:, self.outputs.index(f"{site} {analyte}")]


def run(plan: Plan, tables: Tables, threads: int = THREADS) -> Iterator[list[Group]]:
    """Every block in order, each as its groups."""
    blocks = range(-(-plan.members // BLOCK))
    return in_order(lambda block: run_block(plan, tables, block), blocks, threads)


def in_order(work: Callable[[Job], Done], jobs: Sequence[Job], threads: int) -> Iterator[Done]:
    """The work of every job in order, done by several threads a few jobs ahead."""
    if threads == 1 or len(jobs) == 1:
        yield from map(work, jobs)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(work, job) for job in jobs[: threads + 1]]
        for following in range(len(waiting), len(jobs) + len(waiting)):
            yield waiting.pop(0).result()
            if following < len(jobs):
                waiting.append(pool.submit(work, jobs[following]))


def run_block(plan: Plan, tables: Tables, block: int) -> list[Group]:
    """One block's members, model by model."""
    return [group(plan, tables, tables.models[name], draws) for name, draws in drawn(plan, block)]


def drawn(plan: Plan, block: int) -> Iterator[tuple[str, Draws]]:
    """One block's members as models and draws."""
    size = min(BLOCK, plan.members - block * BLOCK)
    first = 0
    for name, count in shares(plan.weights, size).items():
        if count:
            yield name, Draws(count, plan.seed, block, first=first)
        first += count


def typical(plan: Plan, tables: Tables, name: str) -> Group:
    """The typical person under one model: every random effect zero."""
    return group(plan, tables, tables.models[name], Draws(1, plan.seed, 0, typical=True))


def group(plan: Plan, tables: Tables, model: Model, draws: Draws) -> Group:
    """These members of this model through the regimen."""
    arterial = "arterial" in model.sites
    found = Group(model.id, arterial, draws, (), {}, {}, {}, {}, {})
    for enantiomer in plan.enantiomers:
        system, inputs = prepared(plan, tables, model, draws, enantiomer)
        levels, areas = travelled(system, inputs, plan.times_h, scale=NG)
        found.outputs = system.outputs
        found.levels[enantiomer] = levels
        found.areas[enantiomer] = areas
        found.areas_for_ever[enantiomer] = for_ever(system, inputs) * NG
        found.systems[enantiomer] = (system, inputs)
    if arterial and plan.effects:
        found.effects = _effects(plan, tables, found)
    return found


def prepared(
    plan: Plan, tables: Tables, model: Model, draws: Draws, enantiomer: str
) -> tuple[System, Inputs]:
    """The members' system for one enantiomer and what enters it."""
    sites = tables.effects["sites"].numbers
    core = tables.models[tables.core]
    p = parameters(model, core, enantiomer, plan.person, draws, tables.ensemble, sites)
    inputs = enter(plan.doses, enantiomer, p, draws, plan.person, tables.routes, tables.ensemble)
    shape = structure.shape_of(p, arterial="arterial" in model.sites, linked=model.structure == "core")
    kept = {name: value for name, value in p.items() if not _foreign(name, shape.linked)}
    return structure.build(kept, shape, inputs.channels, plan.outputs), inputs


def _foreign(name: str, linked: bool) -> bool:
    return not linked and name in ("venous_rate", "venous_share")


def travelled(
    system: System, inputs: Inputs, times_h: Array, state: State | None = None, scale: float = 1.0
) -> tuple[Array, Array]:
    """Levels in mg/L (members, outputs, times) and areas in mg h/L, both times `scale`; `state` (changed in place)
    resumes from the first time, or from rest."""
    state = system.rest() if state is None else state
    by_time = np.empty((len(system.outputs), len(times_h), system.members))
    areas = kernel.propagate(
        system.poles,
        system.pair,
        system.weights,
        system.index,
        system.count,
        times_h,
        inputs.bolus_at,
        inputs.bolus,
        inputs.window_at,
        inputs.window_for,
        inputs.window,
        state.modes,
        scale,
        by_time,
    )
    levels = by_time.transpose(2, 0, 1)
    close = system.by_matrix
    if close.size:
        found = matrix.travelled(system, inputs, times_h, close, state.places)
        levels[close], areas[close], state.places = found[0] * scale, found[1] * scale, found[2]
    return levels, areas


def for_ever(system: System, inputs: Inputs) -> Array:
    """Areas from zero to infinity of all that is given, mg h/L: the transfer functions at s = 0."""
    steady = kernel.steady(system.poles, system.pair, system.weights)
    if system.by_matrix.size:
        steady[system.by_matrix] = matrix.steady(system, system.by_matrix)
    given = inputs.bolus.sum(2) + inputs.window.sum(2)
    return np.asarray(np.einsum("mco,mc->mo", steady, given))


def _effects(plan: Plan, tables: Tables, found: Group) -> dict[str, Array]:
    at = occasions(plan.doses)
    starts = np.array([plan.doses[at.index(s)].at_h for s in range(at[-1] + 1)])
    session = np.maximum(np.searchsorted(starts, plan.times_h, side="right") - 1, 0)
    sensitivity = effect_models.sensitivity(tables.effects, found.draws, plan.person, len(starts))
    return effect_models.effects(drivers(found, session), sensitivity, tables.effects, plan.person)


def drivers(found: Group, session: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Drivers:
    """The levels that drive effects, out of a group's arterial outputs."""
    at = {name: i for i, name in enumerate(found.outputs)}
    racemic = "r" in found.levels
    s = found.levels["s"]
    r = found.levels.get("r")
    return Drivers(
        s_mind=s[:, at["mind"]],
        s_pressure=s[:, at["pressure"]],
        s_pain=s[:, at["pain"]],
        s_nk=s[:, at["arterial norketamine"]],
        r_mind=r[:, at["mind"]] if racemic and r is not None else None,
        r_nk=r[:, at["arterial norketamine"]] if racemic and r is not None else None,
        session=session,
    )


def sensitivity_of(plan: Plan, tables: Tables, draws: Draws) -> Sensitivity:
    """How sensitive these members are."""
    return effect_models.sensitivity(tables.effects, draws, plan.person, occasions(plan.doses)[-1] + 1)
