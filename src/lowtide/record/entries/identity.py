"""Entries about who the patient is, and which charts are one person."""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from lowtide.problems import Problem
from lowtide.record.dates import PartialDate, is_partial_date
from lowtide.record.entries.base import Body


class Sex(StrEnum):
    """Sex at birth as recorded for dosing and screening rules."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Identifier(msgspec.Struct, frozen=True):
    """A number that names the patient within `system` (`lowtide` is the clinic's own number)."""

    system: str
    value: str


class Contact(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    other_person: str | None = None
    other_phone: str | None = None


class Patient(Body, tag="patient.1", frozen=True, kw_only=True):
    """Names, birth date, sex, contact and identifiers; a change is a correction of the last one."""

    family: str
    given: str = ""
    birth_date: PartialDate | None = None
    sex: Sex = Sex.UNKNOWN
    preferred: str | None = None
    former_names: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    contact: Contact = Contact()
    language: str | None = None
    deceased: bool = False

    def problems(self) -> Iterator[Problem]:
        if not (self.family.strip() or self.given.strip()):
            yield Problem("a patient needs a name", "family", "Enter the family name.")
        if self.birth_date and not is_partial_date(self.birth_date):
            yield Problem(
                f"“{self.birth_date}” is no date", "birth_date", "Write it as 1983-03-14, 1983-03 or 1983."
            )


class Linked(Body, tag="linked.1", frozen=True, kw_only=True):
    """This chart and `other` belong to one person; the reviewer and the reason are those of the entry."""

    other: str


class Unlinked(Body, tag="unlinked.1", frozen=True, kw_only=True):
    """This chart and `other` do not belong together after all."""

    other: str


class NotLinked(Body, tag="not_linked.1", frozen=True, kw_only=True):
    """A look-alike was reviewed: `other` is a different person."""

    other: str
