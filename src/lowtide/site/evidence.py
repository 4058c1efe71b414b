"""What the pages and commands on evidence share: the tables at hand, and questions in the words that people use."""

import hashlib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

from lowtide.data import evidence_words, read, vocabulary
from lowtide.data.evidence import Tables
from lowtide.data.evidence_certainty import certainty
from lowtide.data.evidence_checks import tables
from lowtide.data.evidence_words import words
from lowtide.problems import bad
from lowtide.science.evidence.compare import Known, terms
from lowtide.science.evidence.selection import Question

RATES = "adverse_event_rates.csv"
SHORT = 30
"""Side effects that are told in a sentence are known and not listed."""


@lru_cache(maxsize=8)
def known(given: Tables | None = None) -> Known:
    """All that answers rest on: the tables that come with the product, or those of a folder."""
    its = given or tables()
    said = f"{its.digest} {words().versions}"
    rates = tuple(read.csv_rows(RATES))
    return Known(its, words(), certainty(), rates, hashlib.sha256(said.encode()).hexdigest()[:16])


def question(
    known: Known, indication: str, outcome: str, at: str | None = None, *, unverified: bool = False
) -> Question:
    """A question in known words. Raises BadInput with the choices."""
    return Question(
        evidence_words.indication(indication),
        _outcome(known, outcome),
        evidence_words.window(at) if at else None,
        unverified,
    )


def _outcome(known: Known, given: str) -> str:
    outcomes = {vocabulary.plain(name): name for name in known.words.outcome}
    if found := outcomes.get(vocabulary.plain(given)):
        return found
    effects = {vocabulary.plain(term): term for term in terms(known)}
    found = effects.get(vocabulary.plain(known.words.adverse.term(given)))
    if found is None:
        short = [term for term in effects.values() if len(term) <= SHORT]
        raise bad(
            f"“{given}” is not known", "outcome", f"Use one of: {', '.join((*outcomes.values(), *short))}."
        )
    return found


def node(known: Known, given: str) -> str:
    """A node by its name, its label or what else it is called. Raises BadInput with the known ones."""
    plain = vocabulary.plain
    by_label = {plain(s): n.node for n in known.tables.nodes for s in (n.also_called, n.label) if s}
    spellings = by_label | {plain(n.node): n.node for n in known.tables.nodes}
    found = spellings.get(plain(given))
    if found is None:
        near = _near(plain(given), spellings)
        meant = f"Did you mean {' or '.join(near)}? " if near else ""
        every = ", ".join(n.node for n in known.tables.nodes)
        raise bad(f"“{given}” is not known", "versus", f"{meant}Use one of: {every}.")
    return found


def _near(given: str, spellings: Mapping[str, str]) -> list[str]:
    """Nodes whose name, label or other name begins with what was given, or is spelt much like it."""
    begin = [node for name, node in spellings.items() if given and name.startswith(given)]
    alike = [spellings[name] for name in get_close_matches(given, list(spellings), n=3, cutoff=0.75)]
    return list(dict.fromkeys(begin or alike))
