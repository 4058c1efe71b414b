"""Who takes somebody home from a session, as last said: by the clinic at the booking, or by the patient (pure)."""

import re
from collections.abc import Iterable
from uuid import UUID

from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.portal import EscortNamed

NUMBER = re.compile(
    r"[\s,;:(/-]*(?:\b(?:tel|telephone|phone|mobile|cell|no|nr)\b\.?[\s:]*)?\+?\(?\d(?:[\s()/.-]*\d){4,}\)?",
    re.IGNORECASE,
)  # with the words and signs that lead to it


def name_of(said: str) -> str:
    """Who it is without the telephone number, as a sentence names them; empty where only a number was written."""
    return NUMBER.sub("", said).strip(" ,;:")


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
