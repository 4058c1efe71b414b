"""One comparison of two treatments as an answer: what was found, how sure it is, for how many of 100, and why."""

from math import exp, inf, log

import msgspec

from lowtide.science.evidence.absolute import Interval, Needed, needed, per_100
from lowtide.science.evidence.certainty import Sureness
from lowtide.science.evidence.shares import limits
from lowtide.science.evidence.taking import Seen

RATIOS = ("OR", "RR", "HR")
LARGEST_LOGARITHM = 700.0
TINY = 1e-12
"""What stands for a printed ratio of 0, which has no logarithm."""


class Absolute(msgspec.Struct, frozen=True):
    """People of 100 with the outcome under the treatment; `baseline` people of 100 under the comparator, and whence.

    `difference` is people of 100 more (fewer, below 0) than under the comparator; `needed` how many to treat for one.
    """

    per_100: float
    lower: float
    upper: float
    baseline: float
    baseline_from: str
    difference: Interval
    needed: Needed


class Spread(msgspec.Struct, frozen=True):
    """How the trials of the network agree: their number, tau2 with its interval, I2, Q on df, of which `within` lies among
    trials of the same treatments and `between` among the ways they are joined, and where a new trial would lie."""

    trials: int
    tau2: float
    tau2_interval: tuple[float, float] | None
    i2: float | None
    q: float
    df: int
    p: float | None
    within: float
    between: float
    df_between: int
    prediction: tuple[float, float] | None


class Parts(msgspec.Struct, frozen=True):
    """What trials of the two say directly, beside what the others imply; p of such a difference."""

    direct: tuple[float, float, float] | None
    indirect: tuple[float, float, float] | None
    p: float | None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`treatment` against `versus`. Without `effect` there is no evidence, and `why` says what is there instead.

    `effect`, `lower` and `upper` are ratios for OR, RR and HR, differences otherwise. `evidence` is direct, indirect,
    both, crossover, published or none. `group` names what is kept apart: the scale, the people at risk, the way of asking. `scales` were
    brought onto one by their spread. `knapp` are
    Hartung and Knapp's limits where few trials compared the two. `people` were counted; where a source prints shares without
    saying of how many, nobody is known to have been, and `took_part` says how many there were at most. `trials` are those that compared the two, None where a review does not print how many. `counted`
    are (with it, people) of both where one trial counted them. `window` is the time of this answer where none was asked for.
    """

    treatment: str
    versus: str
    control: str | None
    population: str
    measure: str | None = None
    effect: float | None = None
    lower: float | None = None
    upper: float | None = None
    favours: str | None = None
    group: str = ""
    scales: tuple[str, ...] = ()
    window: str = ""
    at: tuple[str, ...] = ()
    evidence: str = "none"
    absolute: Absolute | None = None
    certainty: Sureness | None = None
    studies: tuple[str, ...] = ()
    trials: int | None = None
    people: int | None = None
    counted: tuple[tuple[int, int], tuple[int, int]] | None = None
    took_part: int | None = None
    spread: Spread | None = None
    parts: Parts | None = None
    knapp: tuple[float, float] | None = None
    verified: bool = True
    seen: tuple[Seen, ...] = ()
    why: tuple[str, ...] = ()
    also: tuple["Comparison", ...] = ()

    @property
    def size(self) -> int | None:
        return self.took_part if self.people is None else self.people

    @property
    def no_evidence(self) -> bool:
        return self.effect is None


def natural(measure: str, value: float) -> float:
    """From the scale of the analysis to that of the answer; a ratio beyond all numbers is infinite."""
    if measure not in RATIOS:
        return value
    return exp(value) if value < LARGEST_LOGARITHM else inf


def favours(measure: str, lower: float, upper: float, *, more_is_better: bool) -> str | None:
    """Which side the whole interval lies on; None when it holds no difference. On the scale of the answer."""
    none = no_difference(measure)
    if lower <= none <= upper:
        return None
    better = lower > none if more_is_better else upper < none
    return "treatment" if better else "comparator"


def no_difference(measure: str) -> float:
    return 1.0 if measure in RATIOS else 0.0


def absolute(
    measure: str, effect: tuple[float, float, float], baseline: float | None, whence: str
) -> Absolute | None:
    """Of 100 people, from the comparator's own risk (a share). None where no risk is known, or for means."""
    if baseline is None or measure not in RATIOS:
        return None
    return against(_of_100(measure, effect, baseline), 100 * baseline, whence)


def against(treated: Interval, baseline: float, whence: str) -> Absolute:
    """People of 100 under the treatment beside those under the comparator."""
    ends = (treated.value, treated.lower, treated.upper)
    apart = Interval(*(end - baseline for end in ends))
    return Absolute(*ends, baseline, whence, apart, needed(apart.scaled(0.01)))


def as_seen(found: Absolute, percent: float, low: float | None = None, high: float | None = None) -> Absolute:
    """With the share under the treatment that a source gives, which goes before one worked out from a ratio."""
    ends = (found.lower if low is None else low, found.upper if high is None else high)
    return against(Interval(percent, *ends), found.baseline, found.baseline_from)


def as_counted(treated: tuple[int, int], percent: float, baseline: tuple[float, str]) -> Absolute:
    """Of 100 people as the arms had it, for where nobody, or everybody, had it and a ratio acts on nothing.

    The limits are those of the treated share: `treated` are people with it, and people.
    """
    beside, whence = baseline
    said = f"{whence}; as counted in both arms, not from the ratio"
    return against(Interval(percent, *limits(*treated)), beside, said)


def _of_100(measure: str, effect: tuple[float, float, float], baseline: float) -> Interval:
    """A hazard ratio acts on the share that is spared, the others on odds or risk."""
    if measure == "HR":
        return Interval(*(100 * (1 - (1 - baseline) ** ratio) for ratio in effect))
    return per_100(baseline, Interval(*(log(max(ratio, TINY)) for ratio in effect)), measure)
