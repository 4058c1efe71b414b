"""The documents that a session's record makes, and the definitions that they follow: forms, codes, plain words."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import read

FORMS = ("papers/monitoring_form_spravato.toml",)


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document: for whose eyes, to whom it goes, and by which due rule. `needs`: the permission it takes beside the chart's."""

    id: str
    label: str
    about: str
    audience: tuple[str, ...] = ()
    goes_to: Literal["", "program", "payer", "referrer"] = ""
    due: str = ""
    desk: bool = False
    needs: str = ""
    language_age: int | None = None


class FormField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field of a form: its number there, its words, and where the record holds the answer (`from`)."""

    n: int
    section: str
    label: str
    source: str = msgspec.field(name="from")
    verified: bool = False
    classes: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    at_least: int | None = None
    minute: int | None = None
    within_min: int | None = None
    scale: str = ""
    normal: Decimal = Decimal(0)
    also: dict[str, Decimal] = {}
    """Further rows that say the same, each with what is normal there."""
    worse: Literal["above", "below"] = "above"


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of a form that somebody else publishes."""

    id: str
    program: str
    label: str
    revision: str
    seen: date
    goes_to: str
    sections: tuple[str, ...]
    source: tuple[str, ...]
    verified: bool
    field: tuple[FormField, ...]


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code for bills and the days on which it may be used."""

    code: str
    system: str
    label: str
    source: tuple[str, ...]
    verified: bool
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_to or day)


class BillLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a line is written, and how its units come out of the record."""

    code: str
    units: Literal["mg", "first", "further", "dose", "one"]
    products: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    payers: tuple[str, ...] = ()
    per: Decimal = Decimal(1)
    from_min: int = 0
    after_min: int = 0
    each_min: int = 60
    over_min: int = 0
    max_mg: Decimal | None = None
    above_mg: Decimal | None = None
    time: Literal["", "infused", "observed"] = ""
    needs: str = ""


class Modifier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    label: str
    wasted: bool
    source: tuple[str, ...]
    verified: bool


class AgreesFirst(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which payers are asked to agree before which products."""

    payer_kinds: tuple[str, ...]
    products: tuple[str, ...]
    source: tuple[str, ...]
    verified: bool


class BillTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Codes, the lines they stand in, and who pays."""

    version: str
    countries: tuple[str, ...]
    payer_kinds: dict[str, str]
    agrees_first: AgreesFirst
    code: tuple[Code, ...]
    line: tuple[BillLine, ...]
    modifier: tuple[Modifier, ...]

    @property
    def codes(self) -> dict[str, Code]:
        return {one.code: one for one in self.code}


class PlainLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence of the instructions: for which way of giving, and after what."""

    part: str
    text: str
    forms: tuple[str, ...] = ()
    happened: tuple[str, ...] = ()
    monitoring: str = ""
    source: tuple[str, ...] = ()
    verified: bool = False


class Instructions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`hard_from`: a distress of this much of 10 is spoken of at home, too. `sober_h`: how long no alcohol after leaving."""

    version: str
    language: str
    hard_from: Decimal
    sober_h: Decimal
    line: tuple[PlainLine, ...]


class _Documents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    how: dict[str, str]
    document: tuple[Kind, ...]


@cache
def _documents() -> _Documents:
    return read.toml("papers/documents.toml", _Documents)


@cache
def kinds() -> dict[str, Kind]:
    """Every document by id, in the order of the file."""
    return {kind.id: kind for kind in _documents().document}


def ways() -> dict[str, str]:
    """How a document may go out."""
    return _documents().how


@cache
def forms() -> dict[str, Form]:
    """The monitoring form of each risk programme that has one."""
    return {form.program: form for form in (read.toml(name, Form) for name in FORMS)}


@cache
def bill() -> BillTable:
    return read.toml("papers/bill.toml", BillTable)


@cache
def instructions() -> Instructions:
    return read.toml("papers/instructions.toml", Instructions)


@cache
def version() -> str:
    """A fingerprint of every table that decides what a document says."""
    return read.digest("papers/documents.toml", "papers/bill.toml", "papers/instructions.toml", *FORMS)
