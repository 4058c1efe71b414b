"""The clinic's own facts, read from its stream: name, zone, crisis line, chairs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Chair, Clinic

CLINIC = "clinic:main"
INBOX = "inbox:main"
UTC_ZONE = ZoneInfo("UTC")


_known: ContextVar[tuple[Chart, Clinic | None] | None] = ContextVar("clinic", default=None)


def this_clinic() -> Clinic | None:
    """What the clinic says of itself; None before it was set up."""
    return (_known.get() or _read())[1]


def clinic_chart() -> Chart:
    """The clinic's stream as it was when the request came in."""
    return (_known.get() or _read())[0]


@contextmanager
def remembered() -> Iterator[None]:
    """Within a request the clinic is asked for once."""
    token = _known.set(_read())
    try:
        yield
    finally:
        _known.reset(token)


def _read() -> tuple[Chart, Clinic | None]:
    chart = store.load(CLINIC)
    found = chart.last(Clinic)
    return chart, found[1] if found else None


def zone() -> ZoneInfo:
    """The zone that rules the calendar here."""
    clinic = this_clinic()
    return ZoneInfo(clinic.zone) if clinic else UTC_ZONE


def chairs() -> list[tuple[Entry, Chair]]:
    """The latest word on each chair, those in use first, by label."""
    latest = {body.chair: (entry, body) for entry, body in store.load(CLINIC).said(Chair)}
    return sorted(latest.values(), key=lambda pair: (not pair[1].active, pair[1].label))
