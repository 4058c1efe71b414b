"""Members of the response weighed, and where that is not enough moved, by the scores of one person.

A score at or before the first session is the baseline of its instrument; two instruments share one course, because
everything in it is a fraction of the baseline.
"""

from collections.abc import Mapping

import msgspec
import numpy as np

from lowtide.data.pharmacology import Condition, Response
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.response.centred import Centred, Seen
from lowtide.science.pharmacology.response.model import WANDER, Members, Session, members, noisy, scores
from lowtide.science.pharmacology.response.outlook import Cuts, Day, bands, error, outlook
from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.updating.tempering import Outcome, condition, part

NORMALS = (
    "answers",
    "response emax",
    "response half",
    "onset",
    "offset",
    "response tolerance",
    "response expectancy",
    "expectancy offset",
    "response background",
    *WANDER,
)
AHEAD_DAYS = (1, 3, 7, 14, 21, 28)
FIT_SD = 3.5  # a score further from every member's course than this many SD of one measurement is said


class Scores(msgspec.Struct, frozen=True):
    """One instrument's scores of one person: baseline, (day, score) after it, and the instrument's cuts."""

    baseline: float
    seen: tuple[tuple[float, float], ...]
    cuts: Cuts


class Conditioned(msgspec.Struct, frozen=True):
    """The outlook by instrument before and after the scores. `ess` as in `updating`; `warnings`: scores no member fits."""

    prior: dict[str, list[Day]]
    posterior: dict[str, list[Day]]
    ess: float
    tempered: bool
    warnings: list[str]


class Setting(msgspec.Struct, frozen=True):
    """What the members are drawn for."""

    numbers: Response
    condition: Condition
    setting: str = "real_world"
    concomitant: str | None = None

    def check(self) -> None:
        """Raises BadInput for an unknown setting or concomitant treatment, naming the choices."""
        self.people(Draws(1, 1, 0, typical=True))

    def people(self, draws: Draws) -> Members:
        return members(
            self.numbers, self.condition, draws, setting=self.setting, concomitant=self.concomitant
        )


def conditioned(
    drawn: Setting, sessions: tuple[Session, ...], found: Mapping[str, Scores], count: int, seed: int
) -> Conditioned:
    """What the scores say of the weeks to come. `sessions` carry one exposure each; `found` by instrument, one or more."""
    normals, after_them, outcome = weighed(drawn, sessions, found, count, seed)
    before, after = (_told(drawn, sessions, found, rows, seed) for rows in (normals, after_them))
    warnings = list(misfits(drawn, sessions, found, after_them, seed))
    return Conditioned(before, after, round(outcome.ess, 1), outcome.tempered, warnings)


def weighed(
    drawn: Setting, sessions: tuple[Session, ...], found: Mapping[str, Scores], count: int, seed: int
) -> tuple[Array, Array, Outcome]:
    """Members' normals before and after the scores, equally likely each, and how the way from one to the other went."""
    prior = Draws(count, seed, 0)
    normals = np.stack([_normal(prior, name, count) for name in NORMALS], 1)
    if not any(s.seen for s in found.values()):
        return normals, normals, Outcome(count, count, 0, 1.0)
    own = centred(drawn, sessions, found)
    one = part(normals.copy(), lambda rows: own.log(rows)[:, None], (True,))
    outcome = condition([one], seed, always_moved=True)
    return normals, own.plain(one.normals), outcome


def centred(drawn: Setting, sessions: tuple[Session, ...], found: Mapping[str, Scores]) -> Centred:
    """The members as they are counted from all scores of all instruments."""
    rows = [
        (day, 1 - value / s.baseline, error(drawn.numbers, s.baseline) / s.baseline)
        for s in found.values()
        for day, value in s.seen
    ]
    return Centred(
        lambda rows: drawn.people(held(rows, 0)), NORMALS, sessions, Seen(*np.array(rows, float).T)
    )


def _normal(draws: Draws, name: str, count: int) -> Array:
    """As many normals as asked for, block after block."""
    blocks = [
        msgspec.structs.replace(draws, members=1024, block=b).normal(name) for b in range(-(-count // 1024))
    ]
    return np.concatenate(blocks)[:count]


def held(rows: Array, seed: int) -> Draws:
    own = {name: np.ascontiguousarray(rows[:, i]) for i, name in enumerate(NORMALS)}
    return Draws(len(rows), seed, 0, held=own)


def _told(
    drawn: Setting, sessions: tuple[Session, ...], found: Mapping[str, Scores], rows: Array, seed: int
) -> dict[str, list[Day]]:
    people = drawn.people(held(rows, seed))
    last = max([s.day for s in sessions] + [day for s in found.values() for day, _ in s.seen])
    days = np.array(
        sorted({0.0, *(day for s in found.values() for day, _ in s.seen), *(last + d for d in AHEAD_DAYS)})
    )
    told = {}
    for name, s in found.items():
        readings = noisy(scores(people, sessions, days, s.baseline), s.baseline, people, seed, s.cuts.top)
        told[name] = outlook(readings, days, s.baseline, s.cuts)
    return told


def misfits(
    drawn: Setting, sessions: tuple[Session, ...], found: Mapping[str, Scores], rows: Array, seed: int
) -> list[str]:
    people = drawn.people(held(rows, seed))
    said = []
    for name, s in found.items():
        sd, seen = error(drawn.numbers, s.baseline), np.array(s.seen).reshape(-1, 2)
        course = scores(people, sessions, seen[:, 0], s.baseline)
        for (day, value), (low, high) in zip(s.seen, bands(course, (0.05, 0.95)).T, strict=True):
            if value < low - FIT_SD * sd or value > high + FIT_SD * sd:
                said.append(
                    f"{name} {value:g} on day {day:g} is implausible under the response model (fitted {low:.0f} to {high:.0f}):"
                    " check the score, its date and what else has happened"
                )
    return said
