"""The catalogue of the intake: every item that a rule asks for, as a plain question with its kind of answer.

A page that asks every item here has asked everything the rules need; `needed_by` says which rules need an item.
"""

from functools import cache
from typing import Literal

import msgspec

from lowtide.data import read, rules

Kind = Literal["yes_no", "number", "choice", "several", "word", "condition", "medicine", "allergy", "trials"]


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to ask; `intake.toml` explains the fields. `min` and `max` are inclusive, in `unit`."""

    section: str
    label: str
    question: str
    kind: Kind
    unit: str = ""
    min: float | None = None
    max: float | None = None
    choices: tuple[str, ...] = ()
    path: str | None = None
    age_path: str | None = None
    null: str | None = None
    null_unless: tuple[str, ...] = ()
    no_if: str | None = None
    total_over: str | None = None
    above: str | None = None
    dated: bool = False
    valid_for: str = ""
    lasts: bool = False
    ask: bool = True
    id: str = ""


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an intake file may hold besides the paths of items; `intake.toml` explains the fields."""

    apart: frozenset[str]
    notes: frozenset[str]
    also: frozenset[str]
    says: dict[str, str]
    planned: tuple[str, ...]


class _Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    unknown_words: tuple[str, ...]
    form: Form
    section: dict[str, str]
    item: dict[str, Item]


@cache
def items() -> dict[str, Item]:
    """Item id -> Item, in the order they are asked."""
    return {key: msgspec.structs.replace(item, id=key) for key, item in _catalogue().item.items()}


@cache
def sections() -> dict[str, str]:
    """Section key -> its heading, in the order they are asked."""
    return _catalogue().section


@cache
def form() -> Form:
    """The keys of an intake file that are no items."""
    return _catalogue().form


@cache
def needed_by() -> dict[str, tuple[str, ...]]:
    """Item id -> the ids of the rules whose conditions ask for it."""
    return {key: tuple(rule.id for rule in rules.rules().values() if key in rule.inputs) for key in items()}


def says_nothing(word: str) -> bool:
    """Whether a written answer such as "n/a" leaves the item unknown."""
    return word.strip().lower() in _catalogue().unknown_words


@cache
def _catalogue() -> _Catalogue:
    return read.toml("intake.toml", _Catalogue)
