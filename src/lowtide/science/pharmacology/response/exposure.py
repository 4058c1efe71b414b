"""From doses to the exposure that drives the answer: areas under S- and R-ketamine, member by member, as much as each
route counts."""

import msgspec
import numpy as np

from lowtide.data.pharmacology import Response
from lowtide.science.pharmacology.ensemble import Plan, Tables, able, run
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, occasions
from lowtide.science.pharmacology.response.model import DAY_H, Session, weighted
from lowtide.science.pharmacology.structure import Array


def sessions(
    doses: tuple[Dose, ...], person: Person, tables: Tables, numbers: Response, members: int, seed: int
) -> tuple[Session, ...]:
    """Each session of a regimen with every member's weighted exposure, in order of time.

    A member keeps its kinetics over the course; areas are to infinity, so they do not depend on when one looks.
    """
    found: dict[tuple[tuple[float, str, str, float, float], ...], Array] = {}
    at, answer = occasions(doses), []
    for number in range(at[-1] + 1 if doses else 0):
        own = tuple(dose for dose, session in zip(doses, at, strict=True) if session == number)
        first = own[0].at_h
        moved = tuple(msgspec.structs.replace(dose, at_h=dose.at_h - first) for dose in own)
        key = tuple((d.at_h, d.drug, d.route, d.mg, d.over_min) for d in moved)
        if key not in found:
            found[key] = _counted(moved, person, tables, numbers, members, seed)
        ends = max(dose.at_h - first + dose.over_min / 60 for dose in own)
        answer.append(Session(first / DAY_H, found[key], ends / DAY_H))
    return tuple(answer)


def _counted(
    doses: tuple[Dose, ...], person: Person, tables: Tables, numbers: Response, members: int, seed: int
) -> Array:
    """Each route's own doses by themselves: kinetics add up, and what an area counts depends on its way in."""
    total = np.zeros(())
    for route in dict.fromkeys(dose.route for dose in doses):
        own = tuple(dose for dose in doses if dose.route == route)
        total = total + numbers.potency[route].value * _areas(own, person, tables, numbers, members, seed)
    return total


def _areas(
    doses: tuple[Dose, ...], person: Person, tables: Tables, numbers: Response, members: int, seed: int
) -> Array:
    weights = able(tables, doses)
    plan = Plan(doses, person, weights, members, seed, np.array([0.0, 1e-3]), effects=False)
    areas = [
        weighted(
            numbers,
            group.areas_for_ever["s"][:, 0],
            group.areas_for_ever["r"][:, 0] if "r" in group.levels else 0.0,
        )
        for groups in run(plan, tables, threads=1)
        for group in groups
    ]
    return np.concatenate([np.asarray(area) for area in areas])
