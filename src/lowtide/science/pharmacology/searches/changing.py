"""What pausing or changing the rate now does to the next minutes, on the same people: each choice beside continuing.

What has been given stays given. A running infusion goes on at the new rate until the ordered dose is in; a pause holds
back all that is not given yet, later nasal devices included. Every choice is followed from the start of the session:
the propagation is exact, so that everything up to now is one step. Minutes from the start of the session.
"""

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np

from lowtide.problems import bad
from lowtide.science.pharmacology.ensemble import Group, Plan, Tables, able, run
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.searches.bands import Band, band
from lowtide.science.pharmacology.searches.course import Ask
from lowtide.science.pharmacology.structure import Array

FOLLOWED = ("cadss", "high", "sbp_rise_mmhg", "dbp_rise_mmhg", "sedation")
STEP_MIN = 5
PUMPED = ("iv", "im", "sc")


class Ahead(msgspec.Struct, frozen=True):
    """At one minute: the quantity, and how far it lies from where continuing would have it, person by person."""

    min: float
    value: Band
    from_continuing: Band


class Choice(msgspec.Struct, frozen=True):
    """One choice: mg given by the last minute followed, and each quantity over the minutes to come."""

    rate: float
    given_mg: float
    course: dict[str, tuple[Ahead, ...]]


def changing(
    doses: tuple[Dose, ...],
    now_min: float,
    ahead_min: float,
    rates: Mapping[str, float],
    ask: Ask,
    tables: Tables,
) -> dict[str, Choice]:
    """Each choice by name; a rate of 1 continues, 0 pauses; a rate that changes nothing here is left out. Raises BadInput for a moment outside the session's dose."""
    end = max(dose.at_h * 60 + dose.over_min for dose in doses)
    if not 0 < now_min < end:
        raise bad(
            f"{now_min:g} min is not while the dose is given",
            "--now",
            f"Give a moment between the start and {end:g} min; before and after there is no rate to change.",
        )
    minutes = now_min + np.arange(0, ahead_min + 0.1, STEP_MIN)
    asked = {name: doses if rate == 1 else changed(doses, now_min / 60, rate) for name, rate in rates.items()}
    continuing = _followed(doses, minutes, ask, tables)
    return {
        name: Choice(
            rates[name],
            given_by(chosen, minutes[-1]),
            _beside(_followed(chosen, minutes, ask, tables), continuing, minutes),
        )
        for name, chosen in asked.items()
        if rates[name] == 1 or chosen != doses
    }


def changed(doses: tuple[Dose, ...], now_h: float, rate: float) -> tuple[Dose, ...]:
    """The doses when what is pumped runs on at `rate` times its rate from `now_h` (h), and nothing more comes at 0."""
    return tuple(part for dose in doses for part in _changed(dose, now_h, rate))


def _changed(dose: Dose, now_h: float, rate: float) -> Iterator[Dose]:
    over_h = dose.over_min / 60
    if dose.at_h + over_h <= now_h or (dose.route not in PUMPED and dose.at_h <= now_h):
        yield dose
        return
    share = float(np.clip((now_h - dose.at_h) / over_h, 0, 1)) if over_h else 0.0
    if share:
        yield msgspec.structs.replace(dose, mg=dose.mg * share, over_min=dose.over_min * share)
    if rate:
        yield msgspec.structs.replace(
            dose,
            at_h=max(dose.at_h, now_h),
            mg=dose.mg * (1 - share),
            over_min=dose.over_min * (1 - share) / rate,
        )


def given_by(doses: tuple[Dose, ...], minute: float) -> float:
    """mg given up to that minute."""
    return sum(dose.mg * _share_by(dose, minute / 60) for dose in doses)


def _share_by(dose: Dose, hour: float) -> float:
    if not dose.over_min:
        return float(dose.at_h <= hour)
    return float(np.clip((hour - dose.at_h) * 60 / dose.over_min, 0, 1))


def _followed(doses: tuple[Dose, ...], minutes: Array, ask: Ask, tables: Tables) -> dict[str, Array]:
    """Each quantity, (members, minutes): effects, and ketamine in blood at the site asked for."""
    times = np.unique(np.concatenate([[0.0], minutes / 60]))
    plan = Plan(doses, ask.person, able(tables, doses), ask.members, ask.seed, times)
    found: dict[str, list[Array]] = {}
    for groups in run(plan, tables):
        for group in groups:
            for name, values in _quantities(group, ask.site):
                found.setdefault(name, []).append(values[:, -len(minutes) :])
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _quantities(group: Group, site: str) -> Iterator[tuple[str, Array]]:
    if f"{site} ketamine" in group.outputs:
        total = np.sum([group.level(site, "ketamine", e) for e in group.levels], 0)
        yield f"{site} ketamine_ng_ml", total
    yield from ((name, group.effects[name]) for name in FOLLOWED if name in group.effects)


def _beside(
    found: dict[str, Array], continuing: dict[str, Array], minutes: Array
) -> dict[str, tuple[Ahead, ...]]:
    return {
        name: tuple(
            Ahead(float(minute), band(values[:, i]), band(values[:, i] - continuing[name][:, i]))
            for i, minute in enumerate(minutes)
        )
        for name, values in found.items()
    }
