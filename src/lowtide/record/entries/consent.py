"""Entries of consent: what was explained and agreed to, its copy, its withdrawal, and the choice about the registry."""

from collections.abc import Iterator
from uuid import UUID

import msgspec

from lowtide.problems import Problem
from lowtide.record.entries.base import Answer, Body


class ConsentElement(msgspec.Struct, frozen=True):
    """One element as it stood on the screen when the patient ticked it."""

    id: str
    title: str
    text: str


class Consent(Body, tag="consent.1", frozen=True, kw_only=True):
    """The patient agreed to one series by one product and route, each element acknowledged by itself.

    `course` is the series; None stands for the next one that is planned. `digest` is of the words as they were shown,
    which are kept here whole. `signer` is the typed name, `acting_as` patient or representative; the member of staff
    who went through it is the entry's author.
    """

    form: str
    version: str
    language: str
    digest: str
    indication: str
    product: str
    route: str
    standing: str
    elements: tuple[ConsentElement, ...]
    signer: str
    acting_as: str
    capacity: Answer
    course: UUID | None = None
    compounded: bool = False
    relation: str | None = None
    witness: str | None = None
    interpreter: str | None = None

    def problems(self) -> Iterator[Problem]:
        if not self.signer.strip():
            yield Problem("a consent is signed by name", "signer", "Let the patient type their name.")
        if self.acting_as == "representative" and not (self.relation or "").strip():
            yield Problem("it is not said for whom the signer acts", "relation", "Write how they may sign.")


class ConsentWithdrawn(Body, tag="consent_withdrawn.1", frozen=True, kw_only=True):
    """The patient takes the consent back; what was given before stays given."""

    consent: UUID


class ConsentCopyGiven(Body, tag="consent_copy_given.1", frozen=True, kw_only=True):
    """The patient has a copy of what was signed: on paper or sent."""

    consent: UUID
    how: str


class RegistryChoice(Body, tag="registry_choice.1", frozen=True, kw_only=True):
    """Whether this person's data may be used, without name, to learn from many charts: apart from treatment."""

    joins: bool
    text: str
    version: str


class ConsentConfirmed(Body, tag="consent_confirmed.1", frozen=True, kw_only=True):
    """A member of staff has spoken to a patient who signed at home, and says whether they can decide it.

    Until then such a consent covers no dose: nobody can judge of oneself that one is able to decide.
    """

    consent: UUID
    capacity: Answer
