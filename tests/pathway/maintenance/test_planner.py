"""The planner: who stands in which list, whether the chairs are enough, and who may see what."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lowtide.pathway.maintenance.planner.capacity import House, Week, Wish, weeks
from lowtide.pathway.maintenance.planner.lists import List, lists
from lowtide.people.opening import Opening
from lowtide.people.staffing import Staffing
from lowtide.record.entries.clinic import NursesOn, OpenSpan
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime.now(UTC)
MONDAY = datetime(2026, 11, 30, 6, tzinfo=UTC)
OPEN = Opening(tuple(OpenSpan(day, "08:00", "18:00") for day in range(5)), (), BERLIN, stated=True)
HOUSE = House(OPEN, 2, None)
WELL = (20, 16, 13, 12, 10, 8, 7)


def induced(days: float, totals: tuple[int, ...] = WELL) -> Story:
    """The last session lay so many days ago."""
    return Story(at=NOW - timedelta(days=days + 18)).took_history().decided().planned().induced(totals)


def listed(story: Story) -> list[List]:
    story.tell()
    return [n for n, one in lists(NOW).items() if any(line.row.stream == story.stream for line in one.lines)]


STORIES: dict[str, tuple[Callable[[], Story], list[List]]] = {
    "window ahead": (lambda: induced(3), [List.DUE]),
    "window passed": (lambda: induced(20), [List.OVERDUE]),
    "relapsed": (lambda: induced(9).after(days=3).phq9(15), [List.DRIFTING]),
    "risen": (lambda: induced(9, (24, 16, 13, 12, 8, 5, 4)).after(days=3).phq9(9), [List.DRIFTING]),
    "nothing heard": (lambda: induced(60), [List.LOST]),
    "paused": (lambda: induced(6).after(hours=1).chose("pause", None), [List.PAUSED]),
    "pause over": (lambda: induced(30).after(hours=1).chose("pause", None), [List.OVERDUE]),
    "a date": (lambda: induced(6).after(hours=1).planned((9,), protocol="P26", phase="maintenance"), []),
    "ended": (lambda: induced(60).ended(), []),
    "not begun": (lambda: Story(at=NOW - timedelta(days=3)).took_history().decided().planned(), []),
}


@pytest.mark.django_db
@pytest.mark.parametrize("which", STORIES)
def test_everybody_stands_in_one_list_at_most(which: str, clinic: object) -> None:
    tell, where = STORIES[which]
    assert listed(tell()) == where


@pytest.mark.django_db
def test_the_page_names_the_next_step_and_shows_no_score_to_the_desk(sign_in: SignIn, clinic: object) -> None:
    induced(20).tell()
    prescriber, desk = (
        sign_in(role).get("/planner").content.decode() for role in ("prescriber", "front_desk")
    )
    assert "PHQ-9 7" in prescriber
    assert ">Decide<" in prescriber
    assert "PHQ-9" not in desk
    assert ">Contact<" in desk


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["therapist", "researcher", "administrator", "patient"])
def test_who_books_nothing_does_not_reach_it(role: str, sign_in: SignIn, clinic: object) -> None:
    assert sign_in(role).get("/planner").status_code == 403


# -- capacity ----------------------------------------------------------------------------------------------------------


def four(*, booked: int = 0, wishes: tuple[Wish, ...] = (), house: House = HOUSE) -> tuple[Week, ...]:
    at = MONDAY + timedelta(hours=3)
    return weeks(house, [(at, at + timedelta(hours=3))] * booked, [], wishes, MONDAY)


def test_open_hours_are_chairs_times_hours_of_the_days_the_clinic_opens() -> None:
    assert [w.open_h for w in four()] == [100.0] * 4


def test_who_watches_limits_the_chairs() -> None:
    mornings = tuple(NursesOn(day, "08:00", "12:00", 1) for day in range(5))
    one_chair = House(OPEN, 2, Staffing(mornings, 1, BERLIN))
    assert four(house=one_chair)[0].open_h == 20.0


def test_what_is_booked_and_expected_is_taken_off_and_too_much_is_said() -> None:
    wish = Wish(MONDAY, MONDAY + timedelta(days=4), timedelta(hours=3))
    week = four(booked=1, wishes=(wish,) * 40)[0]
    assert (week.booked_h, week.expected_h) == (3.0, 120.0)
    assert week.is_over
    assert week.left_h == -23.0


def test_a_weekly_window_is_wanted_every_week_and_a_passed_one_now() -> None:
    start = MONDAY - timedelta(days=30)
    weekly = Wish(MONDAY, MONDAY + timedelta(days=2), timedelta(hours=2), timedelta(days=7))
    passed = Wish(start, start + timedelta(days=2), timedelta(hours=2))
    assert [round(w.sessions, 6) for w in four(wishes=(weekly,))] == [1, 1, 1, 1]
    assert [round(w.sessions, 6) for w in four(wishes=(passed,))] == [1, 0, 0, 0]


@given(st.floats(-40, 27), st.floats(0.5, 20), st.integers(0, 40))
def test_no_more_of_a_session_is_expected_than_one_an_interval(
    opens: float, length: float, apart: int
) -> None:
    at = MONDAY + timedelta(days=opens)
    wish = Wish(at, at + timedelta(days=length), timedelta(hours=2), timedelta(days=apart) if apart else None)
    found = four(wishes=(wish,))
    most = 28 / apart + 2 if apart else 1
    assert 0 <= sum(w.sessions for w in found) <= most + 1e-9
    assert all(w.expected_h == pytest.approx(2 * w.sessions) for w in found)


@pytest.mark.hazard("H024")
def test_a_day_on_which_the_clocks_change_has_its_real_hours() -> None:
    every = Opening(tuple(OpenSpan(day, "00:00", "24:00") for day in range(7)), (), BERLIN, stated=True)
    autumn = datetime(2026, 10, 24, 22, tzinfo=UTC)  # midnight before the 25-hour day
    first = weeks(House(every, 1, None), [], [], (), autumn)[0]
    assert first.open_h == 7 * 24 + 1
    assert first.first == date(2026, 10, 25)
