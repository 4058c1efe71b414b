"""Whether a reading can be true of anybody: it is held against every member, before and after, and the reason is said."""

from collections.abc import Iterator

import msgspec
import numpy as np

from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.updating import errors
from lowtide.science.pharmacology.updating.observations import SITES, Reading
from lowtide.science.pharmacology.updating.panel import Panel, errors_of, follow, panel

IMPLAUSIBLE = 0.001  # mean probability over members of a reading as far away or farther
BAND = (0.05, 0.95)
UNITS = {"plasma": "ng/mL", "sbp": "mmHg", "dbp": "mmHg"}


class Crowd(msgspec.Struct, frozen=True):
    """The members of one model: the normals they hold by name, (members, names)."""

    model: str
    names: tuple[str, ...]
    normals: Array


class Fit(msgspec.Struct, frozen=True):
    """One reading against all who speak for it: probability of one as far away, (members,), and the 5 to 95 % band of
    what would be read."""

    tails: Array
    low: float
    high: float

    @property
    def implausible(self) -> bool:
        return float(self.tails.mean()) < IMPLAUSIBLE


def fits(p: Panel, crowds: list[Crowd]) -> dict[int, Fit]:
    """Each reading that somebody speaks for, by its place."""
    found: dict[int, list[errors.Error]] = {}
    for crowd in crowds:
        if len(crowd.normals):
            predicted = np.concatenate(list(follow(p, crowd.model, crowd.names, crowd.normals)))
            for place, e in errors_of(p, crowd.model, predicted):
                found.setdefault(place, []).append(e)
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(p.plan.seed, spawn_key=(1, 8))))
    return {place: _fit(together, rng) for place, together in sorted(found.items())}


def _fit(together: list[errors.Error], rng: np.random.Generator) -> Fit:
    tails = np.concatenate([errors.tail(e) for e in together])
    read = np.concatenate([errors.predictive(e, rng.standard_normal(len(e.centre))) for e in together])
    low, high = np.quantile(read, BAND)
    return Fit(tails, float(low), float(high))


def misfits(p: Panel, before: list[Crowd], after: list[Crowd]) -> Iterator[str]:
    """What to say of readings that nobody speaks for, that no member explains, or that the others contradict."""
    prior, posterior = fits(p, before), fits(p, after)
    for place, reading in enumerate(p.readings):
        said = f"{reading.where}: {reading.given} at {reading.at_h:g} h"
        if place not in prior:
            yield f"{said} informs nothing: no model of this run provides it"
        elif prior[place].implausible:
            yield f"{said} {_against(prior[place])} {_reason(p, reading, prior[place], before)}"
        elif place in posterior and posterior[place].implausible:
            yield (
                f"{said} does not fit with the other observations: with them {_band(reading, posterior[place])}. "
                "Check which of them is wrong."
            )


def _against(fit: Fit) -> str:
    left = int((fit.tails >= IMPLAUSIBLE).sum())
    return "is implausible under " + (
        f"all but {left} of {len(fit.tails)} members" if left else "every member"
    )


def _reason(p: Panel, reading: Reading, fit: Fit, crowds: list[Crowd]) -> str:
    would = [*_other_units(reading, fit), *_other_site(p, reading, crowds)]
    guess = f" It would fit {' or '.join(would)}." if would else ""
    checks = "unit, sample site, dose and time" if reading.kind == "plasma" else "value, dose and time"
    return f"({_band(reading, fit)}).{guess} Check {checks}."


def _band(reading: Reading, fit: Fit) -> str:
    unit = f" {UNITS[reading.kind]}" if reading.kind in UNITS else ""
    return f"expected {fit.low:.3g} to {fit.high:.3g}{unit}, read {reading.value:.4g}{unit}"


def _other_units(reading: Reading, fit: Fit) -> Iterator[str]:
    """Units in which the number given would lie in the band."""
    if reading.kind != "plasma":
        return
    for unit, factor in reading.factors.items():
        if fit.low <= reading.value / reading.factor * factor <= fit.high:
            yield f"as {unit}"


def _other_site(p: Panel, reading: Reading, crowds: list[Crowd]) -> Iterator[str]:
    """The other site, if the level would lie in its band."""
    if reading.kind != "plasma":
        return
    other = SITES[1 - SITES.index(reading.site)]
    moved = msgspec.structs.replace(reading, site=other)
    elsewhere = panel((moved,), p.question, p.plan, p.tables, p.baselines, p.threads)
    fit = fits(elsewhere, crowds).get(0)
    if fit is not None and fit.low <= reading.value <= fit.high:
        yield f"as {other}"
