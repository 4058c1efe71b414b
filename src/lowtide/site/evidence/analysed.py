"""Each comparison worked out once for each state of the data: which trials speak, their network, what was left out and why."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from lowtide.data.evidence import Tables
from lowtide.data.evidence_words import words
from lowtide.problems import BadInput
from lowtide.science.evidence.analysis import Analysis, analyse
from lowtide.science.evidence.selection import Question, Selection, of_outcomes
from lowtide.science.evidence.selection_harm import of_relapse
from lowtide.science.evidence.taking import Unit
from lowtide.site.networks import document

RATIOS = ("OR", "RR", "HR")
RANK = {"ketamine": 0, "other": 1, "control": 2}
Effect = Mapping[str, Any]


class Part(msgspec.Struct, frozen=True):
    """Trials that may stand together: one measure, one way of asking, one population, one design. `effects` holds every
    pair of an island by (treatment, versus)."""

    measure: str
    group: str
    population: str
    design: str
    units: tuple[Unit, ...]
    analysis: Analysis
    effects: dict[tuple[str, str], Effect]

    @property
    def ratio(self) -> bool:
        return self.measure in RATIOS


class Compared(msgspec.Struct, frozen=True):
    """`alone` are units that could not be analysed, with the reason."""

    asked: Question
    selection: Selection
    parts: tuple[Part, ...]
    alone: tuple[tuple[Unit, str], ...]


def compared(tables: Tables, asked: Question) -> Compared:
    """What the trials say on one question; kept by the digest of the data."""
    return _compared(tables, words().versions, asked)


@lru_cache(maxsize=256)
def _compared(tables: Tables, version: str, asked: Question) -> Compared:
    select = of_relapse if asked.outcome == "relapse" else of_outcomes
    found = select(tables, words(), asked)
    groups: dict[tuple[str, str, str, str], list[Unit]] = {}
    for unit in found.units:
        groups.setdefault((unit.measure, unit.group, unit.population, unit.design), []).append(unit)
    parts, alone = [], []
    for key, units in groups.items():
        part = _part(key, units, asked)
        if isinstance(part, Part):
            parts.append(part)
        else:
            alone += [(unit, part) for unit in units]
    return Compared(asked, found, tuple(sorted(parts, key=_size)), tuple(alone))


def _size(part: Part) -> tuple[bool, int]:
    """Parallel trials first, the larger part first."""
    return part.design != "parallel", -sum(unit.people or 0 for unit in part.units)


def _part(key: tuple[str, str, str, str], units: Iterable[Unit], asked: Question) -> Part | str:
    its = tuple(units)
    rows = [row for unit in its for row in unit.rows]
    good = words().outcome[asked.outcome].good
    try:
        analysis = analyse(rows, key[0], lower_is_better=good == "less")
    except BadInput as error:
        return "; ".join(problem.what for problem in error.problems)
    pairs = {(e["treatment"], e["versus"]): e for e in document(analysis)["effects"]}
    return Part(*key, its, analysis, pairs)


def ordered(nodes: Iterable[str], tables: Tables) -> list[str]:
    """Ketamine first, controls last."""
    return sorted(nodes, key=lambda name: (RANK[kind(tables, name)], name))


def kind(tables: Tables, node: str) -> str:
    known = tables.node.get(node)
    return known.kind if known else "other"


def label(tables: Tables, node: str) -> str:
    known = tables.node.get(node)
    return known.label if known else node


def control_type(tables: Tables, node: str) -> str:
    """Which sort of control; empty for what is no control."""
    known = tables.node.get(node)
    return (known.control or "") if known else ""
