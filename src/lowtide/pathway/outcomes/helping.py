"""What a patient is told beside crisis help: nobody watches live, and when the clinic is there again (pure)."""

import re
from datetime import datetime, timedelta

import msgspec

from lowtide.pathway.course import words
from lowtide.people.opening import Opening

LOOKED_AHEAD_DAYS = 21


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
    opens = opens_next(opening, now)
    until = f" It opens {words.when(opens, opening.zone, now)}." if opens else ""
    return f"The clinic is closed now.{until}"


def opens_next(opening: Opening, now: datetime) -> datetime | None:
    """The next instant at which the clinic opens; None where none is near."""
    today = now.astimezone(opening.zone).date()
    days = (today + timedelta(days=n) for n in range(LOOKED_AHEAD_DAYS))
    return next((opens for day in days for opens, _ in opening.on(day) if opens > now), None)
