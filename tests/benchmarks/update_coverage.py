"""Whether updated bands hold what they say: people drawn from the core, read with error, updated, and asked the truth.

    .venv/bin/python -m tests.benchmarks.update_coverage

Of each quantity the share of people whose truth lies within 5 % to 95 % (0.90 is right; with 150 people 0.85 to 0.95 is
chance) and how wide the band is beside the one before.
"""

import msgspec
import numpy as np

from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.ensemble import Group, group
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.simulate import Answer, Question, planned
from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.summary import Figure
from lowtide.science.pharmacology.updating import errors
from lowtide.science.pharmacology.updating.observations import Observation, Reading, readings
from lowtide.science.pharmacology.updating.panel import errors_of, panel, predictions
from lowtide.science.pharmacology.updating.update import at_rest, update

PEOPLE, MEMBERS, MODEL = 150, 500, "simons_2022"
REST = {"sbp": 125.0}
AT_H = (0.6667, 2.0)
QUESTION = Question(
    (Dose(0.0, "ketamine", "iv", 35.0, 40.0),), Person(70), AT_H, 3.0, model=MODEL, members=MEMBERS
)
ASKED = [
    Observation(0.6667, "plasma", 100.0, analyte="ketamine", unit="ng/mL"),
    Observation(1.5, "plasma", 100.0, analyte="s_norketamine", unit="ng/mL"),
    Observation(0.5, "sbp", 140.0),
    Observation(0.75, "sbp", 140.0),
    Observation(0.6667, "cadss", 10.0),
    Observation(0.5, "high", 5.0),
]
QUANTITIES = ("ketamine", "s_norketamine", "cadss", "high", "sbp_rise_mmhg")


def run() -> dict[str, dict[str, float]]:
    """By quantity, at the last asked moment: share inside, and width over the width before."""
    inside: dict[str, list[bool]] = {name: [] for name in QUANTITIES}
    width: dict[str, list[float]] = {name: [] for name in QUANTITIES}
    for number in range(PEOPLE):
        truth, seen = _person(number)
        question = msgspec.structs.replace(QUESTION, seed=number)
        found = update(question, seen, tables(), REST)
        for name in QUANTITIES:
            moment = 0 if name in ("cadss", "high", "sbp_rise_mmhg") else 1
            before, after = (_figure(a, name, moment) for a in (found.prior, found.posterior))
            inside[name].append(after.p5 <= _true(truth, name, moment) <= after.p95)
            width[name].append((after.p95 - after.p5) / max(before.p95 - before.p5, 1e-9))
    return {n: {"inside": float(np.mean(inside[n])), "width": float(np.median(width[n]))} for n in QUANTITIES}


def _person(number: int) -> tuple[Group, list[Reading]]:
    """Somebody of the core, and what would be read of them."""
    plan = planned(QUESTION, tables())
    blank = readings(ASKED, "seen", tables().ensemble.constants, plan.enantiomers)
    p = panel(tuple(blank), QUESTION, plan, tables(), at_rest(blank, tables(), REST))
    draws = Draws(1, 900_000 + number, 0)
    predicted = predictions(p, group(p.plan, tables(), tables().models[MODEL], draws))
    noise = np.random.default_rng(number)
    seen = [
        msgspec.structs.replace(blank[place], value=_read(e, noise))
        for place, e in errors_of(p, MODEL, predicted)
    ]
    at_asked = msgspec.structs.replace(plan, times_h=np.array([0.0, *AT_H]))
    return group(at_asked, tables(), tables().models[MODEL], draws), seen


def _read(e: errors.Error, noise: np.random.Generator) -> float:
    if noise.random() < e.zero:
        return 0.0
    return float(errors.predictive(e, noise.standard_normal(1))[0])


def _true(truth: Group, name: str, moment: int) -> float:
    if name in truth.effects:
        return float(truth.effects[name][0, 1 + moment])
    prefix, _, analyte = name.rpartition("_")
    levels: list[Array] = [truth.level("venous", analyte, e) for e in (prefix or "sr")]
    return float(sum(level[0, 1 + moment] for level in levels))


def _figure(answer: Answer, name: str, moment: int) -> Figure:
    at = (answer.analytes[name] if name in answer.analytes else answer.effects[name]).at[moment]
    found = at.value if at.ng_ml is None else at.ng_ml
    assert isinstance(found, Figure)
    return found


if __name__ == "__main__":
    for quantity, figures in run().items():
        print(f"{quantity:<16} inside {figures['inside']:.2f}  width {figures['width']:.2f} of before")
