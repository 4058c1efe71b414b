"""How likely each dose is to cross set limits in one session, and the largest that keeps a stated probability.

The statement is about the options as they are given; nothing here recommends one. Effects are static functions of what
drives them, so that each person is looked at in the moments when the drive to mind and to pressure is greatest.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from lowtide.problems import bad
from lowtide.science.pharmacology import effects as effect_models
from lowtide.science.pharmacology.effects import Drivers, Sensitivity
from lowtide.science.pharmacology.ensemble import Tables
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.searches.bands import Band, band
from lowtide.science.pharmacology.searches.limits import PRESSURES, Limit
from lowtide.science.pharmacology.searches.worlds import (
    Search,
    blocks,
    crowds,
    draws,
    felt,
    first_session,
    moments,
    sensitivities,
    speaking,
)
from lowtide.science.pharmacology.structure import Array

Doses = tuple[Dose, ...]
PEAKS = ("cadss", "high", "sbp_rise_mmhg", "dbp_rise_mmhg", "sedation")


class Limits(msgspec.Struct, frozen=True):
    """The limits, any of which counts as crossed, with the pressure before the dose in mmHg where they need one.

    The pressure is meant, not a reading of it, unless `reading_noise`: then the scatter of one cuff reading at the
    highest moment is added.
    """

    limits: tuple[Limit, ...]
    baseline: dict[str, float] = {}
    reading_noise: bool = False

    @property
    def needs(self) -> frozenset[tuple[str, str]]:
        """What a model must provide: effects follow arterial ketamine."""
        return frozenset(
            (found.site, found.quantity.removesuffix("_ng_ml")) if found.site else ("arterial", "ketamine")
            for found in self.limits
        )


class Crossing(msgspec.Struct, frozen=True):
    """One option's probability of crossing any limit, over the worlds; peaks of the effects over people and worlds."""

    probability: Band
    peaks: dict[str, Band]


class Crossings(msgspec.Struct, frozen=True):
    options: tuple[Crossing, ...]
    models: dict[str, float]


def crossings(options: Sequence[Doses], limits: Limits, search: Search, tables: Tables) -> Crossings:
    """Every option, on the same people. Raises BadInput where a baseline is missing or no model provides it all."""
    _baselines(limits)
    weights = speaking(tables, options[0], limits.needs)
    counted = {name: _counted(name, options, limits, search, tables) for name in weights}
    weight = np.repeat([weights[name] / search.worlds for name in weights], search.worlds)
    found = []
    for i in range(len(options)):
        shares = np.concatenate([counted[name][0][i] for name in weights]) / search.people
        peaks = [(counted[name][1][i], weights[name]) for name in weights if counted[name][1][i]]
        found.append(Crossing(band(shares, weight), _peaks(peaks)))
    return Crossings(tuple(found), weights)


def largest_within(found: Sequence[Crossing], most: float) -> int | None:
    """The place of the last option (given in ascending order) whose median probability is at most `most`."""
    kept = [i for i, one in enumerate(found) if (one.probability.median or 0.0) <= most]
    return kept[-1] if kept else None


def _baselines(limits: Limits) -> None:
    for found in limits.limits:
        name = found.quantity.removesuffix("_mmhg")
        if found.quantity in PRESSURES and found.quantity not in limits.baseline:
            raise bad(
                f"{found} needs the pressure before the dose",
                f"--baseline-{name}",
                f"Give it, like --baseline-{name} {128 if name == 'sbp' else 78}, or limit {name}_rise_mmhg.",
            )


def _counted(
    model: str, options: Sequence[Doses], limits: Limits, search: Search, tables: Tables
) -> tuple[Array, list[dict[str, Array]]]:
    """How many people cross, (options, worlds), and each option's peaks of effects where the model has them."""
    counts = np.zeros((len(options), search.worlds))
    tops: list[dict[str, list[Array]]] = [{} for _ in options]
    for block in blocks(search):
        looked = [_looked(model, doses, limits, search, tables, block) for doses in options]
        for world, sensitivity in enumerate(sensitivities(search, tables, block, options[0])):
            for i, (drive, over) in enumerate(looked):
                felt_over = _over(drive, sensitivity, limits, search, tables, block)
                counts[i, world] += np.count_nonzero(over | felt_over)
        for i, (drive, _) in enumerate(looked):
            if drive is not None:
                _keep(tops[i], drive, search, tables, block)
    return counts, [{name: np.concatenate(parts) for name, parts in top.items()} for top in tops]


def _looked(
    model: str, doses: Doses, limits: Limits, search: Search, tables: Tables, block: int
) -> tuple[Drivers | None, Array]:
    """What drives the effects in each person's greatest moments, and who passes a limit of a level in blood."""
    times = moments(doses)
    found = crowds(doses, search, tables, model, block, times)
    over = np.zeros(found.draws.members, bool)
    for limit in limits.limits:
        if limit.site:
            name = limit.quantity.removesuffix("_ng_ml")
            total = np.sum([found.level(limit.site, name, e) for e in found.levels], 0)
            over |= limit.crossed(total.max(1))
    return (greatest(first_session(found, times)) if found.arterial else None), over


def greatest(drive: Drivers) -> Drivers:
    """The drivers in the moments when each person's drive to mind, to pressure and of both drugs is greatest."""
    both = drive.s_mind if drive.r_mind is None else drive.s_mind + drive.r_mind
    places = np.stack([values.argmax(1) for values in (drive.s_mind, drive.s_pressure, both)], 1)

    def there(values: Array) -> Array:
        return np.take_along_axis(values, places, 1)

    return Drivers(
        s_mind=there(drive.s_mind),
        s_pressure=there(drive.s_pressure),
        s_pain=there(drive.s_pain),
        s_nk=there(drive.s_nk),
        r_mind=None if drive.r_mind is None else there(drive.r_mind),
        r_nk=None if drive.r_nk is None else there(drive.r_nk),
        session=np.zeros(places.shape[1], np.int64),
    )


def _over(
    drive: Drivers | None,
    sensitivity: Sensitivity,
    limits: Limits,
    search: Search,
    tables: Tables,
    block: int,
) -> Array:
    """Who passes a limit of an effect in this world."""
    over = np.zeros(len(sensitivity.sbp), bool)
    if drive is None or all(limit.site for limit in limits.limits):
        return over
    effects = felt(drive, sensitivity, search, tables)
    for limit in limits.limits:
        if limit.effect:
            top = effects[limit.effect].max(1)
            if limit.quantity in PRESSURES:
                top = top + limits.baseline[limit.quantity] + _noise(limit, limits, search, tables, block)
            over |= limit.crossed(top)
    return over


def _noise(limit: Limit, limits: Limits, search: Search, tables: Tables, block: int) -> Array | float:
    if not limits.reading_noise:
        return 0.0
    sd = tables.effects["pressure"]["reading_sd_mmhg"]
    return sd * draws(search, block).normal(f"reading {limit.quantity}")


def _keep(top: dict[str, list[Array]], drive: Drivers, search: Search, tables: Tables, block: int) -> None:
    """Peaks over people whose typical values vary with them: how people differ and what is not known together."""
    mixed = effect_models.sensitivity(tables.effects, draws(search, block), search.person, 1)
    effects = felt(drive, mixed, search, tables)
    for name in PEAKS:
        top.setdefault(name, []).append(effects[name].max(1))


def _peaks(found: list[tuple[dict[str, Array], float]]) -> dict[str, Band]:
    if not found:
        return {}
    weights = np.concatenate([np.full(len(tops[PEAKS[0]]), weight) for tops, weight in found])
    return {name: band(np.concatenate([tops[name] for tops, _ in found]), weights) for name in PEAKS}
