"""Whether what somebody typed is a second identifier of this patient: the birth date or a number (hazard H001)."""

import re

from lowtide.people.patients.spelling import dates
from lowtide.record.entries.identity import Patient

WHOLE_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def second_identifier(patient: Patient, typed: str) -> str | None:
    """“birth date” or “number” when `typed` is one of this patient, else None.

    A date counts only where it can be one day alone: 3/4/1983 is two (hazard H025).
    """
    born = patient.birth_date or ""
    if WHOLE_DAY.fullmatch(born) and dates(typed) == (born,):
        return "birth date"
    numbers = {_plain(identifier.value) for identifier in patient.identifiers}
    return "number" if _plain(typed) and _plain(typed) in numbers else None


def _plain(text: str) -> str:
    return re.sub(r"[\s\-–.]", "", text).lower()
