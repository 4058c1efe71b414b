"""Questionnaires and scales: structure, scoring rule, bands, meaningful change, licence and source.

Item text is present only where the licence lets it be printed in full; a clinic adds its own licensed copy of the
others. One file an instrument; `unverified` names the fields that are recalled or defaults.
"""

import re
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal

import msgspec

from lowtide.data import read
from lowtide.problems import bad


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer: its value, its words and its LOINC answer code."""

    value: int
    text: str
    code: str = ""


class Detail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What sets one item apart from the instrument's common range and options.

    `steps` are the only values allowed where not every whole number of the range is; `asked_if` is the item whose
    yes makes this one asked; `reversed` items count maximum minus answer. `stem` is said before this item and those
    after it; `ends` are the words at the lowest and the highest value. `only_words`: scales of the same name run the
    other way, so that a coded answer counts by its words alone.
    """

    text: str = ""
    stem: str = ""
    ends: tuple[str, ...] = ()
    only_words: bool = False
    loinc: str = ""
    aliases: tuple[str, ...] = ()
    range: tuple[int, int] | None = None
    steps: tuple[int, ...] = ()
    options: tuple[Option, ...] = ()
    reversed: bool = False
    may_not_apply: bool = False
    asked_if: str | None = None


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A subscale: sum, mean or maximum of its items, divided by `divide`. With `min_answered` of them answered, the
    others count as the mean of those that are (prorating); without it every item is needed."""

    id: str
    items: tuple[str, ...]
    take: Literal["sum", "mean", "max"] = "sum"
    divide: int = 1
    min_answered: int | None = None


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at_least: int
    label: str


class Triage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The band when any of the items is yes; `unless_answered` switches the row off once that item is known."""

    band: str
    any_yes: tuple[str, ...]
    unless_answered: str | None = None


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At least `count` of the items lie within the bound."""

    items: tuple[str, ...]
    at_least: int | None = None
    at_most: int | None = None
    count: int = 1


class FlagRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an answer pattern raises: all `needs`, and the total where a bound for it is given."""

    id: str
    level: Literal["urgent", "review", "note"]
    text: str
    needs: tuple[Need, ...] = ()
    total_at_least: int | None = None


class SchoolRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points added for few years at school, never above the scale's highest total."""

    at_most_years: int
    add: int
    highest: int


class ChangeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts as response (any one bound given is enough), remission, important and reliable change.

    `part` names the subscale that is compared where the instrument has no total.
    """

    part: str = ""

    response_fall_pct: Decimal | None = None
    response_points: Decimal | None = None
    response_at_most: Decimal | None = None
    remission_at_most: Decimal | None = None
    remission_below: Decimal | None = None
    other_remission_cuts: tuple[str, ...] = ()
    important_points: Decimal | None = None
    reliable_points: Decimal | None = None
    other_reliable_points: tuple[str, ...] = ()


class Instrument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`either` are groups of items of which one is enough; `windows` the periods it may ask about, the usual one first (`stems` are theirs);
    `part_bands` are bands of subscales where there is no total to band, the one that speaks for the whole first.
    `notice` is printed wherever its text is; `minutes` is how long it takes; `miscoded` are codes of another scale's
    total that are often put on this one, with what to say about it.
    """

    id: str
    name: str
    domain: str
    rater: str
    recall_window: str
    scoring_note: str
    loinc_verified: bool
    licence_class: str
    embed_item_text: Literal["yes", "yes_with_notice", "yes_with_attribution", "yes_after_legal_check", "no"]
    source: tuple[str, ...]
    verified: bool
    unverified: tuple[str, ...]
    total: Literal["sum", "mean", "parts", "none", "triage", "unscored"]
    unscored_why: str = ""
    aliases: tuple[str, ...] = ()
    total_range: str = ""
    positive: str = ""
    bands_text: str = ""
    loinc_panel: str = ""
    wording_source: str = ""
    better: Literal["lower", "higher"] = "lower"
    ids: tuple[str, ...] = ()
    range: tuple[int, int] = (0, 0)
    numbering: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    unscored: tuple[str, ...] = ()
    miscoded: dict[str, str] = {}
    either: tuple[tuple[str, ...], ...] = ()
    windows: tuple[str, ...] = ()
    notice: str = ""
    minutes: int = 0
    stem: str = ""
    stems: dict[str, str] = {}
    ends: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    parts: tuple[Part, ...] = ()
    bands: tuple[Band, ...] = ()
    part_bands: dict[str, tuple[Band, ...]] = {}
    by_sex: dict[Literal["female", "male"], tuple[Band, ...]] = {}
    school: SchoolRule | None = None
    triage: tuple[Triage, ...] = ()
    flags: tuple[FlagRule, ...] = ()
    change: ChangeRule | None = None
    detail: dict[str, Detail] = {}

    def item(self, item_id: str) -> Detail:
        """The item, with the instrument's common range and options filled in."""
        own = self.detail.get(item_id, Detail())
        return msgspec.structs.replace(
            own,
            range=own.range or self.range,
            options=own.options or self.options,
            ends=own.ends or self.ends,
        )

    @property
    def has_text(self) -> bool:
        """Whether every item carries its wording."""
        return bool(self.ids) and all(self.item(item_id).text for item_id in self.ids)

    @property
    def is_self_rated(self) -> bool:
        return self.rater == "self"


@cache
def instruments() -> dict[str, Instrument]:
    """Every instrument by id, in order."""
    found = (read.toml(name, Instrument) for name in read.names("instruments"))
    return {instrument.id: instrument for instrument in found}


def instrument(given: str, where: str = "instrument") -> Instrument:
    """The instrument of this name; case, hyphens and slashes do not matter. Raises BadInput naming the choices."""
    found = _spellings().get(_bare(given))
    if found is None:
        raise bad(f"unknown instrument “{given}”", where, f"Use one of: {', '.join(instruments())}.")
    return found


def version(instrument_id: str) -> str:
    """A fingerprint of the instrument's file; scores of different versions are not joined (hazard H040)."""
    return read.digest(f"instruments/{instrument_id}.toml")


@cache
def _spellings() -> dict[str, Instrument]:
    return {_bare(s): one for one in instruments().values() for s in (one.id, one.name, *one.aliases)}


@lru_cache(maxsize=1024)
def _bare(given: str) -> str:
    return re.sub(r"[^a-z0-9]", "", given.lower())
