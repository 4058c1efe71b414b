"""The clinic's own facts, read from its stream: name, zone, crisis line, chairs."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Chair, Clinic

CLINIC = "clinic:main"
CALENDAR = "calendar:main"
INBOX = "inbox:main"
UTC_ZONE = ZoneInfo("UTC")


_known: ContextVar[tuple[Chart, Clinic | None] | None] = ContextVar("clinic", default=None)


def this_clinic() -> Clinic | None:
    """What the clinic says of itself; None before it was set up."""
    return (_known.get() or _read())[1]


def clinic_chart() -> Chart:
    """The clinic's stream as it was when the request came in."""
    return (_known.get() or _read())[0]


Laying = Callable[[Chart], AbstractContextManager[None]]
_laying: list[Laying] = []


def lay_within_requests(laying: Laying) -> None:
    """What else stands for the time of a request, made from the clinic's stream: its own numbers."""
    _laying[:] = [laying]


@contextmanager
def remembered() -> Iterator[None]:
    """Within a request the clinic is asked for once, and its numbers are laid over the tables."""
    read = _read()
    token = _known.set(read)
    try:
        with _laying[0](read[0]) if _laying else nullcontext():
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
    """The latest word on each chair, those in use first, by label, 2 before 10."""
    latest = {body.chair: (entry, body) for entry, body in clinic_chart().said(Chair)}
    return sorted(latest.values(), key=lambda pair: (not pair[1].active, natural(pair[1].label)))


def natural(label: str) -> list[tuple[bool, int, str]]:
    """What a label is sorted by, so that chair 2 comes before chair 10."""
    parts = re.split(r"([0-9]+)", label.casefold())
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]
