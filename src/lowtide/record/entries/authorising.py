"""Entries about whether a payer agrees to a treatment before it is given: asked, answered, objected, not needed.

The entry with which a payer was asked is the case that the others name. What is None is not known.
"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from lowtide.problems import Problem
from lowtide.record.entries.base import Body

GRANTED, DENIED, MORE, WITHDRAWN = "granted", "denied", "more", "withdrawn"
ANSWERS = {
    GRANTED: "agreed",
    DENIED: "refused",
    MORE: "asked for more",
    WITHDRAWN: "taken back by the clinic",
}


class AuthorisationAsked(Body, tag="authorisation_asked.1", frozen=True, kw_only=True):
    """A payer was asked to agree to `sessions` of a product; `reference` is the number of the request."""

    payer: str
    product: str
    sessions: int | None = None
    how: str | None = None
    reference: str | None = None

    def problems(self) -> Iterator[Problem]:
        if not self.payer.strip():
            yield Problem("the payer is missing", "payer", "Write who was asked.")
        yield from _counted(self.sessions)


class AuthorisationAnswered(Body, tag="authorisation_answered.1", frozen=True, kw_only=True):
    """What the payer said to the request `case`, or that it was taken back.

    Granted: for `sessions` from `first` to `last`, under `number`. Denied: `why`, and the last day on which an objection
    is heard. Asked for more: `why` is what they want, `by` until when.
    """

    case: UUID
    answer: str
    number: str | None = None
    sessions: int | None = None
    first: date | None = None
    last: date | None = None
    why: str | None = None
    by: date | None = None

    def problems(self) -> Iterator[Problem]:
        if self.answer not in ANSWERS:
            yield Problem(f"“{self.answer}” is no answer", "answer", "Choose one of the list.")
        if self.answer == GRANTED and self.last is None:
            yield Problem(
                "until when they agreed is missing", "last", "Write the last day that their letter names."
            )
        if self.answer == DENIED and not (self.why or "").strip():
            yield Problem("why they refused is missing", "why", "Write the reason that they gave.")
        if self.answer == MORE and not (self.why or "").strip():
            yield Problem("what they want is missing", "why", "Write what they asked for.")
        if self.first and self.last and self.last < self.first:
            yield Problem("the last day is before the first", "last", "Look at the letter again.")
        yield from _counted(self.sessions)


class AuthorisationAppealed(Body, tag="authorisation_appealed.1", frozen=True, kw_only=True):
    """The clinic objected to a refusal; the payer's next answer closes it."""

    case: UUID
    how: str | None = None
    reference: str | None = None


class AuthorisationNotNeeded(Body, tag="authorisation_not_needed.1", frozen=True, kw_only=True):
    """This payer need not agree before this product is given; how that is known is the entry's reason."""

    product: str
    payer: str | None = None


def _counted(sessions: int | None) -> Iterator[Problem]:
    if sessions is not None and sessions < 1:
        yield Problem(
            "sessions are counted from 1", "sessions", "Leave it empty where the letter names no number."
        )
