"""How long ago something was, from a date that may be partial."""

import calendar
import re
from datetime import date

from lowtide.data.expression import Span
from lowtide.problems import bad


def days_ago(at: str | int, on: date) -> Span:
    """Days from `at` to `on`. A partial date gives every day it may mean; conditions on it take the worse end.

    What lies after `on` counts as today. Raises BadInput for what is no date.
    """
    if isinstance(at, int):
        return Span(at, at, cautious=True)
    first, last = date_range(at)
    return Span(max(0, (on - last).days), max(0, (on - first).days), cautious=True)


def date_range(text: str) -> tuple[date, date]:
    """First and last day that `2024-05-06`, `2024-05`, `2024` (or an instant on a day) may mean."""
    match = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T.*)?)?)?", text.strip())
    if not match:
        raise bad(f"“{text}” is not a date", "date", "Write 2024-05-06, 2024-05 or 2024.")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        first = date(year, month or 1, day or 1)
        last_month = month or 12
        return first, date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    except ValueError:
        raise bad(f"“{text}” is not a date", "date", "Write 2024-05-06, 2024-05 or 2024.") from None
