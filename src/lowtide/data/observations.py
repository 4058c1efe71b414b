"""How coded observations from elsewhere become vital signs, measurements, results and scores of the clinic."""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache

import msgspec

from lowtide.data import read

LOINC = ("http://loinc.org", "urn:oid:2.16.840.1.113883.6.1")


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    url: str
    verified: bool


class Steps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """(value + add) * times / over."""

    add: Decimal = Decimal(0)
    times: Decimal = Decimal(1)
    over: Decimal = Decimal(1)


class Quantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measured quantity: its LOINC codes, and how each UCUM unit it may come in is brought to ours."""

    loinc: tuple[str, ...]
    units: dict[str, str | Steps] = {}
    label: str = ""
    unit: str = ""
    decimals: int | None = None

    def converted(self, value: Decimal, unit: str | None, *, exact: bool = False) -> Decimal | None:
        """The value in our unit, unrounded where `exact`; None when the unit is not one we know for it."""
        how = self.units.get(unit or "")
        if how is None:
            return None
        steps = how if isinstance(how, Steps) else Steps(times=Decimal(how))
        result = (value + steps.add) * steps.times / steps.over
        return result if self.decimals is None or exact else round(result, self.decimals)


class Instrument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A questionnaire by its codes. `items`: item -> LOINC; `answers`, `words`: coded or written answer -> points.

    `alone` are the items whose answer comes in even when the others are missing.
    """

    source: str
    verified: bool
    total: tuple[str, ...] = ()
    panel: tuple[str, ...] = ()
    highest_total: int | None = None
    highest_item: int = 0
    items: dict[str, str] = {}
    answers: dict[str, int] = {}
    words: dict[str, int] = {}
    begins: dict[str, str] = {}
    alone: tuple[str, ...] = ()


class _Codes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    loinc: frozenset[str]


class _Judged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    abnormal: frozenset[str]
    normal: frozenset[str]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sources: dict[str, Source]
    spelling: dict[str, tuple[str, ...]]
    vital: dict[str, Quantity]
    measurement: dict[str, Quantity]
    result: dict[str, Quantity]
    panels: _Codes
    oxygen: _Codes
    answer: dict[str, tuple[str, ...]]
    interpretation: _Judged
    instrument: dict[str, Instrument]


@cache
def table() -> _Table:
    return read.toml("codes/observations.toml", _Table)


def instruments() -> dict[str, Instrument]:
    """Instrument id -> Instrument, in the order of the file."""
    return table().instrument


def known(kind: str, codes: Iterable[str]) -> tuple[str, Quantity] | None:
    """The quantity of `kind` (vital, measurement, result) that one of these LOINC codes names."""
    return next((found for code in codes if (found := _by_code(kind).get(code))), None)


def is_panel(codes: Iterable[str]) -> bool:
    return not table().panels.loinc.isdisjoint(codes)


def is_oxygen_flow(codes: Iterable[str]) -> bool:
    return not table().oxygen.loinc.isdisjoint(codes)


def is_unit(ucum: str) -> bool:
    return ucum in table().spelling


def unit(spelled: str | None) -> str | None:
    """The UCUM unit that is meant; an unknown spelling stands for itself, nothing for nothing."""
    plain = (spelled or "").strip()
    return _spellings().get(plain, plain) or None


def interpretation(codes: Iterable[str]) -> bool | None:
    """Whether a laboratory called a value abnormal; None when it did not say."""
    given, judged = set(codes), table().interpretation
    return True if given & judged.abnormal else False if given & judged.normal else None


def answer(codings: Iterable[tuple[str, str]]) -> str | None:
    """The word of a coded answer, when it is one that rules know."""
    return next((word for system, code in codings if (word := _answers().get(f"{system}|{code}"))), None)


def answer_word(written: str) -> str | None:
    """The word rules know, when the answer was written out."""
    plain = written.strip().lower()
    return plain if plain in table().answer else None


@cache
def absent() -> dict[str, dict[str, str]]:
    """allergy, problem, medicine -> "system|code" -> what is known not to be there ("": nothing is known)."""
    return read.toml("codes/absent.toml", _Absent).tables()


class _Absent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sources: dict[str, Source]
    allergy: dict[str, str]
    problem: dict[str, str]
    medicine: dict[str, str]

    def tables(self) -> dict[str, dict[str, str]]:
        return {"allergy": self.allergy, "problem": self.problem, "medicine": self.medicine}


@cache
def _by_code(kind: str) -> dict[str, tuple[str, Quantity]]:
    quantities: dict[str, Quantity] = getattr(table(), kind)
    return {code: (name, quantity) for name, quantity in quantities.items() for code in quantity.loinc}


@cache
def _spellings() -> dict[str, str]:
    return {other: ucum for ucum, others in table().spelling.items() for other in others}


@cache
def _answers() -> dict[str, str]:
    return {code: word for word, codes in table().answer.items() for code in codes}
