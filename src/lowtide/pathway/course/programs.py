"""What a risk programme (a REMS) still asks for before a product is given: the site's certification, the enrolment (pure).

The country of the clinic says which programmes stand before which product. Partial dates take the end that is worse
for the start of a session.
"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import msgspec

from lowtide.data.programs import programs, required
from lowtide.data.protocols import protocols
from lowtide.record.chart import Chart
from lowtide.record.dates import earliest, latest
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CoursePlanned, OrderSigned, ProgramEnrolled
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.clinic import SiteCertified
from lowtide.record.entries.words import day


class Lack(msgspec.Struct, frozen=True):
    """One thing that is missing: whose it is (`site` or `patient`), what, and how it is mended."""

    program: str
    whose: str
    what: str
    mend: str

    @property
    def id(self) -> str:
        return f"program_{self.whose}"


def certified(clinic: Chart, program: str) -> tuple[Entry, SiteCertified] | None:
    """The latest word on the site's certification."""
    return next(((e, b) for e, b in clinic.newest(SiteCertified) if b.program == program), None)


def enrolled(chart: Chart, program: str) -> tuple[Entry, ProgramEnrolled] | None:
    """The latest word on the patient's enrolment."""
    return next(((e, b) for e, b in chart.newest(ProgramEnrolled) if b.program == program), None)


def lacking(chart: Chart, clinic: Chart, country: str, product: str, on: date) -> list[Lack]:
    """Everything that keeps this product from being given on a day; nothing where no programme is asked for."""
    found: list[Lack] = []
    for key in required(country, product):
        found += [*_site(clinic, key, on), *patient_lacks(chart, key, on)]
    return found


def _site(clinic: Chart, key: str, on: date) -> Iterator[Lack]:
    known, label = certified(clinic, key), programs()[key].label
    mend = "Whoever manages the clinic records it under Clinic, risk programmes."
    if known is None:
        yield Lack(key, "site", f"the site’s certification in the {label} is not recorded", mend)
    elif latest(known[1].certified_on) > on:
        since = day(known[1].certified_on)
        yield Lack(key, "site", f"the site is certified in the {label} only from {since} on", mend)
    elif known[1].expires_on and earliest(known[1].expires_on) < on:
        until = day(known[1].expires_on)
        yield Lack(key, "site", f"the site’s certification in the {label} ended {until}", mend)


def patient_lacks(chart: Chart, key: str, on: date) -> Iterator[Lack]:
    """What the patient's enrolment lacks on a day."""
    known, label = enrolled(chart, key), programs()[key].label
    mend = "Record the enrolment with its date and proof."
    if known is None:
        yield Lack(key, "patient", f"the patient’s enrolment in the {label} is not recorded", mend)
    elif latest(known[1].enrolled_on) > on:
        since = day(known[1].enrolled_on)
        yield Lack(key, "patient", f"the patient is enrolled in the {label} only from {since} on", mend)
    elif known[1].ended_on and earliest(known[1].ended_on) <= on:
        until = day(known[1].ended_on)
        yield Lack(key, "patient", f"the patient’s enrolment in the {label} ended {until}", mend)


def product_of(chart: Chart, session: UUID) -> str:
    """The product of the session's course, or of its order; empty while neither is known."""
    booked = [b.course for e, b in chart.said(SessionScheduled) if e.session == session]
    for _, plan in chart.newest(CoursePlanned):
        if plan.course in booked or any(p.session == session for p in plan.sessions):
            return _product(plan.protocol)
    ordered = [b.protocol for e, b in chart.said(OrderSigned) if e.session == session]
    return _product(ordered[-1]) if ordered else ""


def _product(protocol: str) -> str:
    found = protocols().get(protocol)
    return found.product if found else ""
