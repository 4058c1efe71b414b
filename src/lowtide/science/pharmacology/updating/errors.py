"""How far a reading may lie from what a member predicts: one error model a kind of observation.

A plasma level errs on the log scale, a score is a wide normal cut into steps with the ends collecting what lies beyond,
a pressure a plain normal. In every kind a small share of readings is mistaken: such a one says nothing of the member,
so that a slip of the unit leaves the members where they were instead of sending them somewhere absurd.
"""

import msgspec
import numpy as np
from scipy.special import ndtr

from lowtide.data.pharmacology import Effect, Model
from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.updating.observations import RANGES, Reading


class Error(msgspec.Struct, frozen=True):
    """One reading against the members on the scale its error lives on: the members' `centre` and `sd` (members,), the
    `value` read; `half` a step where it is cut into steps (0: it is not) between `low` and `high`; `zero` the share of
    zeros beside; `flat` the density of a mistaken reading and `mistaken` the share of those; `log_floor` turns the
    scale back into ng/mL."""

    centre: Array
    sd: Array
    value: float
    flat: float
    mistaken: float
    half: float = 0.0
    low: float = -np.inf
    high: float = np.inf
    zero: float = 0.0
    log_floor: float | None = None


def error(reading: Reading, predicted: Array, model: Model, observing: Effect, reading_sd: float) -> Error:
    """The error of this reading for members who predict `predicted` (ng/mL, points or mmHg), (members,)."""
    mistaken = observing["mistaken"]
    if reading.kind == "plasma":
        floor = observing["assay_floor_ng_ml"]
        sd = max(observing["clinic_log_sd"], model.residual.get(reading.analyte, 0.0))
        centre = np.log(np.maximum(predicted, 0.0) + floor)
        value = float(np.log(reading.value + floor))
        return Error(
            centre, np.full_like(centre, sd), value, 1 / observing["plasma_span"], mistaken, log_floor=floor
        )
    if reading.kind in ("sbp", "dbp"):
        flat = 1 / observing["pressure_span_mmhg"]
        return Error(predicted, np.full_like(predicted, reading_sd), reading.value, flat, mistaken)
    return _score(reading, predicted, observing)


def _score(reading: Reading, predicted: Array, observing: Effect) -> Error:
    low, high = RANGES[reading.kind]
    sd = np.full_like(predicted, observing[f"{reading.kind}_sd"])
    zero = 0.0
    if reading.kind == "cadss":
        sd, zero = np.hypot(sd, observing["cadss_share"] * predicted), observing["cadss_zero"]
    flat = 1 / (high - low + 1)
    return Error(predicted, sd, reading.value, flat, observing["mistaken"], 0.5, low, high, zero)


def log_density(e: Error) -> Array:
    """Log-likelihood of the reading, (members,)."""
    if e.half:
        fitting = _mass(e)
        fitting = e.zero * (e.value < e.low + e.half) + (1 - e.zero) * fitting
    else:
        z = (e.value - e.centre) / e.sd
        fitting = np.exp(-0.5 * z * z) / (e.sd * np.sqrt(2 * np.pi))
    return np.asarray(np.log((1 - e.mistaken) * fitting + e.mistaken * e.flat))


def _mass(e: Error) -> Array:
    """Probability of the step the value lies in; the lowest and highest take what is beyond."""
    upper = np.inf if e.value > e.high - e.half else e.value + e.half
    lower = -np.inf if e.value < e.low + e.half else e.value - e.half
    return np.asarray(ndtr((upper - e.centre) / e.sd) - ndtr((lower - e.centre) / e.sd))


def tail(e: Error) -> Array:
    """Probability of a reading at least so far from what each member predicts, were it not mistaken; (members,)."""
    away = np.maximum(np.abs(e.value - e.centre) - e.half, 0.0) / e.sd
    found = 2 * ndtr(-away)
    return np.maximum(found, e.zero) if e.value < e.low + e.half else np.asarray(found)


def predictive(e: Error, noise: Array) -> Array:
    """What each member would be read as, in ng/mL, points or mmHg, with standard normal `noise`; (members,)."""
    drawn = np.clip(e.centre + e.sd * noise, e.low, e.high)
    if e.log_floor is not None:
        drawn = np.maximum(np.exp(drawn) - e.log_floor, 0.0)
    return np.asarray(np.rint(drawn) if e.half else drawn)
