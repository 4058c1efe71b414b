"""How a network meta-analysis is answered: the document of `lowtide nma`, and its lines for people."""

from collections.abc import Iterator
from itertools import permutations
from math import exp
from typing import Any

from lowtide.science.evidence.absolute import Interval, treated_per_100
from lowtide.science.evidence.agreement import tail
from lowtide.science.evidence.analysis import Analysis, Island, interval, prediction
from lowtide.science.evidence.answering import LARGEST_LOGARITHM, Absolute, against
from lowtide.science.evidence.components import Additive, Part
from lowtide.science.evidence.shares import of_100
from lowtide.site.comparisons import absolute_told, needed_told

SMALL_P = 1e-4
"""A smaller p-value is written as smaller than this."""


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
        "tau2_interval": island.tau2_interval
        and {"lower": island.tau2_interval[0], "upper": island.tau2_interval[1]},
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
        told |= ratios(estimate, lower, upper)
    return told


def ratios(estimate: float, lower: float, upper: float) -> dict[str, float | None]:
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
    place = island.found.treatments.index(reference)
    told = [
        _line(found, _effect(found, island, i, place))
        for i in range(len(island.found.treatments))
        if i != place
    ]
    studies = len(island.found.studies)
    told.append(f"{studies} {'study' if studies == 1 else 'studies'}, {'; '.join(agreement_told(island))}")
    better = "lower" if found.lower_is_better else "higher"
    ranked = sorted(island.p_scores.items(), key=lambda one: -one[1])
    told.append(
        f"P-scores ({better} is better): {', '.join(f'{name} {score:.2f}' for name, score in ranked)}"
    )
    split = list(_split_lines(found, island))
    return [*told, *(["Direct and indirect evidence:", *split] if split else [])]


def agreement_told(island: Island) -> Iterator[str]:
    """How far the trials of an island differ: tau2 with its interval, I2, Q, and Q within and between designs."""
    q, wide = island.parted, island.tau2_interval
    ends = f" (95 % {wide[0]:.4f} to {wide[1]:.4f})" if wide else ""
    share = "" if island.i2 is None else f", I2 {island.i2:.0%}"
    yield f"tau2 {island.found.tau2:.4f}{ends}{share}"
    yield f"Q {told_q(q.total, q.df)}"
    if q.df_between:
        yield f"within designs {told_q(q.within, q.df_within)}"
        yield f"between designs {told_q(q.between, q.df_between)}"


def told_q(q: float, df: int) -> str:
    p = tail(q, df)
    return f"{q:.2f} on {df}{'' if p is None else f', {told_p(p)}'}"


def told_p(p: float) -> str:
    return "p < 0.0001" if p < SMALL_P else f"p {p:.4f}"


def _line(found: Analysis, effect: dict[str, Any]) -> str:
    keys = ("ratio", "ratio_lower", "ratio_upper") if found.ratio else ("estimate", "lower", "upper")
    wide = [effect[name] for name in ("prediction_lower", "prediction_upper") if name in effect]
    ends = " to ".join(_number(end, ratio=found.ratio) for end in wide)
    return f"  {effect['treatment']}: {_told(effect, keys)}{f'; a new trial {ends}' if ends else ''}"


def _number(value: float, *, ratio: bool) -> str:
    if not ratio:
        return f"{value:.2f}"
    return f"{exp(value):.2f}" if value < LARGEST_LOGARITHM else "∞"


def _split_lines(found: Analysis, island: Island) -> Iterator[str]:
    """Direct beside indirect evidence, where a pair has both."""
    for s in _splits(island):
        direct, indirect = (_number(s[name], ratio=found.ratio) for name in ("direct", "indirect"))
        pair = f"{s['treatment1']} against {s['treatment2']}"
        yield f"  {pair}: direct {direct}, indirect {indirect}, {told_p(s['p'])} of such a difference"


def _told(numbers: dict[str, Any], keys: tuple[str, ...]) -> str:
    value, lower, upper = ("∞" if numbers[key] is None else f"{numbers[key]:.2f}" for key in keys)
    return f"{value} ({lower} to {upper})"


def with_baseline(told: dict[str, Any], found: Analysis, share: float) -> dict[str, Any]:
    """The document with people of 100 for each effect against the reference, whose own share is as stated."""
    effects = [
        effect | {"absolute": absolute_told(_of_100(effect, found, share))}
        if effect["versus"] == found.reference
        else effect
        for effect in told["effects"]
    ]
    return told | {"baseline_per_100": 100 * share, "effects": effects}


def _of_100(effect: dict[str, Any], found: Analysis, share: float) -> Absolute:
    ends = Interval(*(effect[name] for name in ("estimate", "lower", "upper")))
    its = treated_per_100(share, ends, found.measure, lower_is_better=found.lower_is_better)
    return against(its, 100 * share, f"{100 * share:g} of 100 under {found.reference}, as stated")


def baseline_lines(found: Analysis, told: dict[str, Any], share: float) -> list[str]:
    said = [f"Of 100 people, were {100 * share:g} to have it under {found.reference}:"]
    for effect in told["effects"]:
        if effect["versus"] == found.reference:
            its = _of_100(effect, found, share)
            ends = f"{of_100(its.per_100)} ({of_100(its.lower)} to {of_100(its.upper)})"
            said.append(f"  {effect['treatment']}: {ends}; {needed_told(its)}")
    return said


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
        told |= ratios(part.estimate, lower, upper)
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
