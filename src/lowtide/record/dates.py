"""Clinical dates that may be partial (`2012`, `2012-05`, `2012-05-17`) and keep their precision."""

import calendar
import re
from datetime import UTC, date, datetime
from typing import Annotated

import msgspec

PATTERN = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"
PartialDate = Annotated[str, msgspec.Meta(pattern=PATTERN)]


def is_partial_date(value: str) -> bool:
    """True for a year, a month or a day that exists in the calendar."""
    if not re.match(PATTERN, value):
        return False
    try:
        earliest(value)
    except ValueError:
        return False
    return True


def earliest(value: PartialDate) -> date:
    """The first day the partial date can mean."""
    parts = [int(p) for p in value.split("-")]
    return date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)


def latest(value: PartialDate) -> date:
    """The last day the partial date can mean."""
    parts = [int(p) for p in value.split("-")]
    month = parts[1] if len(parts) > 1 else 12
    day = parts[2] if len(parts) > 2 else calendar.monthrange(parts[0], month)[1]
    return date(parts[0], month, day)


def days_between(value: PartialDate, on: date) -> tuple[int, int]:
    """(fewest, most) days from the partial date to `on`; a rule takes the end worse for eligibility."""
    return (on - latest(value)).days, (on - earliest(value)).days


def age_years(born: PartialDate, on: date) -> tuple[int, int]:
    """(youngest, oldest) age in whole years on a day."""
    return _years(latest(born), on), _years(earliest(born), on)


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def months_later(day: date, months: int) -> date:
    """The same day of a later month; the last one of a month that is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def instant(value: datetime) -> str:
    """An instant as fixed-width UTC text: sorts as it should on every engine."""
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
