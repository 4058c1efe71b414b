"""Entries of the clinic, the calendar, the inbox, and of the record itself."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

import msgspec

from lowtide.problems import Problem
from lowtide.record.dates import PartialDate
from lowtide.record.entries.base import Body, date_problems, proof_problems

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


class Clinic(Body, tag="clinic.1", frozen=True, kw_only=True):
    """The clinic's own facts; `zone` is an IANA zone id and rules the calendar."""

    name: str
    zone: str
    country: str
    crisis_line: str
    demo: bool = False


class Staff(Body, tag="staff.1", frozen=True, kw_only=True):
    """A member of staff: who, which roles, which sign-in; a change is a correction."""

    staff: UUID
    name: str
    roles: tuple[str, ...]
    login: str
    active: bool = True
    clinical_lead: bool = False


class Chair(Body, tag="chair.1", frozen=True, kw_only=True):
    chair: str
    label: str
    active: bool = True


class OpenSpan(msgspec.Struct, frozen=True):
    """One stretch of a weekday (Monday = 0) by the clinic's clock; a day may have several."""

    weekday: int
    opens: str
    closes: str


class OpeningHours(Body, tag="opening_hours.1", frozen=True, kw_only=True):
    """The clinic's weekly hours from now on; a weekday without a span is closed."""

    spans: tuple[OpenSpan, ...]

    def problems(self) -> Iterator[Problem]:
        yield from (problem for span in self.spans for problem in _span_problems(span.opens, span.closes))


def _span_problems(opens: str, closes: str) -> Iterator[Problem]:
    if not (CLOCK.fullmatch(opens) and CLOCK.fullmatch(closes)):
        yield Problem("this is no time of day", "spans", "Write times like 08:30.")
    elif opens >= closes:
        yield Problem(f"{closes} is not after {opens}", "spans", "Enter the opening first.")


class ClosedDays(Body, tag="closed_days.1", frozen=True, kw_only=True):
    """Days on which the clinic is closed whatever the week says, first and last included."""

    first: date
    last: date
    why: str

    def problems(self) -> Iterator[Problem]:
        if self.last < self.first:
            yield Problem("the last day is before the first", "last", "Swap the two days.")


class NursesOn(msgspec.Struct, frozen=True):
    """How many people watch chairs in one stretch of a weekday (Monday = 0)."""

    weekday: int
    opens: str
    closes: str
    count: int


class NursesSet(Body, tag="nurses_set.1", frozen=True, kw_only=True):
    """How many people watch chairs through the week from now on; a time outside every stretch has nobody."""

    spans: tuple[NursesOn, ...]

    def problems(self) -> Iterator[Problem]:
        for span in self.spans:
            yield from _span_problems(span.opens, span.closes)
            if span.count < 0:
                yield Problem("there cannot be fewer than nobody", "spans", "Write 0 where nobody is there.")


class PolicyAdopted(Body, tag="policy_adopted.1", frozen=True, kw_only=True):
    """The clinic works under this policy from now on, with its own values for single numbers."""

    policy: str
    version: str
    overrides: dict[str, str] = {}


class NumberApproved(Body, tag="number_approved.1", frozen=True, kw_only=True):
    """The clinical lead takes responsibility for a number that no source backs, or that gates care.

    `told` is what stood on the page, `meaning` what the signature says.
    """

    number: str
    value: str
    told: str = ""
    printed_name: str = ""
    meaning: str = ""


class NumberChanged(Body, tag="number_changed.1", frozen=True, kw_only=True):
    """The clinical lead sets the clinic's own value of one number, and takes responsibility for it.

    Where the number is one of several in a row, `row` names it and `stands` is the row as it stands with this value.
    """

    number: str
    value: str
    was: str
    told: str
    printed_name: str
    meaning: str
    row: str = ""
    stands: str = ""


class NumberPostponed(Body, tag="number_postponed.1", frozen=True, kw_only=True):
    """The clinical lead has looked at a number and does not decide yet: it stays unapproved."""

    number: str
    value: str
    told: str
    printed_name: str
    meaning: str


class RiskAccepted(Body, tag="risk_accepted.1", frozen=True, kw_only=True):
    """The medical director accepts what remains of a hazard in this clinic, as it `stands`: another estimate or
    control asks for another signature. `told` is what stood on the page; an acceptance is withdrawn by a correction.
    """

    hazard: str
    stands: str
    told: str
    printed_name: str
    meaning: str


class SiteCertified(Body, tag="site_certified.1", frozen=True, kw_only=True):
    """The clinic is certified in a risk programme; `certificate` names the proof. A renewal is another entry."""

    program: str
    certificate: str
    certified_on: PartialDate
    expires_on: PartialDate | None = None

    def problems(self) -> Iterator[Problem]:
        yield from proof_problems(self.program, self.certificate, "certificate")
        yield from date_problems(self, "certified_on", "expires_on")


class Booked(Body, tag="booked.1", frozen=True, kw_only=True):
    """A chair is taken from one instant to another; a move is a correction, a release a retraction."""

    chart: str
    session_id: UUID
    chair: str
    starts_at: datetime
    ends_at: datetime


class Received(Body, tag="received.1", frozen=True, kw_only=True):
    """A file or message that arrived; what came of each part is said by its own entries."""

    name: str
    digest: str
    summary: str


class Filed(Body, tag="filed.1", frozen=True, kw_only=True):
    """Something kept in the inbox was put into a chart."""

    item: UUID
    chart: str


class FhirResource(Body, tag="fhir_resource.1", frozen=True, kw_only=True):
    """A FHIR resource exactly as it arrived. `derived` says how many typed entries came of it."""

    resource_type: str
    resource_id: str
    system: str
    json: str
    derived: int = 0
    kept_because: str | None = None


class EnteredInError(Body, tag="entered_in_error.1", frozen=True, kw_only=True):
    """The entry this one corrects should never have been written (here); `now_in` names where it went."""

    now_in: str | None = None


class Redaction(Body, tag="redaction.1", frozen=True, kw_only=True):
    """The body of entry `entry` was removed, by two named people, on a legal basis."""

    entry: UUID
    second_person: str
    legal_basis: str
