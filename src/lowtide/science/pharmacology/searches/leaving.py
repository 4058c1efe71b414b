"""When the criteria for leaving are likely met: pressure back, dissociation gone, awake, from then on.

Nobody is ready before their own peak: what is swallowed has done nothing yet when it is down, and whoever feels nothing then
may feel it in an hour. What can be predicted is predicted; orientation, gait, nausea, recovery score, escort and the observation time that a
protocol asks for are not, and hold beside it. Minutes from the start of the session.
"""

import msgspec
import numpy as np

from lowtide.data.monitoring import Condition
from lowtide.science.pharmacology.effects import Drivers
from lowtide.science.pharmacology.ensemble import Tables
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.searches.bands import Band, band
from lowtide.science.pharmacology.searches.worlds import (
    Search,
    blocks,
    crowds,
    felt,
    first_session,
    sensitivities,
    speaking,
)
from lowtide.science.pharmacology.structure import Array

STEP_MIN, LATER_STEP_MIN, FINE_FOR_MIN = 5, 15, 120
ALL = "all"
CRITERIA = ("pressure", "dissociation", "awake")


class Criteria(msgspec.Struct, frozen=True):
    """`pressure`: alternatives, each all of its bounds, on rises over the pressure before the dose and on the pressure
    itself (mmHg; an alternative that needs a pressure which is not known is left out). `cadss`: at most this.
    `likely`: the probability from which the criteria are called likely met. `hours`: how long they are followed."""

    pressure: tuple[tuple[Condition, ...], ...]
    cadss: float
    likely: float
    hours: float
    baseline: dict[str, float] = {}


class Ready(msgspec.Struct, frozen=True):
    min: float
    probability: Band


class Leaving(msgspec.Struct, frozen=True):
    """`likely_min`: the first minute at which the probability is `likely` or more; the band runs over the worlds, None
    where it does not come to that while it is followed. `each`: the same for each criterion by itself."""

    likely_min: Band
    likely: float
    each: dict[str, Band]
    at: tuple[Ready, ...]
    models: dict[str, float]


def leaving(doses: tuple[Dose, ...], criteria: Criteria, search: Search, tables: Tables) -> Leaving:
    """The probability that every predicted criterion is met from each moment on, over the worlds."""
    weights = speaking(tables, doses, frozenset({("arterial", "ketamine")}))
    minutes = _minutes(doses, criteria.hours)
    found = [_shares(name, doses, minutes, criteria, search, tables) for name in weights]
    ready = {name: np.concatenate([one[name] for one in found]) for name in (ALL, *CRITERIA)}
    weight = np.repeat([weights[name] / search.worlds for name in weights], search.worlds)
    likely = {name: band(_first(shares, minutes, criteria.likely), weight) for name, shares in ready.items()}
    return Leaving(
        likely.pop(ALL),
        criteria.likely,
        likely,
        tuple(
            Ready(float(minute), band(ready[ALL][:, i], weight))
            for i, minute in enumerate(minutes)
            if minute % LATER_STEP_MIN == 0
        ),
        weights,
    )


def _minutes(doses: tuple[Dose, ...], hours: float) -> Array:
    """From the end of the dose on, on the round minute: finely at first."""
    end = max(dose.at_h * 60 + dose.over_min for dose in doses)
    first = max(np.ceil(end / STEP_MIN), 1.0) * STEP_MIN
    fine = np.arange(first, first + FINE_FOR_MIN, STEP_MIN)
    later = np.ceil((first + FINE_FOR_MIN) / LATER_STEP_MIN) * LATER_STEP_MIN
    return np.concatenate([fine, np.arange(later, end + hours * 60 + 1, LATER_STEP_MIN)])


def _first(shares: Array, minutes: Array, likely: float) -> Array:
    """The first minute at which each world's share is likely; infinity where it never is."""
    reached = shares >= likely
    return np.where(reached.any(1), minutes[reached.argmax(1)], np.inf)


def _shares(
    model: str, doses: tuple[Dose, ...], minutes: Array, criteria: Criteria, search: Search, tables: Tables
) -> dict[str, Array]:
    """The share of people whose criteria are met from each minute on, (worlds, minutes), by criterion and all."""
    found = {name: np.zeros((search.worlds, len(minutes))) for name in (ALL, *CRITERIA)}
    times = np.concatenate([[0.0], minutes / 60])
    for block in blocks(search):
        drive = first_session(crowds(doses, search, tables, model, block, times), times)
        past = _past_its_peak(drive)[:, 1:]
        for world, sensitivity in enumerate(sensitivities(search, tables, block, doses)):
            effects = felt(drive, sensitivity, search, tables)
            met = _met({name: values[:, 1:] for name, values in effects.items()}, criteria)
            for name, values in met.items():
                found[name][world] += (values * past).sum(0) / search.people
    return found


def _past_its_peak(drive: Drivers) -> Array:
    """Whether what drives the mind has reached its highest in each person by each moment, (people, moments)."""
    level = drive.s_mind if drive.r_mind is None else drive.s_mind + drive.r_mind
    return np.asarray(np.arange(level.shape[1])[None, :] >= level.argmax(1)[:, None])


def _met(effects: dict[str, Array], criteria: Criteria) -> dict[str, Array]:
    """The probability that a person meets each criterion, and all, from each moment on, (people, moments)."""
    back = _from_then_on(_pressure_back(effects, criteria), np.logical_and)
    settled = _from_then_on(effects["cadss"] <= criteria.cadss, np.logical_and)
    awake = 1 - _from_then_on(effects["sedation"], np.maximum)
    return {ALL: (back & settled) * awake, "pressure": back, "dissociation": settled, "awake": awake}


def _pressure_back(effects: dict[str, Array], criteria: Criteria) -> Array:
    values = {name: effects[name] for name in ("sbp_rise_mmhg", "dbp_rise_mmhg")}
    for name in criteria.baseline:
        values[name] = criteria.baseline[name] + effects[name.replace("_mmhg", "_rise_mmhg")]
    back = np.zeros_like(effects["cadss"], bool)
    for either in criteria.pressure:
        if all(bound.value in values for bound in either):
            back |= np.logical_and.reduce([_within(values[bound.value], bound) for bound in either])
    return back


def _from_then_on(values: Array, combine: np.ufunc) -> Array:
    return np.asarray(combine.accumulate(values[:, ::-1], axis=1)[:, ::-1])


def _within(values: Array, bound: Condition) -> Array:
    found = np.ones_like(values, bool)
    if bound.at_most is not None:
        found &= values <= float(bound.at_most)
    if bound.below is not None:
        found &= values < float(bound.below)
    return found
