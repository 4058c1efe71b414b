"""The league table of each island of a network: every treatment against every other that trials connect, and its web."""

from collections import Counter
from itertools import combinations

import msgspec

from lowtide.data.evidence import Tables
from lowtide.science.evidence.analysis import Island
from lowtide.science.evidence.joining import Network, between
from lowtide.site.evidence_pages.analysed import control_type, kind, label, ordered, people_given
from lowtide.site.evidence_pages.drawing import web
from lowtide.site.evidence_pages.forest import number


class Cell(msgspec.Struct, frozen=True):
    """`text` is the effect of the row's treatment against the column's; `clear` where its limits leave no difference out;
    `few` are Hartung and Knapp's limits where few trials are behind it."""

    text: str = ""
    same: bool = False
    clear: bool = False
    indirect: bool = False
    few: str = ""


class League(msgspec.Struct, frozen=True):
    """`rows` are (treatment, its control type, P-score, cells); `trials` is their number, `better` which way is good."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, str, str, tuple[Cell, ...]], ...]
    better: str
    trials: int
    people: int | None


def leagues(network: Network, tables: Tables) -> list[League]:
    """One table an island, nothing between islands."""
    return [_league(network, tables, island) for island in network.analysis.islands]


def _league(network: Network, tables: Tables, island: Island) -> League:
    treatments = island.found.treatments
    order = ordered(treatments, tables)
    rows = tuple(
        (
            label(tables, one),
            control_type(tables, one),
            f"{island.p_scores[one]:.2f}",
            tuple(_cell(network, one, two) for two in order),
        )
        for one in order
    )
    its = [unit for unit in network.units if unit.nodes <= set(treatments)]
    counted = [unit.size for unit in its]
    people = None if None in counted else sum(n or 0 for n in counted)
    names = tuple(label(tables, name) for name in order)
    better = "less" if network.analysis.lower_is_better else "more"
    return League(names, rows, better, len(its), people)


def _cell(network: Network, one: str, two: str) -> Cell:
    if one == two:
        return Cell(same=True)
    found = between(network, one, two)
    if found is None:
        return Cell()
    value, lower, upper = found.effect
    none = 0.0 if network.measure in ("MD", "SMD", "RD") else 1.0
    text = f"{number(value)} ({number(lower)} to {number(upper)})"
    few = f"{number(found.knapp[0])} to {number(found.knapp[1])}" if found.knapp else ""
    return Cell(text, clear=not lower <= none <= upper, indirect=found.kind == "indirect", few=few)


def drawn(network: Network, tables: Tables, key: str, title: str) -> web.Web:
    islands = tuple(_island(network, tables, i.found.treatments) for i in network.analysis.islands)
    return web.Web(key, title, _sentence(islands), islands)


def _island(network: Network, tables: Tables, treatments: tuple[str, ...]) -> web.Island:
    edges = Counter(
        pair
        for unit in network.units
        for pair in combinations(sorted(unit.nodes), 2)
        if set(pair) <= set(treatments)
    )
    nodes = tuple(
        web.Node(name, label(tables, name), kind(tables, name), people_given(network.units, name))  # type: ignore[arg-type]
        for name in ordered(treatments, tables)
    )
    return web.Island(nodes, tuple(web.Edge(*pair, count) for pair, count in sorted(edges.items())))


def _sentence(islands: tuple[web.Island, ...]) -> str:
    told = ["; ".join(f"{' and '.join(web.ends(i, e))}: {e.trials}" for e in i.edges) for i in islands]
    count = "one island" if len(islands) == 1 else f"{len(islands)} islands that no trial connects"
    return f"Trials by pair, in {count}. {'. '.join(told)}."
