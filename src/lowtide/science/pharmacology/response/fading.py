"""When the answer of one person will likely be gone, were nothing more given: relapse by day, out of their own scores.

Members are conditioned on the scores seen so far, then left alone. Those who by the model have relapsed by the last
score are put aside: the person has not. What is counted is the course itself, without the noise of one measurement.
"""

import msgspec
import numpy as np

from lowtide.science.pharmacology.response.conditioning import Scores, Setting, weighed
from lowtide.science.pharmacology.response.model import Session, scores
from lowtide.science.pharmacology.response.outlook import bands
from lowtide.science.pharmacology.structure import Array

BAND = (0.05, 0.25, 0.5, 0.75, 0.95)


class FadingDay(msgspec.Struct, frozen=True):
    """One day: the band of the score, and the share of members who have relapsed by then."""

    day: float
    p5: float
    p25: float
    median: float
    p75: float
    p95: float
    p_relapse: float


class Fading(msgspec.Struct, frozen=True):
    """Day by day from `from_day`, the later of last dose and last score. `well`: the share of members who by the model
    are well then, whom the rest is about; `ess` and `tempered` as in `conditioning`."""

    from_day: float
    days: tuple[FadingDay, ...]
    well: float
    ess: float
    tempered: bool

    def first(self, share: float) -> float | None:
        """The day by which this share has relapsed, between two days by a straight line; None beyond the horizon."""
        days = np.array([self.from_day, *(one.day for one in self.days)])
        return crossed(days, np.array([0.0, *(one.p_relapse for one in self.days)]), share)

    def by(self, day: float) -> float:
        """The share that has relapsed by a day; of a day beyond the horizon, by its end."""
        return next((one.p_relapse for one in self.days if one.day >= day), self.days[-1].p_relapse)


def back_by(course: Array, cut: float, *, beyond: bool = False) -> Array:
    """By day, the share that has been at the cut (or beyond it) since the first of the days."""
    gone = np.logical_or.accumulate(course > cut if beyond else course >= cut, 1)
    return np.asarray(gone.mean(0))


def crossed(days: Array, gone: Array, share: float) -> float | None:
    """When a share that only grows is reached, between two days by a straight line; None where it is not."""
    for i in range(1, len(days)):
        if gone[i] >= share:
            gained, apart = float(gone[i] - gone[i - 1]), float(days[i] - days[i - 1])
            part = (share - float(gone[i - 1])) / gained if gained else 1.0
            return float(days[i - 1]) + apart * max(part, 0.0)
    return None


def fading(
    drawn: Setting, sessions: tuple[Session, ...], found: Scores, until_day: float, members: int, seed: int
) -> Fading:
    """Condition on the scores, then look day by day until `until_day`. Sessions in order; `found.cuts.relapse` given."""
    assert found.cuts.relapse is not None
    drawn = drawn.after({"": found}, until_day)
    _, rows, outcome = weighed(drawn, sessions, {"": found}, members, seed)
    start = max([s.day for s in sessions] + [day for day, _ in found.seen])
    days = np.array([start, *np.arange(np.floor(start) + 1, until_day + 1)])
    people = drawn.held(rows, seed)
    course = np.minimum(scores(people, sessions, days, found.baseline), found.cuts.top)
    well = course[:, 0] < found.cuts.relapse
    if not well.any():
        well = np.ones(len(course), bool)
    left = course[well]
    gone = back_by(left, found.cuts.relapse)
    told = [FadingDay(*row) for row in np.column_stack([days, bands(left, BAND).T, gone])[1:].tolist()]
    return Fading(start, tuple(told), float(well.mean()), round(outcome.ess, 1), outcome.tempered)
