"""Adverse events: what they are called, how grave they are, what makes one serious, and how often they were seen."""

from functools import cache

import msgspec

from lowtide.data import read


class Grade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`follow_up` is the due rule by which it is asked about again; one that is `serious` is never said not to be."""

    word: str
    about: str
    follow_up: str
    source: tuple[str, ...]
    verified: bool
    serious: bool = False


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: str
    source: tuple[str, ...]
    verified: bool


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`over` ends the follow-up."""

    label: str
    over: bool = False


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an event is called; `chips` of the chair that may be one, `rates` where it was counted."""

    id: str
    label: str
    chips: tuple[str, ...] = ()
    checklist: str = ""
    rates: tuple[str, ...] = ()
    note: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    grades: dict[str, Grade]
    criteria: dict[str, Criterion]
    relations: dict[str, str]
    actions: dict[str, str]
    asks: dict[str, tuple[str, ...]]
    outcomes: dict[str, Outcome]
    learnt: dict[str, str]
    effects: dict[str, str]
    emergency_outcomes: dict[str, str]
    terms: tuple[Term, ...]


class Events(msgspec.Struct, frozen=True):
    """The tables, each by key."""

    terms: dict[str, Term]
    grades: dict[str, Grade]
    criteria: dict[str, Criterion]
    relations: dict[str, str]
    actions: dict[str, str]
    asks: dict[str, tuple[str, ...]]
    outcomes: dict[str, Outcome]
    learnt: dict[str, str]
    effects: dict[str, str]
    emergency_outcomes: dict[str, str]


class Rate(msgspec.Struct, frozen=True):
    """How often something was seen in one study, as printed there."""

    term: str
    population: str
    product: str
    pct: str
    control_pct: str
    window: str
    source: tuple[str, ...]
    verified: bool
    key: str = ""
    n: str = ""
    events: str = ""
    control_n: str = ""
    control_events: str = ""


@cache
def events() -> Events:
    file = read.toml("events.toml", _File)
    same = {name: getattr(file, name) for name in Events.__struct_fields__ if name != "terms"}
    return Events(terms={term.id: term for term in file.terms}, **same)


def word(grade: int) -> str:
    """The grade in a word; a number that the table does not know by itself."""
    known = events().grades.get(str(grade))
    return known.word if known else f"grade {grade}"


def is_over(outcome: str) -> bool:
    known = events().outcomes.get(outcome)
    return known is not None and known.over


def of_chip(chip: str) -> Term | None:
    """The event that a chip of the chair may be."""
    return next((term for term in events().terms.values() if chip in term.chips), None)


def rates_of(term: str) -> tuple[Rate, ...]:
    """Where an event of this name was counted."""
    known = events().terms.get(term)
    return tuple(rate for rate in _rates() if known and rate.term in known.rates)


def every_rate() -> tuple[Rate, ...]:
    """All that was counted, as it stands in the table."""
    return _rates()


def rates_by_key() -> dict[str, Rate]:
    return {rate.key: rate for rate in _rates()}


@cache
def _rates() -> tuple[Rate, ...]:
    return tuple(
        Rate(
            row["term"],
            row["population"],
            row["product_dose"],
            row["pct"],
            row["pct_control"],
            row["phase_or_window"],
            tuple(s.strip() for s in row["source_url"].split(" ; ")),
            row["verified"] == "yes",
            row["ae_id"],
            row["n_treated"],
            row["events"],
            row["n_control"],
            row["events_control"],
        )
        for row in read.csv_rows("adverse_event_rates.csv")
    )
