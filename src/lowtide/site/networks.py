"""How a network meta-analysis is answered: the document of `lowtide nma`, and its lines for people."""

from itertools import permutations
from math import exp
from typing import Any

from lowtide.science.evidence.agreement import tail
from lowtide.science.evidence.analysis import Analysis, Island, interval, prediction


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
        told |= {"ratio": exp(estimate), "ratio_lower": exp(lower), "ratio_upper": exp(upper)}
    return told


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
    """The comparisons with the reference, then how far the trials agree, then what could not be compared."""
    island = found.main
    place = island.found.treatments.index(found.reference)
    told = [f"{found.measure} against {found.reference}, {found.model} effects, 95 % interval:"]
    told += [
        _line(found, _effect(found, island, i, place))
        for i in range(len(island.found.treatments))
        if i != place
    ]
    q = island.parted
    told.append(
        f"{len(island.found.studies)} studies, tau2 {island.found.tau2:.4f}, Q {q.total:.2f} on {q.df}"
    )
    others = [i for i in found.islands if i is not island]
    told += [f"No trial connects these with them: {', '.join(i.found.treatments)}" for i in others]
    told += [f"Left out: {d.study}, {d.reason}" for d in found.dropped]
    told += [f"In {a.study}, {a.of}: {a.reason}" for a in found.aside]
    return told


def _line(found: Analysis, effect: dict[str, Any]) -> str:
    keys = ("ratio", "ratio_lower", "ratio_upper") if found.ratio else ("estimate", "lower", "upper")
    value, lower, upper = (effect[key] for key in keys)
    return f"  {effect['treatment']}: {value:.2f} ({lower:.2f} to {upper:.2f})"
