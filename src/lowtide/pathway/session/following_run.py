"""The members of a running session, run and weighed. Loads the compiled kernels."""

from typing import NamedTuple

import msgspec
import numpy as np

from lowtide.data.forecast import AtTheChair, ForecastNumbers
from lowtide.pathway.plan.forecast_run import moments, person_of
from lowtide.pathway.plan.simulating import tables
from lowtide.pathway.session.following import Asked
from lowtide.record.entries.forecast import ForecastDose, ForecastFor
from lowtide.science.pharmacology.regimen import Dose, checked, in_order
from lowtide.science.pharmacology.updating import following
from lowtide.science.pharmacology.updating.observations import Reading
from lowtide.science.pharmacology.updating.panel import Baseline

ROWS = np.float32  # a run is kept: half the room, and far finer than any reading


class Found(NamedTuple):
    minutes: list[float]
    weighed: following.Weighed


def run(
    about: ForecastFor, given: tuple[ForecastDose, ...], until_min: float, shown: ForecastNumbers
) -> following.Followed:
    """The members under these doses. Raises BadInput for what the models do not describe."""
    person, found = person_of(about), tables()
    doses = in_order([Dose(d.at_h, d.drug, d.route, d.mg, d.over_min) for d in given], found.routes)
    checked(doses, person, found.routes)
    times = np.array(moments(until_min, steps=shown.chair.steps_after)) / 60
    answer = following.follow(doses, person, found, times, shown.chair.members, shown.seed)
    kept = {name: np.asarray(rows, dtype=ROWS) for name, rows in answer.effects.items()}
    return msgspec.structs.replace(answer, effects=kept)


def weighed(followed: following.Followed, asked: Asked, chair: AtTheChair) -> Found:
    """The bands at every moment of the run, under what was read."""
    found = tables()
    cuff_sd = found.effects["pressure"]["reading_sd_mmhg"]
    rest = Baseline(float(np.mean(asked.rest)), cuff_sd / len(asked.rest) ** 0.5) if asked.rest else None
    readings = tuple(
        Reading(number, o.row, o.minute / 60, o.kind, o.value, f"{o.value:g}")
        for number, o in enumerate(sorted(asked.observed, key=lambda o: o.minute))
    )
    answer = following.weigh(followed, rest, readings, followed.times_h, found, chair.rest_steps)
    return Found([float(hour) * 60 for hour in followed.times_h], answer)
