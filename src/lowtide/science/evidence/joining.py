"""Trials that may stand together, each such network analysed once; nothing is said from one network to another.

Together stand the same measure, group (scale, people at risk, way of asking), population and design; and the same
time, where none was asked for. Controls are nodes of their own, so saline, midazolam and placebo with a new antidepressant are never one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise

import msgspec

from lowtide.data.evidence_words import words
from lowtide.problems import BadInput
from lowtide.science.evidence.analysis import Analysis, Island, analyse, interval, prediction
from lowtide.science.evidence.answering import RATIOS, Parts, Spread, natural
from lowtide.science.evidence.effects import contrasts
from lowtide.science.evidence.pairwise import egger
from lowtide.science.evidence.table import Contrast, EventArm, MeanArm
from lowtide.science.evidence.taking import Left, Unit
from lowtide.science.evidence.two import knapp_interval

Key = tuple[str, str, str, str, str]


class Network(msgspec.Struct, frozen=True):
    """Units that stand together, and their analysis. `scales` are those that were brought onto one by their spread."""

    measure: str
    group: str
    population: str
    design: str
    window: str
    units: tuple[Unit, ...]
    analysis: Analysis
    scales: tuple[str, ...] = ()

    def island(self, one: str, two: str) -> Island | None:
        """The island on which both treatments lie."""
        return next((i for i in self.analysis.islands if {one, two} <= set(i.found.treatments)), None)


class Between(msgspec.Struct, frozen=True, kw_only=True):
    """What a network says of two treatments, on the scale of the answer. `through` are the treatments in between.

    Of the trials of the two: `knapp` where they are few and all there is, `asymmetry` (p of Egger's test) where they are many."""

    estimate: float
    effect: tuple[float, float, float]
    direct: tuple[Unit, ...]
    units: tuple[Unit, ...]
    through: tuple[str, ...]
    kind: str
    spread: Spread
    parts: Parts | None
    knapp: tuple[float, float] | None = None
    asymmetry: float | None = None


def networks(units: Iterable[Unit], *, lower_is_better: bool) -> tuple[list[Network], list[Left]]:
    """Every network, and the units on which nothing can be worked out."""
    groups: dict[Key, list[Unit]] = defaultdict(list)
    every = list(units)
    for unit in every:
        groups[unit.measure, unit.group, unit.population, unit.design, unit.window].append(unit)
    found, left = list(across(every, lower_is_better=lower_is_better)), []
    for key, its in groups.items():
        measure = key[0]
        try:
            analysis = analyse([r for u in its for r in u.rows], measure, lower_is_better=lower_is_better)
        except BadInput:
            left += [
                Left(u.study, "nobody, or everybody, had it in every arm", _counts(u), frozenset(u.nodes))
                for u in its
            ]
            continue
        found.append(Network(*key, tuple(its), analysis))
        dropped = {d.study: d.reason for d in analysis.dropped}
        left += [
            Left(u.study, dropped[u.study], _counts(u), frozenset(u.nodes)) for u in its if u.study in dropped
        ]
    return found, left


def across(units: Iterable[Unit], *, lower_is_better: bool) -> Iterator[Network]:
    """Means on several scales brought onto one: each difference in standard deviations of its own trial.

    Only where trials of one comparison were on different scales. Changes and end values stay apart, for they spread
    otherwise (Cochrane Handbook 10.5.2).
    """
    groups: dict[tuple[str, ...], list[Unit]] = defaultdict(list)
    for unit in units:
        if unit.measure == "MD" and all(isinstance(row, MeanArm) for row in unit.rows):
            kind = "values at the end" if unit.metric.startswith("endpoint") else "changes"
            groups[kind, unit.population, unit.design, unit.window].append(unit)
    for (kind, population, design, window), its in groups.items():
        scales = tuple(sorted({u.group for u in its}, key=words().place_of))
        if any(u.group != v.group and len(u.nodes & v.nodes) > 1 for u, v in combinations(its, 2)):
            name = f"several scales, {kind} in standard deviations: {', '.join(scales)}"
            analysis = analyse([r for u in its for r in u.rows], "SMD", lower_is_better=lower_is_better)
            yield Network("SMD", name, population, design, window, tuple(its), analysis, scales)


def _counts(unit: Unit) -> str:
    return "; ".join(f"{r.treatment}: {r.events} of {r.n}" for r in unit.rows if isinstance(r, EventArm))


def between(network: Network, one: str, two: str) -> Between | None:
    """`one` against `two`, or None when no trial connects them."""
    island = network.island(one, two)
    if island is None:
        return None
    found = island.found
    first, second = found.treatments.index(one), found.treatments.index(two)
    estimate, se = found.estimate(first, second), found.se(first, second)
    lower, upper = interval(estimate, se)
    effect = (
        natural(network.measure, estimate),
        natural(network.measure, lower),
        natural(network.measure, upper),
    )
    direct = tuple(u for u in network.units if {one, two} <= u.nodes)
    parts = _parts(network, island, first, second)
    own = _own(network.measure, direct, one, two)
    road = _road(network.units, one, two)
    on = direct if direct and parts is None else network.units if direct else _along(network.units, road)
    return Between(
        estimate=estimate,
        effect=(None if parts else as_stated(network.measure, direct, one)) or effect,
        direct=direct,
        units=tuple(u for u in on if u.nodes <= set(found.treatments)),
        through=() if direct else tuple(road[1:-1]),
        kind="both" if parts else "direct" if direct else "indirect",
        spread=_spread(network, island, estimate, se),
        parts=parts,
        knapp=None if parts else _knapp(network.measure, *own),
        asymmetry=tested[2] if own[0] and (tested := egger(*own)) else None,
    )


def _knapp(measure: str, estimates: Sequence[float], errors: Sequence[float]) -> tuple[float, float] | None:
    """Hartung and Knapp's limits where two or three trials compared the two: so few tell little of how far trials differ."""
    if not 1 < len(estimates) <= words().few_trials:
        return None
    lower, upper = knapp_interval(estimates, errors)
    return natural(measure, lower), natural(measure, upper)


def _own(measure: str, direct: Sequence[Unit], one: str, two: str) -> tuple[list[float], list[float]]:
    """Each trial's own estimate of the two, with its standard error."""
    pairs = [pair for unit in direct for pair in contrasts(unit.rows, measure)[0]]
    its = [p if p.first == one else p.turned() for p in pairs if {p.first, p.second} == {one, two}]
    return [p.estimate for p in its], [p.se for p in its]


def as_stated(measure: str, direct: Sequence[Unit], one: str) -> tuple[float, float, float] | None:
    """The limits as published, where a single published effect is all that there is."""
    stated = direct[0].stated if len(direct) == 1 else None
    if stated is None:
        return None
    row = direct[0].rows[0]
    if isinstance(row, Contrast) and row.first == one:
        return stated
    value, lower, upper = (1 / v for v in stated) if measure in RATIOS else (-v for v in stated)
    return value, upper, lower


def _spread(network: Network, island: Island, estimate: float, se: float) -> Spread:
    wide = prediction(estimate, se, island.found.tau2, island.prediction_df)
    q = island.parted
    return Spread(
        trials=len(island.found.studies),
        tau2=island.found.tau2,
        tau2_interval=island.tau2_interval,
        i2=island.i2,
        q=q.total,
        df=q.df,
        p=q.p,
        within=q.within,
        between=q.between,
        df_between=q.df_between,
        prediction=(natural(network.measure, wide[0]), natural(network.measure, wide[1])) if wide else None,
    )


def _parts(network: Network, island: Island, first: int, second: int) -> Parts | None:
    split = next((s for s in island.splits if {s.one, s.two} == {first, second}), None)
    if split is None:
        return None
    sign = 1 if split.one == first else -1
    said = []
    for value, se in ((split.direct, split.direct_se), (split.indirect, split.indirect_se)):
        ends = sorted(natural(network.measure, end) for end in interval(sign * value, se))
        said.append((natural(network.measure, sign * value), ends[0], ends[1]))
    return Parts(said[0], said[1], split.p)


def _road(units: Sequence[Unit], one: str, two: str) -> list[str]:
    """The shortest row of treatments from one to the other, of which trials compare each two that are next."""
    before: dict[str, str] = {one: one}
    edge = [one]
    while edge and two not in before:
        fresh = []
        for node in edge:
            for other in sorted({n for u in units if node in u.nodes for n in u.nodes} - set(before)):
                before[other] = node
                fresh.append(other)
        edge = fresh
    road = [two]
    while road[-1] != one:
        road.append(before[road[-1]])
    return road[::-1]


def _along(units: Sequence[Unit], road: Sequence[str]) -> tuple[Unit, ...]:
    steps = [set(pair) for pair in pairwise(road)]
    return tuple(u for u in units if any(step <= u.nodes for step in steps))


def signs(units: Iterable[Unit], measure: str, one: str, two: str) -> tuple[int, ...]:
    """For each trial of the two: 1 where its estimate is above no difference, -1 where below."""
    found = []
    for unit in units:
        pairs, _ = contrasts(unit.rows, measure)
        for pair in pairs:
            if {pair.first, pair.second} == {one, two}:
                found.append((1 if pair.estimate > 0 else -1) * (1 if pair.first == one else -1))
    return tuple(found)


def counts_under(units: Iterable[Unit], node: str) -> tuple[int, int] | None:
    """(people with the outcome, people) under a treatment over all its arms; None where no arm is counted."""
    arms = [r for u in units for r in u.rows if isinstance(r, EventArm) and r.treatment == node]
    n = sum(a.n for a in arms)
    return (sum(a.events for a in arms), n) if n else None


def share_under(units: Sequence[Unit], node: str) -> tuple[float, str] | None:
    """People of 100 with the outcome under a treatment over all its arms here, and whence; None where no arm is counted."""
    found = counts_under(units, node)
    if found is None:
        return None
    events, n = found
    its = [u for u in units if any(isinstance(r, EventArm) and r.treatment == node for r in u.rows)]
    where = f"in {', '.join(dict.fromkeys(u.study for u in its))}"
    printed = dict(its[0].shares).get(node) if len(its) == 1 else None
    if printed is not None:
        return printed, f"{printed:g} % {where}"
    how = f"{100 * events / n:.0f} %" if any(u.assumed for u in its) else f"{events} of {n} people"
    return 100 * events / n, f"{how} {where}"
