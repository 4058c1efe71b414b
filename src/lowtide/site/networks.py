"""How a network meta-analysis is answered: the document of `lowtide nma`, and its lines for people."""

from itertools import permutations
from math import exp
from typing import Any

from lowtide.science.evidence.agreement import tail
from lowtide.science.evidence.analysis import Analysis, Island, interval, prediction
from lowtide.science.evidence.components import Additive, Part

LARGEST_LOGARITHM = 700.0


def document(found: Analysis) -> dict[str, Any]:
    """Everything, in the shape of the commands' contract; `per_island` repeats the summary for each island."""
    return {
        "measure": found.measure,
        "model": found.model,
        "tau": found.method,
        "treatments": sorted(name for i in found.islands for name in i.found.treatments),
        "islands": [list(i.found.treatments) for i in found.islands],
        "reference": found.reference,
        "effects": [effect for i in found.islands for effect in _effects(found, i)],
        **_summary(found.main),
        "p_scores": {name: score for i in found.islands for name, score in i.p_scores.items()},
        "p_scores_better": "lower" if found.lower_is_better else "higher",
        "splits": [split for i in found.islands for split in _splits(i)],
        "dropped": [{"study": d.study, "reason": d.reason} for d in found.dropped],
        "aside": [{"study": a.study, "of": a.of, "reason": a.reason} for a in found.aside],
        "per_island": [{"treatments": list(i.found.treatments), **_summary(i)} for i in found.islands],
    }


def _summary(island: Island) -> dict[str, Any]:
    q = island.parted
    return {
        "studies": len(island.found.studies),
        "tau2": island.found.tau2,
        "i2": island.i2,
        "q": {
            "total": q.total,
            "within": q.within,
            "between": q.between,
            "df": q.df,
            "p": q.p,
            "df_within": q.df_within,
            "p_within": tail(q.within, q.df_within),
            "df_between": q.df_between,
            "p_between": tail(q.between, q.df_between),
        },
    }


def _effects(found: Analysis, island: Island) -> list[dict[str, Any]]:
    names = island.found.treatments
    return [_effect(found, island, one, two) for one, two in permutations(range(len(names)), 2)]


def _effect(found: Analysis, island: Island, one: int, two: int) -> dict[str, Any]:
    names, its = island.found.treatments, island.found
    estimate, se = its.estimate(one, two), its.se(one, two)
    lower, upper = interval(estimate, se)
    told: dict[str, Any] = {
        "treatment": names[one],
        "versus": names[two],
        "estimate": estimate,
        "se": se,
        "lower": lower,
        "upper": upper,
    }
    wide = prediction(estimate, se, its.tau2, island.prediction_df) if found.model == "random" else None
    if wide:
        told |= {"prediction_lower": wide[0], "prediction_upper": wide[1]}
    if found.ratio:
        told |= _ratios(estimate, lower, upper)
    return told


def _ratios(estimate: float, lower: float, upper: float) -> dict[str, float | None]:
    """The logarithms as ratios; None for one beyond all numbers."""
    named = {"ratio": estimate, "ratio_lower": lower, "ratio_upper": upper}
    return {name: exp(value) if value < LARGEST_LOGARITHM else None for name, value in named.items()}


def _splits(island: Island) -> list[dict[str, Any]]:
    names = island.found.treatments
    return [
        {
            "treatment1": names[s.one],
            "treatment2": names[s.two],
            "direct": s.direct,
            "direct_se": s.direct_se,
            "indirect": s.indirect,
            "indirect_se": s.indirect_se,
            "p": s.p,
        }
        for s in island.splits
    ]


def lines(found: Analysis) -> list[str]:
    """Each island's comparisons and how far its trials agree, then what could not be compared."""
    told = [f"{found.measure} against {found.reference}, {found.model} effects, 95 % interval:"]
    told += _island_lines(found, found.main, found.reference)
    for island in found.islands:
        if island is not found.main:
            names = island.found.treatments
            told.append(f"No trial connects these with them: {', '.join(names)}")
            told += [f"Against {names[0]}:", *_island_lines(found, island, names[0])]
    told += [f"Left out: {d.study}, {d.reason}" for d in found.dropped]
    told += [f"In {a.study}, {a.of}: {a.reason}" for a in found.aside]
    return told


def _island_lines(found: Analysis, island: Island, reference: str) -> list[str]:
    place, q = island.found.treatments.index(reference), island.parted
    told = [
        _line(found, _effect(found, island, i, place))
        for i in range(len(island.found.treatments))
        if i != place
    ]
    studies = len(island.found.studies)
    agree = f", p {q.p:.4f}" if q.p is not None else ""
    told.append(
        f"{studies} {'study' if studies == 1 else 'studies'}, tau2 {island.found.tau2:.4f}, "
        f"Q {q.total:.2f} on {q.df}{agree}"
    )
    better = "lower" if found.lower_is_better else "higher"
    ranked = sorted(island.p_scores.items(), key=lambda one: -one[1])
    told.append(
        f"P-scores ({better} is better): {', '.join(f'{name} {score:.2f}' for name, score in ranked)}"
    )
    return told


def _line(found: Analysis, effect: dict[str, Any]) -> str:
    keys = ("ratio", "ratio_lower", "ratio_upper") if found.ratio else ("estimate", "lower", "upper")
    return f"  {effect['treatment']}: {_told(effect, keys)}"


def _told(numbers: dict[str, Any], keys: tuple[str, ...]) -> str:
    value, lower, upper = ("∞" if numbers[key] is None else f"{numbers[key]:.2f}" for key in keys)
    return f"{value} ({lower} to {upper})"


def additive(found: Additive, *, ratio: bool) -> dict[str, Any]:
    """What each part adds, under the assumption that parts add up."""
    return {
        "parts": [_part(part, ratio=ratio) for part in found.parts],
        "tau2": found.tau2,
        "q": found.q,
        "df": found.df,
        "q_beyond_network": found.beyond,
        "df_beyond_network": found.df_beyond,
        "p_beyond_network": found.p_beyond,
    }


def _part(part: Part, *, ratio: bool) -> dict[str, Any]:
    if part.estimate is None or part.se is None:
        return {"part": part.name, "no_evidence": True}
    lower, upper = interval(part.estimate, part.se)
    told = {"part": part.name, "estimate": part.estimate, "se": part.se, "lower": lower, "upper": upper}
    if ratio:
        told |= _ratios(part.estimate, lower, upper)
    return told


def additive_lines(found: Additive, *, ratio: bool) -> list[str]:
    keys = ("ratio", "ratio_lower", "ratio_upper") if ratio else ("estimate", "lower", "upper")
    told = ["What each part adds, if parts add up:"]
    for part in additive(found, ratio=ratio)["parts"]:
        if "no_evidence" in part:
            told.append(f"  {part['part']}: no trial parts it from others")
        else:
            told.append(f"  {part['part']}: {_told(part, keys)}")
    told.append(f"tau2 {found.tau2:.4f}, Q {found.q:.2f} on {found.df}")
    return told
