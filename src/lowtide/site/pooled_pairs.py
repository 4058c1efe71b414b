"""Each compared pair by itself, told: every way of pooling it, how far its trials differ, and whether small ones find more."""

from collections.abc import Iterator, Sequence
from typing import Any

from lowtide.data.evidence_words import words
from lowtide.science.evidence.answering import RATIOS, natural
from lowtide.science.evidence.pairs import Asymmetry, Pair
from lowtide.science.evidence.pairwise import Pooled
from lowtide.science.evidence.two import GUARD, Two
from lowtide.site.networks import ratios, told_p, told_q

MEASURES = {"OR": "odds ratio", "RR": "risk ratio", "RD": "risk difference"}


def document(found: Sequence[Pair]) -> list[dict[str, Any]]:
    return [_pair(one) for one in found]


def _pair(one: Pair) -> dict[str, Any]:
    ratio, spread = one.measure in RATIOS, one.random
    return {
        "treatment1": one.one,
        "treatment2": one.two,
        "studies": [{"study": t.study, "estimate": t.estimate, "se": t.se} for t in one.trials],
        "common": _pooled(one.common, ratio=ratio),
        "random_dl": _pooled(one.random, ratio=ratio),
        "random_reml": _pooled(one.likely, ratio=ratio),
        "random_pm": _pooled(one.mandel, ratio=ratio),
        "hartung_knapp": _pooled(one.knapp, ratio=ratio) | {"guard": GUARD} if len(one.trials) > 1 else None,
        "mantel_haenszel": one.weighed and _pooled(one.weighed, ratio=ratio),
        "prediction": spread.prediction and {"lower": spread.prediction[0], "upper": spread.prediction[1]},
        "tau2": {
            "dl": spread.tau2,
            "reml": one.likely.tau2,
            "pm": one.mandel.tau2,
            "interval": _ends(spread.tau2_interval),
        },
        "q": {"total": spread.q, "df": spread.df, "p": spread.p},
        "i2": spread.i2,
        "as": {measure: _pooled(its, ratio=measure in RATIOS) for measure, its in one.as_.items()},
        "egger": one.asymmetry and one.asymmetry._asdict(),
        "egger_asks_for": words().funnel_trials,
    }


def _pooled(found: Pooled | Two, *, ratio: bool) -> dict[str, Any]:
    ends: dict[str, Any] = {
        "estimate": found.estimate,
        "se": found.se,
        "lower": found.lower,
        "upper": found.upper,
    }
    if ratio:
        ends |= ratios(found.estimate, found.lower, found.upper)
    return ends | ({"p": found.p_value} if isinstance(found, Pooled) else {})


def _ends(interval: tuple[float, float] | None) -> dict[str, float] | None:
    return interval and {"lower": interval[0], "upper": interval[1]}


def lines(found: Sequence[Pair]) -> Iterator[str]:
    for one in found:
        count = len(one.trials)
        yield f"{one.one} against {one.two}, by themselves: {count} {'trial' if count == 1 else 'trials'}"
        yield from (f"  {way}: {said}" for way, said in (*ways(one), *agreement(one)))


def ways(one: Pair) -> Iterator[tuple[str, str]]:
    """(way of pooling, what it gives), on the scale of the answer."""
    measure = one.measure
    yield "Common effect", figures(measure, one.common)
    yield "Random effects, DerSimonian and Laird", figures(measure, one.random)
    yield "Random effects, restricted likelihood (REML)", figures(measure, one.likely)
    yield "Random effects, Paule and Mandel", figures(measure, one.mandel)
    if len(one.trials) > 1:
        yield "Random effects, Hartung and Knapp", figures(measure, one.knapp)
    if one.random.prediction:
        yield "A new trial would lie in", _interval(measure, *one.random.prediction)
    if one.weighed:
        yield "Mantel and Haenszel, nothing added to empty cells", figures(measure, one.weighed)
    for other, its in one.as_.items():
        yield f"As {MEASURES[other]}, random effects", figures(other, its)


def agreement(one: Pair) -> Iterator[tuple[str, str]]:
    """How far the trials differ, and whether small ones find something else."""
    spread = one.random
    if spread.tau2_interval and spread.i2 is not None:
        low, high = spread.tau2_interval
        yield (
            "tau² (95 %, Q profile)",
            f"{spread.tau2:.3g} ({low:.3g} to {high:.3g}), REML {one.likely.tau2:.3g}",
        )
        yield "I²", f"{spread.i2:.0%}"
        yield "Q", told_q(spread.q, spread.df)
    yield "Small trials against large (Egger)", asymmetry(one.asymmetry, len(one.trials))


def asymmetry(found: Asymmetry | None, trials: int) -> str:
    """Egger's test in words, or why it was not made."""
    if found:
        return f"intercept {found.intercept:.2f} (se {found.se:.2f}), {told_p(found.p)}"
    least = words().funnel_trials
    if trials < least:
        return f"not tested: {trials} of the {least} trials that it takes"
    return "not tested: all trials are equally precise"


def figures(measure: str, found: Pooled | Two) -> str:
    return f"{measure} {_number(measure, found.estimate)} ({_interval(measure, found.lower, found.upper)})"


def _interval(measure: str, lower: float, upper: float) -> str:
    return f"{_number(measure, lower)} to {_number(measure, upper)}"


def _number(measure: str, value: float) -> str:
    """On the scale of the answer; risk differences are small and have a place more."""
    return f"{natural(measure, value):.{3 if measure == 'RD' else 2}f}"
