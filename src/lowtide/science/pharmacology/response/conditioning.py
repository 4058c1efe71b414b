"""Members of the response weighed, and where that is not enough moved, by the scores of one person.

A score at or before the first session is the baseline of its instrument; two instruments share one course, because
everything in it is a fraction of the baseline.
"""

from collections.abc import Mapping

import msgspec
import numpy as np

from lowtide.data.pharmacology import Condition, Response
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.response import months
from lowtide.science.pharmacology.response.centred import Centred, Seen
from lowtide.science.pharmacology.response.model import Members, Session, members, noisy, scores
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
)
"""Names of what people differ in, but for what months bring."""
AHEAD_DAYS = (1, 3, 7, 14, 21, 28)
FIT_SD = 3.5  # a score further from every member's course than this many SD of one measurement is said
READ_SD = 1.645  # and the last score, where it lies outside what nine of ten readings would be


class Scores(msgspec.Struct, frozen=True):
    """One instrument's scores of one person: baseline, (day, score) after it, and the instrument's cuts."""

    baseline: float
    seen: tuple[tuple[float, float], ...]
    cuts: Cuts

    @property
    def response(self) -> float:
        """The highest score that is a response of this person."""
        return self.cuts.response(self.baseline)


class Conditioned(msgspec.Struct, frozen=True):
    """The outlook by instrument before and after the scores. `ess` as in `updating`; `warnings`: scores no member fits."""

    prior: dict[str, list[Day]]
    posterior: dict[str, list[Day]]
    ess: float
    tempered: bool
    warnings: list[str]


class Setting(msgspec.Struct, frozen=True):
    """What the members are drawn for. `knots`: the days at which what months bring is drawn, `scored` of them by the last
    score; None as far as `months` draws by itself."""

    numbers: Response
    condition: Condition
    setting: str = "real_world"
    concomitant: str | None = None
    knots: tuple[float, ...] | None = None
    scored: int = 1

    def check(self) -> None:
        """Raises BadInput for an unknown setting or concomitant treatment, naming the choices."""
        self.people(Draws(1, 1, 0, typical=True))

    def after(self, found: Mapping[str, Scores], until_d: float) -> "Setting":
        """The same for somebody with these scores, until some day."""
        last = max([0.0, *(day for s in found.values() for day, _ in s.seen)])
        at = months.knots(self.numbers, until_d, last)
        knots = tuple(at.tolist())
        return msgspec.structs.replace(self, knots=knots, scored=max(int((at <= last).sum()), 2))

    def people(self, draws: Draws) -> Members:
        return members(
            self.numbers,
            self.condition,
            draws,
            setting=self.setting,
            concomitant=self.concomitant,
            knots=self._knots,
        )

    def held(self, rows: Array, seed: int = 0) -> Members:
        """The members of these normals, in the order of `names`."""
        own = {name: np.ascontiguousarray(rows[:, i]) for i, name in enumerate(self.names)}
        return self.people(Draws(len(rows), seed, 0, held=own))

    @property
    def names(self) -> tuple[str, ...]:
        return (*NORMALS, *months.names(len(self._knots)))

    @property
    def _knots(self) -> Array:
        return months.knots(self.numbers) if self.knots is None else np.array(self.knots)


def conditioned(
    drawn: Setting, sessions: tuple[Session, ...], found: Mapping[str, Scores], count: int, seed: int
) -> Conditioned:
    """What the scores say of the weeks to come. `sessions` carry one exposure each; `found` by instrument, one or more."""
    days = _days(sessions, found)
    drawn = drawn.after(found, days[-1])
    normals, after_them, outcome = weighed(drawn, sessions, found, count, seed)
    before, after = (_told(drawn, sessions, found, rows, days, seed) for rows in (normals, after_them))
    warnings = list(misfits(drawn, sessions, found, after_them))
    return Conditioned(before, after, round(outcome.ess, 1), outcome.tempered, warnings)


def weighed(
    drawn: Setting, sessions: tuple[Session, ...], found: Mapping[str, Scores], count: int, seed: int
) -> tuple[Array, Array, Outcome]:
    """Members' normals before and after the scores, equally likely each, and how the way from one to the other went.
    `drawn` is `after` these scores. What months bring later than the last score is as it was drawn."""
    prior = Draws(count, seed, 0)
    normals = np.stack([_normal(prior, name, count) for name in drawn.names], 1)
    if not any(s.seen for s in found.values()):
        return normals, normals, Outcome(count, count, 0, 1.0)
    own, informed = centred(drawn, sessions, found), len(NORMALS) + drawn.scored
    one = part(normals[:, :informed].copy(), lambda rows: own.log(rows)[:, None], (True,))
    outcome = condition([one], seed, always_moved=True)
    return normals, np.hstack([own.plain(one.normals), normals[:, informed:]]), outcome


def centred(drawn: Setting, sessions: tuple[Session, ...], found: Mapping[str, Scores]) -> Centred:
    """The members as they are counted from all scores of all instruments, until the last of them."""
    rows = [
        (day, 1 - value / s.baseline, error(drawn.numbers, s.baseline) / s.baseline)
        for s in found.values()
        for day, value in s.seen
    ]
    until = msgspec.structs.replace(drawn, knots=(drawn.knots or ())[: drawn.scored])
    return Centred(until.held, until.names, sessions, Seen(*np.array(rows, float).T))


def _normal(draws: Draws, name: str, count: int) -> Array:
    """As many normals as asked for, block after block."""
    blocks = [
        msgspec.structs.replace(draws, members=1024, block=b).normal(name) for b in range(-(-count // 1024))
    ]
    return np.concatenate(blocks)[:count]


def _days(sessions: tuple[Session, ...], found: Mapping[str, Scores]) -> Array:
    """The days that are told: those of the scores, and some after the last thing that is known."""
    seen = [day for s in found.values() for day, _ in s.seen]
    last = max([s.day for s in sessions] + seen)
    return np.array(sorted({0.0, *seen, *(last + d for d in AHEAD_DAYS)}))


def _told(
    drawn: Setting,
    sessions: tuple[Session, ...],
    found: Mapping[str, Scores],
    rows: Array,
    days: Array,
    seed: int,
) -> dict[str, list[Day]]:
    people = drawn.held(rows, seed)
    told = {}
    for name, s in found.items():
        readings = noisy(scores(people, sessions, days, s.baseline), s.baseline, people, seed, s.cuts.top)
        told[name] = outlook(readings, days, s.baseline, s.cuts)
    return told


def misfits(
    drawn: Setting, sessions: tuple[Session, ...], found: Mapping[str, Scores], rows: Array
) -> list[str]:
    """Scores that no member fits, and whether the last one lies outside what would be read of them: then the forecast is
    not this person's."""
    people, said = drawn.held(rows), []
    for name, s in found.items():
        sd, seen = error(drawn.numbers, s.baseline), np.array(s.seen).reshape(-1, 2)
        course = scores(people, sessions, seen[:, 0], s.baseline)
        fitted = list(zip(s.seen, bands(course, (0.05, 0.95)).T, strict=True))
        off = [
            (day, value, low, high)
            for (day, value), (low, high) in fitted
            if _off(value, low, high, FIT_SD * sd)
        ]
        said += [
            f"{name} {value:g} on day {day:g} is implausible under the response model (fitted {low:.0f} to {high:.0f}):"
            " check the score, its date and what else has happened"
            for day, value, low, high in off
        ]
        if s.seen and (len(off) > 1 or _off(s.seen[-1][1], fitted[-1][1][0], fitted[-1][1][1], READ_SD * sd)):
            said.append(
                f"the response model cannot follow this person: {name} {s.seen[-1][1]:g} on day {s.seen[-1][0]:g} or scores before it"
                " lie outside its band, and what it foresees is not to be relied on"
            )
    return said


def _off(value: float, low: float, high: float, away: float) -> bool:
    return not low - away <= value <= high + away
