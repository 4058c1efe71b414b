"""Which of Lowtide's quantities a device's code is: the MDC number first, then the reference id, then the vendor's own."""

import re
from itertools import zip_longest

import msgspec

from lowtide.data import monitors
from lowtide.exchange.hl7v2.messages import Segment

_HEXADECIMAL = re.compile(r"([0-9a-fA-F]{4})-([0-9a-fA-F]{4})")
_PAIR = re.compile(r"(\d{2,3})\s*/\s*(\d{2,3})(?:\s*\(\s*(\d{2,3})\s*\))?", re.ASCII)
_TERMS = 65536
MEASURING = ("NM", "SN", "ST", "TX", "")


class Coded(msgspec.Struct, frozen=True):
    """A code as it came: number or letters, name, system; and what it means here."""

    code: str
    name: str
    system: str
    quantity: str | None = None
    flags: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key in (self.code, self.name) if key)


def observed(row: Segment) -> Coded:
    """What OBX-3 names. Its second triplet is asked when the first says nothing that is known here.

    A row whose type holds no number (a picture, a document, a code) is none of Lowtide's quantities.
    """
    if row.field(2).upper() not in MEASURING:
        return written(row, 3)
    first, second = (_triplet(row, at) for at in (1, 4))
    if first.quantity is None and second.quantity is not None:
        return msgspec.structs.replace(first, quantity=second.quantity, flags=(*second.flags, "second_code"))
    return first if first.keys else second


def told(row: Segment) -> list[tuple[Segment, Coded]]:
    """The row with what it names; a pressure that is told as one text is a row for each of its parts."""
    coded = observed(row)
    if coded.quantity or not row.field(5) or monitors.pair_codes().isdisjoint(coded.keys):
        return [(row, coded)]
    found = _PAIR.fullmatch(row.field(5).replace(row.marks.component, ""))
    if found is None:
        return [(row, msgspec.structs.replace(coded, flags=("no_pressure",)))]
    parts = zip_longest(monitors.monitors().pair.parts, found.groups())
    return [
        (row.saying("NM", number), msgspec.structs.replace(coded, quantity=quantity, flags=("told_as_one",)))
        for quantity, number in parts
        if number
    ]


def written(row: Segment, field: int, start: int = 1) -> Coded:
    """A coded value as it came."""
    code, name, system = (row.component(field, start + at) for at in range(3))
    return Coded(code, name, system)


def row_of(coded: Coded) -> str | None:
    """What a row tells that measures nothing (an alarm, its phase, the drug); None for any other."""
    return next((monitors.rows()[key] for key in coded.keys if key in monitors.rows()), None)


def event_of(coded: Coded) -> str | None:
    return next((monitors.events()[key] for key in coded.keys if key in monitors.events()), None)


def _triplet(row: Segment, start: int) -> Coded:
    coded = written(row, 3, start)
    numbered, named = (
        _numbered(coded),
        monitors.by_name().get(coded.name) or monitors.by_name().get(coded.code),
    )
    found = numbered or named or monitors.by_vendor().get((coded.system, coded.code))
    found = found or monitors.by_vendor().get((coded.system, coded.name))
    if found is None:
        strange = coded.code in monitors.by_number() and monitors.system_of(coded.system) is None
        return msgspec.structs.replace(coded, flags=("system_not_known",)) if strange else coded
    disagree = numbered is not None and named is not None and numbered.quantity != named.quantity
    flags = (found.flag, "code_and_name_disagree" if disagree else None)
    return msgspec.structs.replace(
        coded, quantity=found.quantity, flags=tuple(flag for flag in flags if flag)
    )


def _numbered(coded: Coded) -> monitors.Code | None:
    if of_loinc := monitors.by_loinc().get(coded.code):
        return of_loinc
    if coded.system in monitors.monitors().vendors.as_mdc:
        found = _HEXADECIMAL.fullmatch(coded.code)
        return (
            monitors.by_number().get(str(int(found[1], 16) * _TERMS + int(found[2], 16))) if found else None
        )
    return monitors.by_number().get(coded.code) if monitors.system_of(coded.system) == "mdc" else None
