"""What a statistician looks for beside a network: how far its trials differ, every way of pooling a pair, direct against
indirect evidence, and the funnel of a pair that enough trials compared."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from lowtide.data.evidence import Tables
from lowtide.science.evidence.analysis import Island
from lowtide.science.evidence.answering import natural
from lowtide.science.evidence.joining import Network
from lowtide.science.evidence.pairs import Pair, pairs
from lowtide.site import pooled_pairs
from lowtide.site.evidence_pages import funnels
from lowtide.site.evidence_pages.analysed import label, rank
from lowtide.site.evidence_pages.forest import axis_of, named, number
from lowtide.site.networks import told_p, told_q


def of_network(network: Network, tables: Tables, key: str, *, more_is_better: bool) -> dict[str, Any]:
    """`islands` in words, `pairs` of several trials, `splits` and `funnels` where there are any."""
    rows = [row for unit in network.units for row in unit.rows]
    each = pairs(rows, network.measure, partial(rank, tables))
    several = [pair for pair in each if len(pair.trials) > 1]
    axis = partial(axis_of, network.measure, more_is_better=more_is_better)
    recalled = frozenset(unit.study for unit in network.units if not unit.verified)
    drawn = (
        funnels.of_pair(pair, f"{key}-{at}", axis, partial(_name, tables), recalled)
        for at, pair in enumerate(several)
    )
    islands = network.analysis.islands
    return {
        "islands": [
            (f"Island {at}" if len(islands) > 1 else "", list(_agreement(island)))
            for at, island in enumerate(islands, start=1)
            if island.parted.df
        ],
        "pairs": [_pair(pair, tables, alone=len(each) == 1) for pair in several],
        "splits": [split for island in islands for split in _splits(network, island, tables)],
        "funnels": [funnels.picture(one) for one in drawn if one],
    }


def _name(tables: Tables, given: str) -> str:
    """A study or a treatment as a reader knows it."""
    return named(tables, given) if given in tables.study else label(tables, given)


def _agreement(island: Island) -> Iterator[tuple[str, str]]:
    q, wide = island.parted, island.tau2_interval
    ends = f" ({wide[0]:.3g} to {wide[1]:.3g})" if wide else ""
    yield "tau² between trials (95 %, Q profile)", f"{island.found.tau2:.3g}{ends}"
    if island.i2 is not None:
        yield "I²", f"{island.i2:.0%}"
    yield "Q", told_q(q.total, q.df)
    yield "Q within designs", told_q(q.within, q.df_within) if q.df_within else "no two trials of one design"
    yield "Q between designs", told_q(q.between, q.df_between) if q.df_between else "no closed loop of trials"


def _pair(pair: Pair, tables: Tables, *, alone: bool) -> dict[str, Any]:
    """`alone`: how far its trials differ is said of the network already."""
    differ = list(pooled_pairs.agreement(pair))
    return {
        "title": f"{label(tables, pair.one)} against {label(tables, pair.two)}",
        "trials": len(pair.trials),
        "ways": [*pooled_pairs.ways(pair), *(differ[-1:] if alone else differ)],
    }


def _splits(network: Network, island: Island, tables: Tables) -> Iterator[dict[str, str]]:
    names = island.found.treatments
    for split in island.splits:
        direct, indirect = (number(natural(network.measure, v)) for v in (split.direct, split.indirect))
        pair = f"{label(tables, names[split.one])} against {label(tables, names[split.two])}"
        yield {"pair": pair, "direct": direct, "indirect": indirect, "p": told_p(split.p)}
