"""Out of hours a patient is told that the clinic is closed, and when it opens (hazard H026)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from lowtide.pathway.outcomes.helping import help_now
from lowtide.people.opening import Opening
from lowtide.record.entries.clinic import ClosedDays, OpenSpan

ZONE = ZoneInfo("Europe/Berlin")
WEEK = tuple(OpenSpan(day, "08:00", "18:00") for day in range(5))
OPENING = Opening(WEEK, (), ZONE, stated=True)
FRIDAY = datetime(2026, 11, 27, 12, 0, tzinfo=ZONE)


@pytest.mark.hazard("H026")
@pytest.mark.parametrize(
    ("hour", "day", "opens"),
    [
        (23, 27, "Mon 30 Nov, 08:00"),
        (7, 27, "today 08:00"),
        (12, 28, "Mon 30 Nov, 08:00"),
        (12, 29, "tomorrow 08:00"),
    ],
)
def test_while_it_is_closed_help_says_when_the_clinic_opens(hour: int, day: int, opens: str) -> None:
    found = help_now(OPENING, FRIDAY.replace(day=day, hour=hour))
    assert found.closed == f"The clinic is closed now. It opens {opens}."
    assert found.watch.startswith("Nobody watches this live.")


def test_while_it_is_open_and_where_no_hours_were_said_nothing_is_claimed() -> None:
    assert help_now(OPENING, FRIDAY).closed == ""
    unstated = msgspec.structs.replace(OPENING, stated=False)
    assert help_now(unstated, FRIDAY.replace(hour=23)).closed == ""
    assert "nobody watches it live" in help_now(unstated, FRIDAY).watch


def test_closed_days_are_passed_over_and_an_endless_closure_names_no_day() -> None:
    monday = ClosedDays(first=datetime(2026, 11, 30).date(), last=datetime(2026, 11, 30).date(), why="")  # noqa: DTZ001
    late = FRIDAY.replace(hour=20)
    shut = msgspec.structs.replace(OPENING, closed=(monday,))
    assert help_now(shut, late).closed.endswith("It opens Tue 1 Dec, 08:00.")
    for_good = msgspec.structs.replace(monday, last=datetime(2027, 11, 30).date())  # noqa: DTZ001
    assert (
        help_now(msgspec.structs.replace(OPENING, closed=(for_good,)), late).closed
        == "The clinic is closed now."
    )


@pytest.mark.parametrize(
    ("line", "dial"), [("555 0142 (invented)", "5550142"), ("+49 800 111", "+49800111"), ("", "")]
)
def test_the_crisis_line_is_dialled_by_its_digits(line: str, dial: str) -> None:
    assert help_now(OPENING, FRIDAY, line).dial == dial
