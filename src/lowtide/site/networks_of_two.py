"""How a table of two treatments is answered where it is pooled in a way that is for two only: the same shape as a network's."""

from math import exp
from typing import Any

from scipy.special import ndtr

from lowtide.science.evidence.analysis import Analysis
from lowtide.science.evidence.two import Two

WORDS = {
    "hartung_knapp": "Hartung and Knapp's interval",
    "MH": "Mantel and Haenszel's weights, nothing added to empty cells",
    "PETO": "Peto's odds ratio, nothing added to empty cells",
}


def laid_over(told: dict[str, Any], found: Analysis, two: Two) -> dict[str, Any]:
    """A network's document with the effects pooled as asked; Q and I2 are those of the network, weighed by inverse variance. A
    common effect has no tau2."""
    scores = told["p_scores"]
    if two.how != "hartung_knapp":
        below = float(ndtr(-two.estimate / two.se))
        first = below if found.lower_is_better else 1 - below
        scores = {two.one: first, two.two: 1 - first}
    effects = [_effect(one, found) for one in (two, two.turned())]
    return told | {
        "method": two.how,
        "effects": effects,
        "tau2": two.tau2 if two.how == "hartung_knapp" else None,
        "agreement_of": "inverse variance",
        "studies": two.studies,
        "p": two.p,
        "guard": two.guard,
        "p_scores": scores,
    }


def _effect(two: Two, found: Analysis) -> dict[str, Any]:
    told: dict[str, Any] = {"treatment": two.one, "versus": two.two, "estimate": two.estimate, "se": two.se}
    told |= {"lower": two.lower, "upper": two.upper}
    if two.prediction:
        told |= {"prediction_lower": two.prediction[0], "prediction_upper": two.prediction[1]}
    if found.ratio:
        ends = {"ratio": two.estimate, "ratio_lower": two.lower, "ratio_upper": two.upper}
        told |= {name: exp(value) for name, value in ends.items()}
    return told


def lines(found: Analysis, two: Two, told: dict[str, Any]) -> list[str]:
    effect = next(e for e in told["effects"] if e["versus"] == found.reference)
    keys = ("ratio", "ratio_lower", "ratio_upper") if found.ratio else ("estimate", "lower", "upper")
    value, lower, upper = (f"{effect[key]:.2f}" for key in keys)
    studies = f"{two.studies} {'study' if two.studies == 1 else 'studies'}"
    guard = f", guard: {two.guard}" if two.guard else ""
    q, i2 = found.main.parted, found.main.i2
    tau2 = f"tau2 {two.tau2:.4f}, " if two.how == "hartung_knapp" else ""
    share = "" if i2 is None else f"I2 {i2:.0%}, "
    return [
        f"{found.measure} against {found.reference}, {WORDS[two.how]}{guard}, 95 % interval:",
        f"  {effect['treatment']}: {value} ({lower} to {upper})",
        f"{studies}, {tau2}{share}Q {q.total:.2f} on {q.df} (weighed by inverse variance)",
        *(f"Left out: {d.study}, {d.reason}" for d in found.dropped),
        *(f"In {a.study}, {a.of}: {a.reason}" for a in found.aside),
    ]
