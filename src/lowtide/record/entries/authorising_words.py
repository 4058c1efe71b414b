"""Entries about a payer's agreement, in plain language (pure)."""

from collections.abc import Callable
from datetime import date, tzinfo
from typing import Any

from lowtide.data.vocabulary import label
from lowtide.record.entries.authorising import ANSWERS, DENIED, GRANTED
from lowtide.record.entries.calendar_words import day

LABELS = {
    "authorisation_asked": "Payer asked",
    "authorisation_answered": "Payer answered",
    "authorisation_appealed": "Objection sent",
    "authorisation_not_needed": "No agreement needed",
}


def _join(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)


def count(sessions: int | None) -> str:
    if sessions is None:
        return ""
    return f"{sessions} session{'' if sessions == 1 else 's'}"


def _until(last: date | None) -> str:
    return f"until {day(last.isoformat())}" if last else ""


def answered(b: Any) -> str:
    """“agreed, 8 sessions, until 3 Mar 2027, number 4711”."""
    said = ANSWERS.get(b.answer, b.answer)
    if b.answer == GRANTED:
        since = f"from {day(b.first.isoformat())}" if b.first else ""
        return _join(said, count(b.sessions), since, _until(b.last), f"number {b.number}" if b.number else "")
    by = f"objection by {day(b.by.isoformat())}" if b.answer == DENIED and b.by else ""
    by = by or (f"by {day(b.by.isoformat())}" if b.by else "")
    return _join(f"{said}: {b.why}" if b.why else said, by)


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "authorisation_asked": lambda b, z: _join(
        b.payer, label("product", b.product), count(b.sessions), b.how, b.reference
    ),
    "authorisation_answered": lambda b, z: answered(b),
    "authorisation_appealed": lambda b, z: _join("objection", b.how, b.reference),
    "authorisation_not_needed": lambda b, z: _join(b.payer, label("product", b.product)),
}
