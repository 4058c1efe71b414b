"""Scores of mood against the answer that a regimen makes likely: before and after they are known."""

import msgspec
import numpy as np

from lowtide.data import instruments
from lowtide.data.pharmacology import response
from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.response.conditioning import Scores, Setting, conditioned
from lowtide.science.pharmacology.response.exposure import sessions
from lowtide.science.pharmacology.response.model import DAY_H, Session
from lowtide.science.pharmacology.response.outlook import Cuts
from lowtide.science.pharmacology.simulate import Question
from lowtide.science.pharmacology.updating.observations import MOODS, RANGES, Reading
from lowtide.science.pharmacology.updating.update import Update

MOST_MEMBERS = 10_000


def with_scores(
    found: Update, question: Question, readings: list[Reading], indication: str, setting: str
) -> Update:
    """The update with the outlook of each mood instrument beside the levels; as it was where no score says anything.

    A score needs one at or before the first dose to be a change from; without, a warning says so.
    """
    scores = {kind: _of(kind, readings) for kind in MOODS}
    known = {kind: s for kind, s in scores.items() if s is not None}
    warnings = [
        *found.warnings,
        *(_without(kind) for kind in MOODS if _asks(kind, readings) and not scores[kind]),
    ]
    if not known:
        return msgspec.structs.replace(found, warnings=warnings)
    numbers = response()
    drawn = Setting(numbers, numbers.conditions[indication], setting)
    count = min(question.members, MOST_MEMBERS)
    told = conditioned(drawn, _sessions(question), known, count, question.seed)
    levels_moved = any(r.kind not in MOODS for r in readings)
    return msgspec.structs.replace(
        found,
        prior=msgspec.structs.replace(found.prior, response=told.prior),
        posterior=msgspec.structs.replace(found.posterior, response=told.posterior),
        ess=found.ess if levels_moved else told.ess,
        tempered=found.tempered or told.tempered,
        warnings=[*warnings, *told.warnings],
    )


def _asks(kind: str, readings: list[Reading]) -> bool:
    return any(r.kind == kind for r in readings)


def _without(kind: str) -> str:
    return f"{kind} without one at or before the first dose is no change from anything: give it at at_h 0 or before"


def _of(kind: str, readings: list[Reading]) -> Scores | None:
    own = [r for r in readings if r.kind == kind]
    before = [r for r in own if r.before]
    if not before or not max(before, key=lambda r: r.at_h).value:
        return None
    after = tuple((r.at_h / DAY_H, r.value) for r in own if not r.before)
    cut = _remission(kind)
    return Scores(max(before, key=lambda r: r.at_h).value, after, Cuts(cut, None, RANGES[kind][1]))


def _remission(kind: str) -> float | None:
    """The highest whole score that counts as remission."""
    change = instruments.instrument(kind).change
    if change is None:
        return None
    if change.remission_at_most is not None:
        return float(change.remission_at_most)
    return float(change.remission_below) - 1 if change.remission_below is not None else None


def _sessions(question: Question) -> tuple[Session, ...]:
    """The regimen's sessions with the exposure of the middle of the people."""
    drawn = sessions(question.doses, question.person, tables(), response(), 500, question.seed)
    return tuple(Session(s.day, float(np.median(s.exposure_ng_h_ml)), s.over_d) for s in drawn)
