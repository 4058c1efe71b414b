"""Entries of people who asked to be contacted, before they are patients: what they said, who has it, how it ended."""

from collections.abc import Iterator
from uuid import UUID

import msgspec

from lowtide.problems import Problem
from lowtide.record.dates import PartialDate, is_partial_date
from lowtide.record.entries.base import Body


class ReferralAnswer(msgspec.Struct, frozen=True):
    """One answer of the pre-screen with the words it was asked in; `answer` is its key, `said` its words."""

    question: str
    asked: str
    answer: str
    said: str


class Referral(Body, tag="referral.1", frozen=True, kw_only=True):
    """A person asked the clinic to contact them, and agreed that it keeps this. `consent` is the sentence agreed to.

    `urgent` says that an answer spoke of suicide. In the inbox until it is filed; the chart it went to has it too.
    """

    family: str
    given: str
    birth_date: PartialDate
    condition: str
    answers: tuple[ReferralAnswer, ...]
    urgent: bool
    consent: str
    version: str
    phone: str | None = None
    email: str | None = None
    preferred: str = ""

    def problems(self) -> Iterator[Problem]:
        if not self.family.strip() or not self.given.strip():
            yield Problem("the name is missing", "family", "Write your first and family name.")
        if not is_partial_date(self.birth_date):
            yield Problem("this is no date", "birth_date", "Write it as 14 Mar 1983.")
        if not (self.phone or self.email):
            yield Problem(
                "the clinic cannot reach you", "phone", "Write a telephone number or an e-mail address."
            )


class ReferralTaken(Body, tag="referral_taken.1", frozen=True, kw_only=True):
    """Somebody has read it and has it from now on: the entry's author."""

    item: UUID


CONTACTS = ("spoke", "no_answer", "message", "handed_over")


class ReferralContacted(Body, tag="referral_contacted.1", frozen=True, kw_only=True):
    """Somebody tried to reach the person: what came of it, and what was agreed. One line of the contact trail."""

    item: UUID
    outcome: str
    what: str = ""

    def problems(self) -> Iterator[Problem]:
        if self.outcome not in CONTACTS:
            yield Problem("it is not said what came of it", "outcome", f"One of: {', '.join(CONTACTS)}.")


class ReferralDeclined(Body, tag="referral_declined.1", frozen=True, kw_only=True):
    """No chart comes of it; the reason is the entry's."""

    item: UUID
