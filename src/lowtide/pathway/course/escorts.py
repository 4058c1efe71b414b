"""Who takes somebody home from a session, as last said: by the clinic at the booking, or by the patient (pure)."""

from collections.abc import Iterable
from uuid import UUID

from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.portal import EscortNamed


def escort(chart: Chart, session: UUID) -> str:
    """Name and telephone in one line; empty where nobody was named."""
    return last_said(chart.session(session))


def last_said(entries: Iterable[Entry]) -> str:
    """The last word among a session's entries in fold order. A booking that names nobody takes nothing back."""
    found = ""
    for entry in entries:
        if isinstance(entry.body, EscortNamed):
            found = entry.body.text
        elif isinstance(entry.body, SessionScheduled):
            found = entry.body.escort or found
    return found
