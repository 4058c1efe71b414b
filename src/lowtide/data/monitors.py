"""What monitors and pumps say: their codes, units, sentinels and events, as look-ups."""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache

import msgspec

from lowtide.data import plausibility, read
from lowtide.data.spellings import plain

_WORDS = re.compile(r"[a-z]+|\d+")


class Quantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quantity that Lowtide charts from devices: its unit and the inclusive limits of what can be believed."""

    unit: str
    believed_as: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The codes of one quantity; `flag` says how it differs from the others of the quantity."""

    quantity: str
    mdc: tuple[int, ...]
    names: tuple[str, ...]
    source: str
    verified: bool
    loinc: tuple[str, ...] = ()
    flag: str | None = None


class Local(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A vendor's own codes, within the letters of its system."""

    system: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    quantity: str
    source: str
    verified: bool


class Unit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a unit is written, and how it becomes Lowtide's: (sent + offset) * factor / divisor, times kg if per_kg."""

    unit: str
    codes: tuple[str, ...]
    factor: Decimal = Decimal(1)
    divisor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    per_kg: bool = False

    @property
    def as_sent(self) -> bool:
        return self.factor == self.divisor == 1 and self.offset == 0 and not self.per_kg


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device's event or alarm; after one that `halts` a pump, nothing runs in."""

    event: str
    mdc: tuple[int, ...]
    names: tuple[str, ...]
    source: str
    verified: bool
    halts: bool = False


class Drug(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pumps' labels call a drug, in words without accents and signs."""

    drug: str
    names: tuple[str, ...]
    source: str
    verified: bool


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a message that says something of an event or of the drug."""

    mdc: tuple[int, ...]
    names: tuple[str, ...]


class Sentinels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers that stand for “nothing measured”."""

    values: frozenset[Decimal]
    source: str
    verified: bool


class Status(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What OBX-8 and OBX-11 make of a value: the flag of each word, and the words that say nothing against it."""

    measurement: dict[str, str]
    measurement_fine: frozenset[str]
    result: dict[str, str]
    result_fine: frozenset[str]
    source: str
    verified: bool


class Cuff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a cuff's measurements are told from repetitions: a value told again within `apart_s` of the last telling was not
    measured again, and nothing that changes faster than `fastest_s` is a cuff's."""

    apart_s: int
    fastest_s: int
    source: str
    verified: bool


class Alarm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The phases of an alarm: those that say again what was said, those that end it; after `silent_s` it is a new one."""

    repeats: frozenset[str]
    ends: frozenset[str]
    silent_s: int
    source: str
    verified: bool


class Accepted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the listener takes at all."""

    types: frozenset[str]
    versions: frozenset[str]
    practice: dict[str, str]
    largest_bytes: int
    largest_segments: int


class Vendors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Systems that write an MDC code as partition and term in hexadecimal."""

    as_mdc: frozenset[str]


class Systems(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How senders name MDC and LOINC."""

    mdc: tuple[str, ...]
    loinc: tuple[str, ...]
    source: str
    verified: bool


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The codes of a pressure that is told as one text, and the quantities of its parts."""

    loinc: tuple[str, ...]
    mdc: tuple[int, ...]
    names: tuple[str, ...]
    parts: tuple[str, ...]
    source: str
    verified: bool


class Monitors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    quantity: dict[str, Quantity]
    code: tuple[Code, ...]
    systems: Systems
    pair: Pair
    vendors: Vendors
    local: tuple[Local, ...]
    unit: tuple[Unit, ...]
    sentinels: Sentinels
    status: Status
    cuff: Cuff
    alarm: Alarm
    event: tuple[Event, ...]
    event_parts: dict[str, str]
    rows: dict[str, Row]
    drug: tuple[Drug, ...]
    accepted: Accepted


@cache
def monitors() -> Monitors:
    return read.toml("monitors.toml", Monitors)


@cache
def by_number() -> dict[str, Code]:
    return {str(number): row for row in monitors().code for number in row.mdc}


@cache
def by_name() -> dict[str, Code]:
    return {name: row for row in monitors().code for name in row.names}


@cache
def by_loinc() -> dict[str, Code]:
    return {number: row for row in monitors().code for number in row.loinc}


@cache
def pair_codes() -> frozenset[str]:
    """The numbers and names of a pressure told as one text."""
    pair = monitors().pair
    return frozenset((*pair.loinc, *_keys(pair.mdc, pair.names)))


@cache
def system_of(named: str) -> str | None:
    """Which of the two systems a sender means by this name; None for any other."""
    said, systems = named.strip().casefold(), monitors().systems
    known = {"loinc": systems.loinc, "mdc": systems.mdc}
    return next((system for system, names in known.items() if said in map(str.casefold, names)), None)


@cache
def by_vendor() -> dict[tuple[str, str], Code]:
    """The vendor's own codes by system and number, and by system and name."""
    return {
        (row.system, key): Code(row.quantity, (), row.names, row.source, row.verified)
        for row in monitors().local
        for key in (*row.codes, *row.names)
    }


@cache
def units() -> dict[str, Unit]:
    return {code.casefold(): row for row in monitors().unit for code in row.codes}


@cache
def events() -> dict[str, str]:
    """The word of an event by its number and by its reference id."""
    return {key: row.event for row in monitors().event for key in _keys(row.mdc, row.names)}


def event_words(event: str) -> str:
    """An event as it is read out: its word, or what its reference id or number says."""
    if event.isdecimal():
        return f"event {event}, not known here"
    if not event.startswith("MDC"):
        return event.replace("_", " ")
    said = (monitors().event_parts.get(part, part.lower()) for part in event.split("_"))
    return " ".join(filter(None, said)) or event


@cache
def halting() -> frozenset[str]:
    """The events after which a pump delivers nothing."""
    return frozenset(row.event for row in monitors().event if row.halts)


@cache
def drug_of(label: str) -> str | None:
    """The drug that a pump's label names: the longest name in it counts; None where it holds none that is known."""
    told = f" {' '.join(_WORDS.findall(plain(label)))} "
    names = ((name, row.drug) for row in monitors().drug for name in row.names)
    return next((drug for name, drug in sorted(names, key=_longest) if f" {name} " in told), None)


def _longest(named: tuple[str, str]) -> int:
    return -len(named[0])


@cache
def rows() -> dict[str, str]:
    """What a row that measures nothing tells of, by its number and by its reference id."""
    return {key: name for name, row in monitors().rows.items() for key in _keys(row.mdc, row.names)}


def _keys(numbers: Iterable[int], names: Iterable[str]) -> tuple[str, ...]:
    return (*(str(number) for number in numbers), *names)


def believable(quantity: str, value: Decimal) -> bool:
    """Whether a device can have measured this; limits of belief, not of care."""
    row = monitors().quantity[quantity]
    if row.low is not None and row.high is not None:
        return row.low <= value <= row.high
    return not any(plausibility.implausible(row.believed_as or quantity, value))
