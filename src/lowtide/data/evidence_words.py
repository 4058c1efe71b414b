"""The words of the table of trials: indications, populations, windows, outcomes, and what a column may hold."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import msgspec

from lowtide.data import read, vocabulary
from lowtide.problems import bad

DAYS = {"h": 1 / 24, "d": 1, "w": 7}
SAME_TIME = 0.02
"""Two hours are 0.083 days."""
SHORTEST = 4
"""Names of fewer letters differ by one letter often: BAI and BDI are two."""


class Indication(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"excepted": "except"}):
    label: str
    conditions: tuple[str, ...]
    domains: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()

    def reads(self, condition: str) -> bool:
        """Whether a study on this condition speaks of the indication."""
        return _stands(self.conditions, condition) and not _stands(self.excepted, condition)


class Population(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    label: str
    plain: str
    words: tuple[str, ...]
    several: bool = False
    mixed: bool = False

    def of(self, condition: str, *, several: bool) -> bool:
        """Whether it is of a study on this condition, which several indications read or one."""
        by_words = _stands(self.words, condition)
        return by_words or several if self.several else by_words or not self.words


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days after the first treatment: `from_days` and `to_days` are inside."""

    days: float
    from_days: float
    to_days: float
    aliases: tuple[str, ...] = ()

    def holds(self, days: float | None) -> bool:
        return days is not None and self.from_days <= days <= self.to_days


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An outcome: metrics of arms and of published contrasts, its measure, whether more or less is better.

    `told` are metrics without numbers to compare, which are told all the same. `whole_from_days`: what was counted over a
    whole follow-up of months answers no question on a shorter time than this.
    """

    label: str
    metrics: tuple[str, ...]
    measure: str
    good: str
    contrasts: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    whole_from_days: float = 0.0


class Effects(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ratio: tuple[str, ...]
    between: tuple[str, ...]
    words: tuple[str, ...]


class Taking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parts that make up a whole arm, and the share of an arm taken to have been looked at where it is not said."""

    complementary: tuple[tuple[str, ...], ...]
    evaluable_share: float


class Rates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of the rates of reactions that compare two arms of `studies`."""

    population: str
    product: str
    indication: str
    studies: tuple[str, ...]
    treatment: str
    versus: str
    asked: str


class Adverse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    grades: tuple[str, ...]
    period: dict[str, float]
    alias: dict[str, str]
    rates: tuple[Rates, ...]

    def term(self, event: str) -> str:
        """The one name of a side effect: without its grade and what stands in brackets."""
        plain = re.sub(r"\s*\(.*\)", "", event.casefold())
        for grade in self.grades:
            plain = plain.removesuffix(f", {grade}")
        return self.alias.get(plain, plain)


class Scales(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Further instruments by name, and other names of known ones; `ends` are the lowest and the highest score."""

    known: tuple[str, ...]
    least_spread: Decimal
    ends: dict[str, tuple[int, int]]
    also_called: dict[str, str]


class LargestDose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """More of a drug than anybody is given; `drug` is a word of the column."""

    drug: str
    unit: str
    most: Decimal


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    like_placebo: tuple[str, ...]
    few_trials: int
    funnel_trials: int
    well_before: dict[str, str]
    indication: dict[str, Indication]
    population: tuple[Population, ...]
    window: dict[str, Window]
    outcome: dict[str, Kind]
    allowed: dict[str, tuple[str, ...]]
    effect: Effects
    instruments: dict[str, tuple[str, ...]]
    scales: Scales
    largest_dose: tuple[LargestDose, ...]
    empty_words: tuple[str, ...]
    taking: Taking
    adverse: Adverse

    def population_of(self, condition: str) -> Population:
        """Whom a study was on: of several indications together, else as far as resistance goes."""
        its = [name for name, one in self.indication.items() if one.reads(condition)]
        several = any(self.also_on(name, condition) for name in its)
        return next(p for p in self.population if p.of(condition, several=several))

    def also_on(self, indication: str, condition: str) -> bool:
        """Whether people of another indication with the same outcomes are in the condition, too."""
        its = self.indication[indication]
        others = (one for name, one in self.indication.items() if name != indication)
        return any(one.domains == its.domains and one.reads(condition) for one in others)

    def place_of(self, scale: str) -> tuple[int, str]:
        """Where an instrument stands in the order of preference: those in no list last, by name."""
        order = [name for names in self.instruments.values() for name in names]
        return (order.index(scale) if scale in order else len(order), scale)

    def time_of(self, days: float | None, label: str) -> str:
        """The window that holds a time; else the time as it was printed."""
        return next((name for name, one in self.window.items() if one.holds(days)), label)

    @property
    def versions(self) -> str:
        return read.digest("evidence/words.toml", "evidence/certainty.toml", "adverse_event_rates.csv")


@cache
def words() -> Words:
    return read.toml("evidence/words.toml", Words)


def scale(given: str) -> str | None:
    """The one name of an instrument, whatever its capitals, hyphens and blanks; None for one that is not known."""
    return _scales().get(_folded(given))


def nearly(given: str) -> str | None:
    """The known instrument of which a name that is not known looks like a slip of the pen.

    Its number is the same (PHQ-8 is no misspelt PHQ-9), and its letters are in another order or differ by one.
    """
    letters, number = _parted(_folded(given))
    for folded, name in _scales().items():
        its, its_number = _parted(folded)
        if number == its_number and _slip(letters, its):
            return name
    return None


@cache
def _scales() -> Mapping[str, str]:
    its = words()
    known = [*(name for names in its.instruments.values() for name in names), *its.scales.known]
    return {_folded(name): name for name in known} | {
        _folded(other): name for other, name in its.scales.also_called.items()
    }


def _folded(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _parted(folded: str) -> tuple[str, str]:
    return "".join(c for c in folded if not c.isdigit()), "".join(c for c in folded if c.isdigit())


def _slip(given: str, known: str) -> bool:
    if sorted(given) == sorted(known):
        return given != known
    short, long = sorted((given, known), key=len)
    if len(short) < SHORTEST or len(long) - len(short) > 1:
        return False
    same = len(short) == len(long)
    at = next((i for i, c in enumerate(short) if c != long[i]), len(short))
    return short[at + same :] == long[at + 1 :]


def indication(given: str) -> str:
    """The one name of an indication. Raises BadInput with the known ones."""
    return _named(given, words().indication, "indication")


def window(given: str) -> str:
    """The window by its name, or the one that holds a time such as 21d or 36h. Raises BadInput with the known ones."""
    days = _days(given)
    inside = [name for name, one in words().window.items() if one.holds(days)]
    return inside[0] if inside else _named(given.replace("-", "−"), words().window, "at")


def wider(given: str) -> str:
    """For a time that is inside a window and not its own: which window answers; nothing for a window's own time."""
    days, one = _days(given), words().window[window(given)]
    if days is None or abs(days - one.days) <= SAME_TIME * one.days:
        return ""
    return f"the window {window(given)} answers, from day {one.from_days:g} to day {one.to_days:g}"


def _days(given: str) -> float | None:
    time = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(h|d|w)\w*", given.strip().casefold())
    return float(time[1]) * DAYS[time[2]] if time else None


def indications_of(condition: str) -> tuple[str, ...]:
    return tuple(name for name, one in words().indication.items() if one.reads(condition))


def _named(given: str, known: Mapping[str, Any], where: str) -> str:
    spellings = {vocabulary.plain(s): name for name, one in known.items() for s in (name, *one.aliases)}
    found = spellings.get(vocabulary.plain(given))
    if found is None:
        raise bad(f"“{given}” is not known", where, f"Use one of: {', '.join(known)}.")
    return found


@lru_cache(maxsize=4096)
def _stands(sought: tuple[str, ...], told: str) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", told, re.IGNORECASE) for word in sought)
