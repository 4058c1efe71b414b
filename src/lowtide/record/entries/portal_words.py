"""Entries of the patient's own place, in plain language (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

LABELS = {
    "portal_opened": "Own place opened",
    "portal_closed": "Own place closed",
    "message": "Message",
    "message_closed": "Message dealt with",
    "escort_named": "Escort named by the patient",
    "patient_request": "The patient asks",
    "patient_request_closed": "Request dealt with",
    "consent_confirmed": "Consent confirmed",
}
HOW = {"paper": "the link on paper", "aloud": "the code read aloud", "mail": "the link by e-mail"}
CLOSED = {
    "called": "called the patient",
    "spoken": "spoken about at the visit",
    "elsewhere": "handed over to somebody else",
    "nothing": "nothing to do",
}
ASKED = {
    "stop_treatment": "to stop the treatment",
    "close_access": "to close their own place",
    "correct": "to have something put right",
    "other": "for something else",
}
CAPACITY = {"yes": "the patient understands it and can decide it", "no": "the patient cannot decide it today"}


def _then(first: str, more: str) -> str:
    return f"{first}: {more}" if more else first


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "portal_opened": lambda b, z: HOW.get(b.how, b.how),
    "portal_closed": lambda b, z: "no link or device opens it",
    "message": lambda b, z: f"{b.text}{' (crisis words: ' + ', '.join(b.crisis) + ')' if b.crisis else ''}",
    "message_closed": lambda b, z: _then(CLOSED.get(b.how, b.how), b.note),
    "escort_named": lambda b, z: b.text,
    "patient_request": lambda b, z: _then(ASKED.get(b.what, b.what), b.text),
    "patient_request_closed": lambda b, z: b.outcome,
    "consent_confirmed": lambda b, z: CAPACITY.get(
        b.capacity.value, "not known whether the patient can decide"
    ),
}
