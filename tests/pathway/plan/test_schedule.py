"""A course is laid on real time: never closer than the minimum interval, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.protocols import Schedule, protocols
from lowtide.pathway.plan.schedule import day_offsets, sessions_at

TEN = time(10)
ZONES = [ZoneInfo(name) for name in ("UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe")]
PLANNED = [p for p in protocols().values() if not p.reference_only]


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        (Schedule(sessions=6, per_week=2, weeks=3), (0, 3, 7, 10, 14, 17)),
        (Schedule(sessions=6, per_week=3, weeks=2), (0, 2, 4, 7, 9, 11)),
        (Schedule(sessions=3, per_week=1, weeks=3), (0, 7, 14)),
        (Schedule(sessions=3, every_days=1), (0, 1, 2)),
        (Schedule(sessions=1), (0,)),
        (Schedule(sessions=5, gaps_days=(7, 14, 21, 28)), (0, 7, 21, 42, 70)),
    ],
)
def test_a_rhythm_becomes_days(schedule: Schedule, days: tuple[int, ...]) -> None:
    assert day_offsets(schedule) == days


def test_the_first_session_is_on_the_first_day_at_the_clinics_hour() -> None:
    zone = ZoneInfo("America/New_York")
    first = sessions_at(Schedule(sessions=1), None, date(2026, 12, 1), TEN, zone)[0]
    assert first == datetime(2026, 12, 1, 15, tzinfo=UTC)


@pytest.mark.hazard("H024")
def test_the_hour_stays_the_same_on_the_wall_when_the_clocks_change() -> None:
    zone = ZoneInfo("America/New_York")
    weekly = sessions_at(Schedule(sessions=2, per_week=1), Decimal(48), date(2027, 3, 10), TEN, zone)
    assert [at.astimezone(zone).hour for at in weekly] == [10, 10]


@pytest.mark.hazard("H009")
def test_a_session_47_hours_later_across_a_clock_change_moves_to_48() -> None:
    zone = ZoneInfo("America/New_York")
    friday, sunday = sessions_at(Schedule(sessions=2, per_week=3), Decimal(48), date(2027, 3, 12), TEN, zone)
    assert sunday - friday == timedelta(hours=48)
    assert sunday.astimezone(zone).hour == 11


@pytest.mark.hazard("H009")
@given(st.sampled_from(PLANNED), st.dates(date(2026, 1, 1), date(2035, 12, 31)), st.sampled_from(ZONES))
def test_no_two_sessions_are_closer_than_the_minimum_interval(protocol, start, zone) -> None:
    instants = sessions_at(protocol.schedule, protocol.min_interval_h, start, TEN, zone)
    gaps = [after - before for before, after in pairwise(instants)]
    assert len(instants) == protocol.schedule.sessions
    assert all(gap >= timedelta(hours=float(protocol.min_interval_h)) for gap in gaps)
