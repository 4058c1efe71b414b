"""Which treatments trials compared with each other: a web of numbered nodes for each island, with its key beside it.

A line is as thick as it has trials. Ketamine is a filled circle, another treatment an open one, a control a square.
Islands stand apart: nothing is drawn, and nothing is said, between them.
"""

import math
from collections.abc import Iterator
from typing import Literal

import msgspec

from lowtide.pathway.course.drawing import svg
from lowtide.pathway.course.drawing.bands import wrapped
from lowtide.pathway.course.drawing.labels import Place, text_tag
from lowtide.site.evidence_pages.drawing.lanes import NARROW, SIZE, SMALL, WIDE

Kind = Literal["ketamine", "other", "control"]
GRAPH, LINE, NODE, MARGIN = 250.0, 16.0, 13.0, 34.0


class Node(msgspec.Struct, frozen=True):
    """A treatment with how many people were given it."""

    name: str
    label: str
    kind: Kind
    people: int | None = None


class Edge(msgspec.Struct, frozen=True):
    first: str
    second: str
    trials: int


class Island(msgspec.Struct, frozen=True):
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def ends(island: Island, edge: Edge) -> tuple[str, str]:
    """The two treatments of a line as a reader knows them."""
    labels = {node.name: node.label for node in island.nodes}
    return labels[edge.first], labels[edge.second]


class Web(msgspec.Struct, frozen=True):
    key: str
    title: str
    sentence: str
    islands: tuple[Island, ...]


def draw(web: Web, *, narrow: bool = False) -> str:
    """The drawing as SVG text: one island under the other."""
    key = f"{web.key}-narrow" if narrow else web.key
    top, parts, number = 6.0, [], 1
    for count, island in enumerate(web.islands):
        if count:
            parts.append(svg.line((0, top), (NARROW if narrow else WIDE, top), "c-apart"))
            top += 8
        parts += _island(island, top, number, narrow=narrow)
        top += _height(island, narrow=narrow) + 6
        number += len(island.nodes)
    return svg.drawing(key, (NARROW if narrow else WIDE, top), web.title, web.sentence, *parts)


def _graph_height(island: Island) -> float:
    return 64.0 if len(island.nodes) <= 2 else GRAPH - 40


def _key_lines(island: Island, *, narrow: bool) -> list[list[str]]:
    width = (NARROW if narrow else WIDE - GRAPH) - 50
    return [wrapped(_named(node), width, SIZE) for node in island.nodes]


def _named(node: Node) -> str:
    people = f" ({node.people} people)" if node.people else ""
    control = ", control" if node.kind == "control" else ""
    return f"{node.label}{control}{people}"


def _height(island: Island, *, narrow: bool) -> float:
    words = sum(LINE * len(lines) + 4 for lines in _key_lines(island, narrow=narrow)) + 8
    graph = _graph_height(island)
    return graph + words if narrow else max(graph, words)


def _island(island: Island, top: float, first: int, *, narrow: bool) -> list[str]:
    height = _graph_height(island)
    width = NARROW if narrow else GRAPH
    middle = top + (height if narrow else _height(island, narrow=narrow)) / 2
    places = _places(island, width / 2, middle)
    parts = [_edge(edge, places) for edge in island.edges]
    parts += [_count(edge, places) for edge in island.edges]
    for number, node in enumerate(island.nodes, start=first):
        parts += _node(node, places[node.name], number)
    beside = Place(26, top + height + 8, "start") if narrow else Place(GRAPH + 40, 0, "start")
    return [*parts, *_key(island, first, beside, top, narrow=narrow)]


def _places(island: Island, x: float, y: float) -> dict[str, svg.Point]:
    """On a circle, the most connected first at the left; two nodes lie on one line."""
    if len(island.nodes) <= 2:
        return {node.name: (x + 70 * (2 * i - 1), y) for i, node in enumerate(island.nodes)}
    radius = (GRAPH - 40) / 2 - NODE - 6
    turn = 2 * math.pi / len(island.nodes)
    return {
        node.name: (x - radius * math.cos(turn * i), y - radius * math.sin(turn * i))
        for i, node in enumerate(island.nodes)
    }


def _edge(edge: Edge, places: dict[str, svg.Point]) -> str:
    start, end = places[edge.first], places[edge.second]
    told = svg.tip(f"{edge.trials} trial{'s' if edge.trials > 1 else ''}")
    class_ = f"c-edge c-edge-{min(edge.trials, 4)}"
    return svg.line(start, end, class_, told)


def _count(edge: Edge, places: dict[str, svg.Point]) -> str:
    (x1, y1), (x2, y2) = places[edge.first], places[edge.second]
    return text_tag(str(edge.trials), "c-val", Place((x1 + x2) / 2, (y1 + y2) / 2 + 4), SMALL)


def _node(node: Node, at: svg.Point, number: int) -> Iterator[str]:
    x, y = at
    told = svg.tip(_named(node))
    if node.kind == "control":
        yield svg.rect((x - NODE + 1, y - NODE + 1), 2 * NODE - 2, 2 * NODE - 2, "c-node", told, rx=2)
    else:
        class_ = "c-node c-node-own" if node.kind == "ketamine" else "c-node"
        yield svg.tag("circle", told, class_=class_, cx=x, cy=y, r=NODE)
    word = "c-node-text c-node-text-own" if node.kind == "ketamine" else "c-node-text"
    yield text_tag(str(number), word, Place(x, y + 4), SMALL)


def _key(island: Island, first: int, beside: Place, top: float, *, narrow: bool) -> Iterator[str]:
    lines = _key_lines(island, narrow=narrow)
    words = sum(LINE * len(one) + 4 for one in lines)
    at = beside.y + 12 if narrow else top + (_height(island, narrow=narrow) - words) / 2 + 12
    for number, one in enumerate(lines, start=first):
        yield text_tag(str(number), "c-val", Place(beside.x - 8, at, "end"), SIZE)
        for line in one:
            yield text_tag(line, "c-lane", Place(beside.x, at, "start"), SIZE)
            at += LINE
        at += 4
