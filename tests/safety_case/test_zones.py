"""A session is the same wherever the clinic stands, and on the nights in which its clock is put forward or back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lowtide.data import monitoring
from lowtide.pathway.session.forms import wall_time
from lowtide.pathway.session.rules.due import due_items, observe_until
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.record.entries.base import Entry
from tests.pathway.session.conftest import Care, register

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "Europe/Berlin",
    "Australia/Sydney",
    "Australia/Lord_Howe",  # by half an hour
    "Asia/Kolkata",  # never
)
ORDINARY = datetime(2027, 6, 15, 10, tzinfo=UTC)


def changes(zone: str) -> list[datetime]:
    """The instants of 2027 at which this clock jumps; where it never does, those of Berlin."""
    here, hour = ZoneInfo(zone), timedelta(hours=1)
    hours = [datetime(2027, 1, 1, tzinfo=UTC) + n * hour for n in range(365 * 24)]
    found = [
        at for at in hours if (at - hour).astimezone(here).utcoffset() != at.astimezone(here).utcoffset()
    ]
    return found or changes("Europe/Berlin")


NIGHTS = [(zone, at) for zone in ZONES for at in changes(zone)]
each_night = pytest.mark.parametrize(
    ("clinic_zone", "change"), NIGHTS, ids=[f"{zone} {at:%B}" for zone, at in NIGHTS]
)


def test_each_of_six_clocks_has_two_nights() -> None:
    assert len({zone for zone, _ in NIGHTS}) == 6
    assert len(NIGHTS) == 12


def ran(start: datetime) -> Care:
    """An infusion from `start`: paused, gone on with, and two sets of readings, the second on time."""
    care = register(start)
    care.prepare()
    care.begin()
    care.measure(9)
    care.measure(31)
    return care


def told(care: Care) -> list[tuple[str, float, str]]:
    """What is due when, in minutes from the start, and how it stands an hour later."""
    now = care.at(61)
    facts = session_facts(care.chart, care.session)
    items = due_items(facts, monitoring.items(), now)
    return [(d.parameter.id, (d.due_at - care.start).total_seconds() / 60, str(d.status(now))) for d in items]


@pytest.mark.hazard("H024")
@each_night
def test_what_is_due_at_the_chair_does_not_know_the_clock_on_the_wall(
    clinic: Entry, change: datetime
) -> None:
    night, ordinary = ran(change - timedelta(minutes=20)), ran(ORDINARY)
    assert told(night) == told(ordinary) != []


@pytest.mark.hazard("H024")
@each_night
def test_nobody_is_kept_an_hour_less_or_more(clinic: Entry, change: datetime) -> None:
    night, ordinary = ran(change - timedelta(minutes=20)), ran(ORDINARY)
    stays = [
        (observe_until(session_facts(care.chart, care.session), monitoring.items()) or care.start)
        - care.start
        for care in (night, ordinary)
    ]
    assert stays[0] == stays[1] > timedelta(hours=1)


@pytest.mark.hazard("H024")
@each_night
@pytest.mark.parametrize("ago", [1, 5, 12, 29])
def test_a_time_typed_late_is_the_nearer_one_in_the_hour_that_comes_twice(
    clinic_zone: str, change: datetime, ago: int
) -> None:
    zone, now = ZoneInfo(clinic_zone), change + timedelta(minutes=30)
    then = now - timedelta(minutes=ago)
    assert wall_time(f"{then.astimezone(zone):%H:%M}", now, zone) == then
