"""The number on a label: which session it is of, and which of its containers (pure; hazards H001, H012).

Twelve digits follow from the session, two count the container (00 is the session's own sheet), the last two are a check
by ISO 7064 MOD 97-10: one wrong digit, or two that changed places, is a number that was misread and never another label.
"""

import re
from uuid import UUID

SESSION_DIGITS, SHEET = 12, 0
WHOLE = re.compile(r"\d{16}")


def code(session: UUID, number: int = SHEET) -> str:
    """The sixteen digits of one container of a session."""
    digits = f"{session.int % 10**SESSION_DIGITS:0{SESSION_DIGITS}}{number % 100:02}"
    return f"{digits}{98 - int(digits) * 100 % 97:02}"


def plain(typed: str) -> str:
    """What was scanned or typed, without blanks and hyphens."""
    return re.sub(r"[\s\-–.]", "", typed)


def grouped(digits: str) -> str:
    """The digits as a person reads them off: four by four."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def is_whole(typed: str) -> bool:
    """Whether this is the number of any label: sixteen digits that bear their check."""
    digits = plain(typed)
    return WHOLE.fullmatch(digits) is not None and int(digits) % 97 == 1


def is_of(session: UUID, typed: str) -> bool:
    """Whether a whole number is of this session, whichever container it names."""
    return plain(typed)[:SESSION_DIGITS] == code(session)[:SESSION_DIGITS]
