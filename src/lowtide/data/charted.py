"""Which records of a chart answer which items of the intake catalogue."""

from functools import cache

import msgspec

from lowtide.data import read


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A result told in words: the item it answers, and what each word says."""

    item: str
    says: dict[str, str]


class Charted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`charted.toml` explains the fields; keys are the record's names, values the catalogue's."""

    vital: dict[str, str]
    measurement: dict[str, str]
    total: dict[str, str]
    result: dict[str, str]
    multiple: dict[str, str]
    word: dict[str, Words]
    workup: dict[str, tuple[tuple[str, ...], ...]]
    workup_answered: dict[str, tuple[str, ...]]
    whole: dict[str, str]
    no_allergy: dict[str, tuple[str, ...]]
    answered: dict[str, dict[str, str]]
    test: dict[str, str]
    worked_out: dict[str, str]


@cache
def charted() -> Charted:
    return read.toml("charted.toml", Charted)
