"""Dates that can be held: within the hours, on a free chair, when the person can come, never too close."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data.protocols import protocol, protocols
from lowtide.pathway.course.placing import Room, Taken
from lowtide.pathway.course.staying import length
from lowtide.pathway.plan.schedule import fitted
from lowtide.pathway.plan.therapy import beside
from lowtide.people.opening import Opening, usual
from lowtide.problems import BadInput
from lowtide.record.entries.care import Availability, Away
from lowtide.record.entries.clinic import ClosedDays, OpenSpan

BERLIN = ZoneInfo("Europe/Berlin")
TEN = time(10)
PLANNED = [p for p in protocols().values() if not p.reference_only]


def week(*weekdays: int, opens: str = "08:00", closes: str = "18:00") -> tuple[OpenSpan, ...]:
    return tuple(OpenSpan(day, opens, closes) for day in weekdays or range(5))


def room(
    *closed: ClosedDays,
    spans: tuple[OpenSpan, ...] | None = None,
    chairs: tuple[str, ...] = ("1",),
    taken: tuple[Taken, ...] = (),
    availability: Availability | None = None,
    zone: ZoneInfo = BERLIN,
) -> Room:
    opening = Opening(spans or week(), closed, zone, stated=True)
    return Room(opening=opening, chairs=chairs, taken=taken, availability=availability)


def days(found: object) -> list[str]:
    return [f"{p.at.astimezone(BERLIN):%d %b %H:%M}" for p in found]  # type: ignore[attr-defined]


def test_a_closed_day_moves_the_session_and_says_why() -> None:
    christmas = ClosedDays(first=date(2026, 12, 25), last=date(2026, 12, 25), why="Christmas Day")
    found = fitted(protocol("P05"), date(2026, 12, 22), TEN, room(christmas))
    assert (
        found[1].moved
        == "closed 25 Dec (Christmas Day); closed on Saturdays; closed on Sundays; moved to 28 Dec"
    )
    assert days(found)[:2] == ["22 Dec 10:00", "28 Dec 10:00"]


def test_days_away_and_weekdays_that_never_suit_are_respected() -> None:
    said = Availability(away=(Away(date(2026, 12, 1), date(2026, 12, 1), "work"),), never=(3,))
    found = fitted(protocol("P05"), date(2026, 12, 1), TEN, room(availability=said))
    assert found[0].moved == "away 1 Dec (work); moved to 2 Dec"
    assert all(p.at.astimezone(BERLIN).weekday() != 3 for p in found)


def test_the_hours_a_person_likes_come_first() -> None:
    said = Availability(from_time="13:00", to_time="15:00")
    found = fitted(protocol("P05"), date(2026, 12, 1), TEN, room(availability=said))
    assert all(time(13) <= p.at.astimezone(BERLIN).time() <= time(15) for p in found)


@pytest.mark.hazard("H008")
def test_a_taken_chair_moves_the_hour_or_the_day() -> None:
    at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    taken = (Taken("1", at - timedelta(minutes=30), at + timedelta(minutes=160)),)
    found = fitted(protocol("P05"), date(2026, 12, 1), TEN, room(taken=taken))
    assert found[0].at.astimezone(BERLIN).time() == time(13, 15)
    assert found[0].moved == "no chair is free at 10:00"
    whole = (Taken("1", at - timedelta(hours=5), at + timedelta(hours=12)),)
    next_day = fitted(protocol("P05"), date(2026, 12, 1), TEN, room(taken=whole))
    assert next_day[0].moved == "no chair is free on 1 Dec; moved to 2 Dec"


def test_a_stay_longer_than_any_day_begins_within_the_hours() -> None:
    assert days(fitted(protocol("P17"), date(2026, 12, 5), TEN, room())) == ["07 Dec 10:00"]


def test_no_day_at_all_is_said_with_its_reason() -> None:
    gone = Availability(away=(Away(date(2026, 1, 1), date(2030, 1, 1), "abroad"),))
    with pytest.raises(BadInput, match="no day was found for session 1 within 90 days"):
        fitted(protocol("P05"), date(2026, 12, 1), TEN, room(availability=gone))


def test_psychotherapy_stands_beside_the_doses() -> None:
    doses = [p.at for p in fitted(protocol("P05"), date(2026, 12, 1), TEN, room())]
    made = beside(doses, room(), datetime(2026, 11, 20, 8, tzinfo=UTC))
    before = [t for t in made if t.kind == "preparation"]
    after = [t for t in made if t.kind == "integration"]
    assert [t.planned_at < doses[0] for t in before] == [True, True]
    assert [t.number for t in after] == [1, 2, 3, 4, 5, 6]
    assert all(t.planned_at > doses[t.number - 1] for t in after)


def test_a_preparation_that_no_longer_fits_is_left_out() -> None:
    doses = [datetime(2026, 12, 1, 9, tzinfo=UTC)]
    made = beside(doses, room(), datetime(2026, 12, 1, 8, tzinfo=UTC))
    assert [t.kind for t in made] == ["integration"]


busy = st.lists(
    st.builds(
        lambda chair, day, hour: Taken(
            chair,
            datetime(2026, 3, 20, hour, tzinfo=UTC) + timedelta(days=day),
            datetime(2026, 3, 20, hour, tzinfo=UTC) + timedelta(days=day, hours=3),
        ),
        st.sampled_from(["1", "2"]),
        st.integers(0, 30),
        st.integers(5, 18),
    ),
    max_size=40,
)


@pytest.mark.hazard("H009")
@pytest.mark.hazard("H024")
@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(PLANNED),
    st.dates(date(2026, 3, 20), date(2026, 4, 10)),
    busy,
    st.lists(st.dates(date(2026, 3, 20), date(2026, 5, 1)), max_size=5),
    st.sets(st.integers(0, 6), min_size=2),
    st.sampled_from([BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")]),
)
def test_no_date_breaks_a_rule_and_the_same_question_has_the_same_answer(
    plan, start, taken, shut, open_on, zone
) -> None:
    closed = tuple(ClosedDays(first=day, last=day, why="") for day in shut)
    asked = room(*closed, spans=week(*open_on), chairs=("1", "2"), taken=tuple(taken), zone=zone)
    found = fitted(plan, start, TEN, asked)
    keeps = length(plan)
    assert found == fitted(plan, start, TEN, asked)
    for before, after in pairwise(found):
        assert after.at - before.at >= timedelta(hours=float(plan.min_interval_h or 0))
    for one in found:
        begins, ends = one.at - keeps.before, one.at + keeps.after
        assert one.at.astimezone(zone).date() not in shut
        assert one.at.astimezone(zone).weekday() in open_on
        assert not any(
            t.chair == one.chair and t.starts_at < ends and begins < t.ends_at for t in asked.taken
        )
        if ends - begins <= timedelta(hours=10):
            assert asked.opening.holds(begins, ends)


def test_the_default_week_holds_nobody_until_the_clinic_says_its_own() -> None:
    sunday = datetime(2026, 11, 29, 10, tzinfo=UTC)
    silent = Opening(usual(), (), BERLIN)
    assert silent.outside(sunday, sunday + timedelta(hours=1)) is None
    said = Opening(usual(), (), BERLIN, stated=True)
    assert said.outside(sunday, sunday + timedelta(hours=1)) == "closed on Sundays"
