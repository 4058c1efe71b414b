"""Entries about what leaves the house: documents sent, failed and acknowledged; whom they go to, what they cost."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from lowtide.problems import Problem
from lowtide.record.entries.base import Answer, Body


class DocumentSent(Body, tag="document_sent.1", frozen=True, kw_only=True):
    """A document of the session went out: to whom, by which way, under which number of the other side.

    `document` names it, `version` the table it was made by. `digest` is the fingerprint of what it said and `known`
    (stream -> seq) what it was made from: whoever asks later what was sent makes it again.
    """

    document: str
    version: str
    to: str
    how: str
    digest: str
    known: dict[str, int]
    reference: str | None = None

    def problems(self) -> Iterator[Problem]:
        if not self.to.strip():
            yield Problem("the recipient is missing", "to", "Write who gets it.")


class DocumentFailed(Body, tag="document_failed.1", frozen=True, kw_only=True):
    """A document did not arrive: a try that failed, or `sending`, which came back; why is the entry's reason."""

    document: str
    to: str
    how: str
    sending: UUID | None = None


class DocumentAcknowledged(Body, tag="document_acknowledged.1", frozen=True, kw_only=True):
    """The other side has the document that `sending` sent; `receipt` is how they say so."""

    document: str
    sending: UUID
    receipt: str

    def problems(self) -> Iterator[Problem]:
        if not self.receipt.strip():
            yield Problem("the receipt is missing", "receipt", "Write its number, or who confirmed it.")


class DocumentWaived(Body, tag="document_waived.1", frozen=True, kw_only=True):
    """This document of the session goes to nobody; why is the entry's reason."""

    document: str


class Correspondent(Body, tag="correspondent.1", frozen=True, kw_only=True):
    """The clinician elsewhere who gets letters about this patient; the latest one stands.

    `agreed`: whether the patient agreed that letters go there.
    """

    name: str
    role: str
    agreed: Answer
    address: str | None = None
    phone: str | None = None
    fax: str | None = None

    def problems(self) -> Iterator[Problem]:
        if not self.name.strip():
            yield Problem("the name is missing", "name", "Write who gets the letters.")


class Coverage(Body, tag="coverage.1", frozen=True, kw_only=True):
    """Who pays: `payer_kind` is a word of the table of bills; the latest one stands."""

    payer_kind: str
    payer: str | None = None
    member: str | None = None


class Letterhead(Body, tag="letterhead.1", frozen=True, kw_only=True):
    """What stands on the clinic's papers beside its name; a change is another entry. `numbers`: what it is called
    elsewhere (provider number, tax number)."""

    address: str
    city: str
    region: str | None = None
    postcode: str | None = None
    phone: str | None = None
    fax: str | None = None
    email: str | None = None
    numbers: dict[str, str] = {}


class PriceSet(Body, tag="price_set.1", frozen=True, kw_only=True):
    """The clinic's own price for one unit of a code from a day on; exact money."""

    code: str
    price: Decimal
    currency: str
    valid_from: date

    def problems(self) -> Iterator[Problem]:
        if self.price < 0:
            yield Problem("a price cannot be negative", "price", "Write what one unit costs.")
        if not (len(self.currency) == 3 and self.currency.isupper()):
            yield Problem("this is no currency", "currency", "Write it as USD or EUR.")
