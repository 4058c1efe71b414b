"""Each comparison worked out once for each state of the data: which trials speak, their networks, what was left out and why."""

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from lowtide.data.evidence import Tables
from lowtide.pathway.course.trial_answers import known
from lowtide.science.evidence.compare import Answer, Known, compare
from lowtide.science.evidence.joining import Network, networks
from lowtide.science.evidence.selection import Question, of_outcomes
from lowtide.science.evidence.selection_harm import of_relapse
from lowtide.science.evidence.table import Contrast
from lowtide.science.evidence.taking import Unit

RATIOS = ("OR", "RR", "HR")
RANK = {"ketamine": 0, "other": 1, "control": 2}


class Compared(msgspec.Struct, frozen=True):
    """The answers of one question, and the networks that they rest on, the one on most people first."""

    asked: Question
    answer: Answer
    networks: tuple[Network, ...]


def compared(asked: Question) -> Compared:
    """What the trials say on one question; kept by the digest of the data."""
    return _compared(known(), asked)


@lru_cache(maxsize=256)
def _compared(of: Known, asked: Question) -> Compared:
    select = of_relapse if asked.outcome == "relapse" else of_outcomes
    units = select(of.tables, of.words, asked).units
    more = of.words.outcome[asked.outcome].good == "more"
    found, _ = networks(units, lower_is_better=not more)
    return Compared(asked, compare(of, asked), tuple(sorted(found, key=_size)))


def _size(network: Network) -> tuple[bool, int]:
    """Parallel trials first, the larger network first."""
    return network.design != "parallel", -sum(unit.size or 0 for unit in network.units)


def ordered(nodes: Iterable[str], tables: Tables) -> list[str]:
    """Ketamine first, controls last."""
    return sorted(nodes, key=lambda name: rank(tables, name))


def rank(tables: Tables, node: str) -> tuple[int, str]:
    return RANK[kind(tables, node)], node


def kind(tables: Tables, node: str) -> str:
    known_node = tables.node.get(node)
    return known_node.kind if known_node else "other"


def label(tables: Tables, node: str) -> str:
    known_node = tables.node.get(node)
    return known_node.label if known_node else node


def control_type(tables: Tables, node: str) -> str:
    """Which sort of control; empty for what is no control."""
    known_node = tables.node.get(node)
    return (known_node.control or "") if known_node and known_node.kind == "control" else ""


def people_given(units: Iterable[Unit], node: str) -> int | None:
    """How many people of these trials were given it; None where the rows do not count them all."""
    with_it = [unit for unit in units if node in unit.nodes]
    arms = [row for unit in with_it for row in unit.rows if not isinstance(row, Contrast)]
    counted = [arm.n for arm in arms if arm.treatment == node]
    return sum(counted) if counted and not any(unit.assumed for unit in with_it) else None
