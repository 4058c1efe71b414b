"""From a dose to the exposure that drives the answer, by areas that were computed once. Pure arithmetic, no simulation."""

from collections.abc import Mapping

from lowtide.data.designs import Areas
from lowtide.data.pharmacology import Response
from lowtide.problems import bad
from lowtide.science.pharmacology.response.model import weighted
from lowtide.science.pharmacology.structure import Array


def exposure(
    numbers: Response,
    areas: Areas,
    drug: str,
    route: str,
    mg: float,
    world: Mapping[str, Array] | None = None,
) -> Array | float:
    """Weighted area under the drug in the reference person, as much as it counts by this route."""
    ways = areas.area[drug]
    if route not in ways:
        raise bad(f"{drug} by {route} is not described", "route", f"Use one of: {', '.join(ways)}.")
    way = ways[route]
    first = mg if way.device_mg is None else min(mg, way.device_mg)
    counted = first + way.later * (mg - first)
    path = f"potency.{route}"
    counts = numbers.number(path).value if world is None or path not in world else world[path]
    return counts * weighted(numbers, way.s * counted, way.r * counted)


def log_sd(areas: Areas, drug: str, route: str) -> float:
    """How people differ in that area."""
    return areas.area[drug][route].log_sd
