"""The clinic's own patient numbers: LT-0001 and on, each given once, none left out."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from lowtide.people.clinic import CLINIC
from lowtide.people.models import IdentifierIndex
from lowtide.people.projections import OWN_NUMBER
from lowtide.problems import Refused, refuse
from lowtide.record import store
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.identity import Identifier, Patient
from lowtide.record.store import Charts, Guard

PREFIX = "LT-"
TRIES = 20


class Taken(Refused):
    """Somebody was given this number in the meantime."""


def number_text(number: int) -> str:
    return f"{PREFIX}{number:04d}"


def next_number() -> str:
    """The number after the highest that was ever given."""
    given = IdentifierIndex.objects.filter(system=OWN_NUMBER, value__startswith=PREFIX)
    tails = (value.removeprefix(PREFIX) for value in given.values_list("value", flat=True))
    return number_text(1 + max((int(tail) for tail in tails if tail.isdigit()), default=0))


def numbered(patient: Patient, number: str) -> Patient:
    """The patient with this as the clinic's own number."""
    others = tuple(i for i in patient.identifiers if i.system != OWN_NUMBER)
    return msgspec.structs.replace(patient, identifiers=(Identifier(OWN_NUMBER, number), *others))


def append_numbered(
    drafts: Callable[[str], Sequence[Draft]], guard: Guard | None = None, *, now: datetime | None = None
) -> list[Entry]:
    """Append what `drafts(number)` answers, with the next number of the clinic, checked under the clinic's lock.

    Two registrations at once take the lock in turn; the later one is drafted again with the number after.
    """
    for _ in range(TRIES):
        number = next_number()
        try:
            return store.append(drafts(number), _still_next(number, guard), also_lock=[CLINIC], now=now)
        except Taken:
            continue
    raise refuse("no number could be given: too many registrations at once", "number", "Try again.")


def _still_next(number: str, guard: Guard | None) -> Guard:
    def check(charts: Charts) -> None:
        if next_number() != number:
            raise Taken
        if guard:
            guard(charts)

    return check
