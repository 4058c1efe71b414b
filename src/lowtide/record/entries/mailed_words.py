"""What entries about reminders by e-mail are called and what one of them says, in a line (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

LABELS = {
    "reminder_mailed": "Reminder by e-mail",
    "reminder_outcome": "What became of a reminder",
    "reminders_chosen": "Reminders wanted",
    "language_chosen": "Language of the patient’s own pages",
}
ABOUT = {"visit": "the visit", "questions": "questions to answer"}
HOW = {
    "sent": "taken by the mail server",
    "refused": "the mail server refused the address",
    "failed": "the mail server did not take it",
    "returned": "the mail came back",
}


def about(names: tuple[str, ...]) -> str:
    return " and ".join(ABOUT.get(name, name) for name in names)


def _outcome(b: Any, zone: tzinfo) -> str:
    told = HOW.get(b.how, b.how)
    return f"{told}: {b.said}" if b.said else told


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "reminder_mailed": lambda b, z: f"of {about(b.about)}, to {b.address}",
    "reminder_outcome": _outcome,
    "language_chosen": lambda b, z: b.language,
    "reminders_chosen": lambda b, z: "yes, by e-mail" if b.on else "no, none by e-mail",
}
