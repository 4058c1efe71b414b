"""On whom an answer was found, as its row tells it: the people of its trials, and whether they were of several sorts."""

from collections.abc import Iterable

import msgspec

from lowtide.data.evidence import Tables
from lowtide.data.evidence_words import Population, Words

MOOD = "depression"
"""Only of these trials it matters whether other treatments had failed."""


class People(msgspec.Struct, frozen=True):
    """`said` for clinicians, `plain` for patients (empty where the question says it already); `mixed` stands marked."""

    said: str = ""
    plain: str = ""
    mixed: bool = False


def of_studies(tables: Tables, words: Words, studies: Iterable[str]) -> People:
    """As the trials' own conditions say it, with resistance where that matters."""
    conditions = dict.fromkeys(tables.study[s].condition for s in studies if s in tables.study)
    its = dict.fromkeys(words.population_of(c) for c in conditions)
    mood = any(_mood(words, c) for c in conditions)
    labels = [one.label for one in its] if mood else []
    plain = " ".join(one.plain for one in its if mood or one.mixed)
    return People("; ".join((*conditions, *labels)), plain, any(one.mixed for one in its))


def sort(tables: Tables, words: Words, population: str, studies: Iterable[str]) -> str:
    """A population's own name over trials; nothing where it tells of resistance alone and none of them is of depression."""
    one: Population | None = next((p for p in words.population if p.id == population), None)
    conditions = {tables.study[s].condition for s in studies if s in tables.study}
    matters = not conditions or any(_mood(words, c) for c in conditions)
    return one.label if one and (matters or one.several) else ""


def _mood(words: Words, condition: str) -> bool:
    return any(MOOD in one.domains and one.reads(condition) for one in words.indication.values())


def of_review(tables: Tables, words: Words, key: str) -> People:
    """As the row that places a review's result says it."""
    of = next((c for c in tables.pooled_contrasts if c.pooled_id == key), None)
    if of is None:
        return People("its row does not say whom")
    one: Population | None = next((p for p in words.population if p.id == of.population), None)
    mood = any(MOOD in words.indication[i].domains for i in of.indications)
    if one and (mood or one.mixed):
        return People(one.label, one.plain if mood else "", one.mixed)
    return People(" and ".join(words.indication[i].label for i in of.indications))


def of_all(tables: Tables, words: Words, studies: Iterable[str]) -> People:
    """Of trials or reviews, each by its name."""
    names = list(studies)
    reviews = [of_review(tables, words, key) for key in names if key not in tables.study]
    found = [one for one in (of_studies(tables, words, names), *reviews) if one.said]
    plain = dict.fromkeys(one.plain for one in found if one.plain)
    said = dict.fromkeys(one.said for one in found)
    return People("; ".join(said), " ".join(plain), any(one.mixed for one in found))
