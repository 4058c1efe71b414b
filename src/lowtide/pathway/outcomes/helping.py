"""What a patient is told beside crisis help: nobody watches live, and when the clinic is there again (pure)."""

import re
from datetime import datetime

import msgspec

from lowtide.pathway.course import words
from lowtide.people.opening import Opening


class Help(msgspec.Struct, frozen=True):
    """`closed` says that the clinic is closed now and when it opens; empty while it is open, and where it never said
    its hours. `watch` is the short line beside every questionnaire; `dial` is the crisis line as a telephone takes it."""

    closed: str
    watch: str
    dial: str


def help_now(opening: Opening, now: datetime, crisis_line: str = "") -> Help:
    closed = _closed(opening, now) if opening.stated else ""
    dial = "".join(re.findall(r"[+\d]", crisis_line))
    if closed:
        return Help(closed, f"Nobody watches this live. {closed}", dial)
    return Help("", "Read on working days; nobody watches it live.", dial)


def _closed(opening: Opening, now: datetime) -> str:
    """Closed now, and until when; nothing while the clinic is open."""
    if opening.holds(now, now):
        return ""
    opens = opening.opens_next(now)
    until = f" It opens {words.when(opens, opening.zone, now)}." if opens else ""
    return f"The clinic is closed now.{until}"
