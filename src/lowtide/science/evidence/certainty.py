"""How sure an answer is, in four levels, with the reason of every step down. After GRADE, shortened; the rules are data."""

from collections.abc import Iterator, Sequence

import msgspec

from lowtide.data.evidence_certainty import Certainty, Steps
from lowtide.science.evidence.bias import NOT_RANDOMISED, Risk

BIAS = "risk of bias"
LEVELS = ("high", "moderate", "low", "very low")
OFFERED = 2
"""Trials from which anything can be said on how they agree."""


class Step(msgspec.Struct, frozen=True):
    """`down` levels lost in a domain, with the reason; 0 says what was looked at and did not lower it."""

    domain: str
    down: int
    reason: str


class Sureness(msgspec.Struct, frozen=True):
    """`computed` is False when the level is as a review published it."""

    level: str
    steps: tuple[Step, ...]
    computed: bool = True

    @property
    def why(self) -> str:
        if not self.computed:
            return "as the review’s authors rated it"
        lowered = [f"{s.domain}: {s.reason}" for s in self.steps if s.down]
        return "; ".join(lowered) or "nothing lowers it"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What certainty is judged on. `none` is the effect that means no difference; `sizes` and `signs` are by trial.

    `untold` says that no limits are known; `lower` and `upper` then say nothing. `asymmetry` is p of Egger's test, None for
    too few trials. `added` says that arms of several trials were added up. `reviewed`: by a review, over trials of its own.
    """

    risks: tuple[Risk, ...]
    lower: float
    upper: float
    none: float
    people: int | None
    sizes: tuple[int | None, ...]
    signs: tuple[int, ...]
    i2: float | None
    prediction: tuple[float, float] | None
    indirect: tuple[str, ...]
    untold: str = ""
    asymmetry: float | None = None
    added: str = ""
    reviewed: bool = False


def judged(found: Found, how: Certainty) -> Sureness:
    """The level, from high for trials that drew lots, and its steps in the order of GRADE."""
    start = (
        how.start.not_randomised
        if any(r.overall == NOT_RANDOMISED for r in found.risks)
        else how.start.randomised
    )
    steps = (
        _bias(found, how),
        _inconsistency(found, how.steps),
        _indirectness(found),
        _imprecision(found, how.steps),
        _publication(found, how.steps),
    )
    at = LEVELS.index(start) + sum(step.down for step in steps)
    return Sureness(LEVELS[min(at, len(LEVELS) - 1)], steps)


def _bias(found: Found, how: Certainty) -> Step:
    """One step for trials at high risk, two where each has a second reason for it; arms added up cost one more."""
    risks = found.risks
    if not risks:
        return Step(BIAS, how.steps.unjudged, "the trials behind it were not read and judged one by one")
    high = [r for r in risks if r.overall == "high"]
    twice = all(_reasons(r, how) >= how.steps.high_reasons_two for r in risks)
    low = not high and any(r.overall == "low" for r in risks)
    reasons = [] if low else [_told(high or risks)]
    reasons += [found.added] if found.added else []
    down = 2 * twice if twice else (not low) + bool(found.added)
    return Step(BIAS, min(2, down), "; ".join(reasons) or "a trial without concerns is among them")


def _reasons(risk: Risk, how: Certainty) -> int:
    """How many separate reasons put a trial at high risk: that people knew is one, in whichever domain it shows."""
    high = [d.domain for d in risk.domains if d.judgement == "high"]
    return len({how.one_reason if domain in how.one_reason else domain for domain in high})


def _told(risks: Sequence[Risk]) -> str:
    """The reasons, each once, with the trials that share it."""
    by_reason: dict[str, list[str]] = {}
    for one in risks:
        by_reason.setdefault(one.why, []).append(one.study_id)
    return "; ".join(f"{', '.join(studies)}: {why}" for why, studies in by_reason.items())


def _inconsistency(found: Found, how: Steps) -> Step:
    if found.i2 is None:
        alone = (
            "how far its trials differ is not printed"
            if found.reviewed
            else "one trial: nothing to disagree with"
        )
        return Step("inconsistency", 0, alone)
    share = f"I2 is {found.i2:.0%}"
    if found.i2 >= how.i2_two:
        return Step("inconsistency", 2, share)
    certain = not found.lower <= found.none <= found.upper
    if certain and found.prediction and found.prediction[0] <= found.none <= found.prediction[1]:
        return Step("inconsistency", 1, f"a new trial might find nothing or the contrary; {share}")
    return Step("inconsistency", int(found.i2 >= how.i2_one), share)


def _indirectness(found: Found) -> Step:
    return Step(
        "indirectness", len(found.indirect[:2]), "; ".join(found.indirect) or "the question itself was tried"
    )


def _imprecision(found: Found, how: Steps) -> Step:
    reasons = list(_few(found, how))
    if found.untold:
        reasons.append(found.untold)
    elif found.lower <= found.none <= found.upper:
        reasons.append("the interval holds no difference")
    very = found.people is not None and found.people < how.very_few_people
    return Step("imprecision", min(2, max(len(reasons), 2 * very)), "; ".join(reasons) or "enough people")


def _few(found: Found, how: Steps) -> Iterator[str]:
    """Limits that lie far apart; of a difference, or without limits, how many people there were."""
    by_limits = bool(found.none) and not found.untold
    wide = by_limits and found.upper > how.wide_ratio * found.lower
    if wide:
        yield "the limits lie far apart"
    if by_limits and not wide:
        return
    if found.people is None:
        yield "how many people is not known"
    elif not by_limits and found.people < how.few_people:
        yield f"{found.people} people"


def _publication(found: Found, how: Steps) -> Step:
    if found.asymmetry is not None and found.asymmetry < how.asymmetry_p:
        return Step(
            "publication",
            1,
            f"small trials find something else than large ones (Egger’s test, p {found.asymmetry:.2g})",
        )
    small = len(found.sizes) >= OFFERED and all(n is not None and n < how.small_trial for n in found.sizes)
    if small and len(set(found.signs)) == 1:
        return Step("publication", 1, "small trials only, all in one direction")
    looked = "too few trials to look for it" if found.asymmetry is None else "small and large trials agree"
    return Step("publication", 0, f"not seen; {looked}")
