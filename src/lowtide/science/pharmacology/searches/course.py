"""The predicted course of one session out of several, with bands, and what is left of a session at the next.

Minutes from the start of that session; levels at the site asked for, totals S + R of the free base.
"""

import msgspec
import numpy as np

from lowtide.science.pharmacology import effects as effect_models
from lowtide.science.pharmacology.ensemble import Tables, run
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.searches.bands import Band, band
from lowtide.science.pharmacology.searches.worlds import moments
from lowtide.science.pharmacology.simulate import Question, figures_of, planned
from lowtide.science.pharmacology.structure import Array

HOURS_AFTER = 12.0  # the metabolites' peaks come late


class Peak(msgspec.Struct, frozen=True, omit_defaults=True):
    """The highest point of one quantity, its minute, and the course at the asked minutes, in order."""

    peak: Band
    peak_min: Band
    at: tuple[Band, ...]
    status: str = ""


class SessionCourse(msgspec.Struct, frozen=True):
    minutes: tuple[float, ...]
    analytes_ng_ml: dict[str, Peak]
    effects: dict[str, Peak]


class Left(msgspec.Struct, frozen=True):
    """Of one analyte at the start of the next session: level over the last session's peak, and the part of the last
    session's area that is still to come."""

    level: Band
    area: Band


class CarryOver(msgspec.Struct, frozen=True):
    after_h: float
    analytes: dict[str, Left]


class Ask(msgspec.Struct, frozen=True):
    """Whom it is for and how finely it is looked at."""

    person: Person
    members: int = 500
    seed: int = 1
    site: str = "venous"


def session_course(
    doses: tuple[Dose, ...], start_h: float, minutes: tuple[float, ...], ask: Ask, tables: Tables
) -> SessionCourse:
    """The session that starts at `start_h` of a course whose doses, in order, go up to and with it."""
    asked = tuple(start_h + minute / 60 for minute in minutes)
    looked = moments(tuple(dose for dose in doses if dose.at_h >= start_h - 1e-9), HOURS_AFTER)
    analytes: dict[str, Peak] = {}
    effects: dict[str, Peak] = {}
    for name, columns in _columns(
        doses, asked, np.concatenate([looked, [start_h], asked]), ask, tables
    ).items():
        at = tuple(band(column) for column in columns[-len(asked) :])
        peak, peak_min = band(columns[0]), _peak_min(columns, start_h)
        if name in effect_models.NAMES:
            status = tables.effects[effect_models.TABLES[name]].status
            effects[name] = Peak(peak, peak_min, at, status)
        else:
            analytes[name] = Peak(peak, peak_min, at)
    return SessionCourse(minutes, analytes, effects)


def carry_over(doses: tuple[Dose, ...], after_h: float, ask: Ask, tables: Tables) -> CarryOver:
    """What is left of one session `after_h` hours after its start."""
    found = _columns(doses, (after_h,), np.append(moments(doses), after_h), ask, tables)
    left = {}
    for name, columns in found.items():
        if name not in effect_models.NAMES:
            peak, _, area, for_ever, level = columns
            left[name] = Left(band(level / peak), band(np.clip(1 - area / for_ever, 0, 1)))
    return CarryOver(after_h, left)


def _peak_min(columns: Array, start_h: float) -> Band:
    """Of those who have a peak at all; None where nobody has."""
    minutes = columns[1][columns[0] > 0] - start_h * 60
    return band(minutes) if len(minutes) else Band(None, None, None)


def _columns(
    doses: tuple[Dose, ...], asked: tuple[float, ...], times: Array, ask: Ask, tables: Tables
) -> dict[str, Array]:
    """What `figures_of` says of each quantity over all members, (columns, members), looking at these times only."""
    question = Question(doses, ask.person, asked, float(times.max()), ask.site, "auto", ask.members, ask.seed)
    plan = msgspec.structs.replace(
        planned(question, tables), times_h=_apart(np.append(times, 0.0)), effects=len(asked) > 1
    )
    found: dict[str, list[Array]] = {}
    for groups in run(plan, tables):
        for group in groups:
            for name, columns in figures_of(group, question, plan, tables):
                found.setdefault(name, []).append(columns.T)
    return {name: np.concatenate(parts, 1) for name, parts in found.items()}


def _apart(times: Array) -> Array:
    found = np.unique(np.round(times, 9))
    return np.asarray(found[np.concatenate([[True], np.diff(found) > 1e-7])])
