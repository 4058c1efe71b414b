"""Whether what somebody typed is a second identifier of this patient: the birth date or a number (hazard H001)."""

import re
from datetime import date

from lowtide.record.entries.identity import Patient

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
DOTTED = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
NAMED = re.compile(r"(\d{1,2})\.?\s+([a-z]{3})[a-z]*\.?\s+(\d{4})")


def second_identifier(patient: Patient, typed: str) -> str | None:
    """“birth date” or “number” when `typed` is one of this patient, else None.

    A date is read only where day and month cannot be mistaken: 1983-03-14, 14.3.1983, 14 Mar 1983.
    """
    if patient.birth_date and (born := written_date(typed)) and born.isoformat() == patient.birth_date:
        return "birth date"
    numbers = {_plain(identifier.value) for identifier in patient.identifiers}
    return "number" if _plain(typed) and _plain(typed) in numbers else None


def written_date(text: str) -> date | None:
    """The day that the text says beyond doubt; None for anything else, `03/04/1983` included (hazard H025)."""
    plain = text.strip().lower()
    try:
        if found := ISO.fullmatch(plain):
            return date(*(int(part) for part in found.groups()))
        if found := DOTTED.fullmatch(plain):
            day, month, year = (int(part) for part in found.groups())
            return date(year, month, day)
        if (found := NAMED.fullmatch(plain)) and found[2] in MONTHS:
            return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))
    except ValueError:
        return None
    return None


def _plain(text: str) -> str:
    return re.sub(r"[\s\-–.]", "", text).lower()
