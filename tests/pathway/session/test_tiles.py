"""The chair board: what a tile says at a glance, in which order, and what it keeps from who passes by."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lowtide.pathway.session.shown.tiles import Item, Reminder, Sitting, Tile, free_apart, tiles
from tests.pathway.session.conftest import Care
from tests.pathway.session.test_pages import NOON, text

NOW = datetime(2026, 11, 27, 10, 34, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def sitting(chair: str, **changes: Any) -> Sitting:
    fields: dict[str, Any] = {
        "session": f"session of {chair}",
        "patient": f"patient of {chair}",
        "chair": chair,
        "initials": "I. H.",
        "nurse": "Nora Nurse",
        "escort": "sister, 555 0177",
        "route": "iv",
        "drug": "ketamine",
        "dose_mg": "36.5",
        "blocked": "",
        "planned_at": ago(32),
        "timed_out_at": ago(40),
        "started_at": ago(32),
        "ends_at": ago(-8),
        "observe_until": ago(-128),
    }
    return Sitting(**(fields | changes))


def waits(minutes: float) -> tuple[Item, ...]:
    """A pressure that was due so many minutes ago."""
    return (Item("Blood pressure", ago(minutes), ago(minutes - 2)),)


def board(*found: Sitting, chairs: int = 0) -> list[Tile]:
    names = {f"{n}": f"Chair {n}" for n in range(1, chairs + 1)} | {
        s.chair: f"Chair {s.chair}" for s in found
    }
    return tiles(names, found, NOW)


@pytest.mark.hazard("H015")
def test_the_most_overdue_chair_stands_first_and_the_free_ones_last() -> None:
    found = board(
        sitting("1", todo=waits(-9)), sitting("2", todo=waits(4)), sitting("3", todo=waits(12)), chairs=4
    )
    assert [t.chair for t in found] == ["Chair 3", "Chair 2", "Chair 1", "Chair 4"]
    assert [t.kind for t in found] == ["late", "late", "plain", "free"]


def test_a_tile_says_the_phase_what_is_left_and_what_comes_next() -> None:
    tile = board(sitting("3", todo=waits(-3)))[0]
    assert (tile.phase, tile.left, tile.since) == ("Dosing", "8 min left", "T+32")
    assert (tile.lead, tile.task, tile.when) == ("Next", "Blood pressure", "in 3 min")


def test_what_stands_in_the_way_is_named_and_the_rest_counted() -> None:
    blocked = sitting("5", started_at=None, planned_at=ago(-56), blocked="no consent; no enrolment; work-up")
    tile = board(blocked)[0]
    assert (tile.kind, tile.lead, tile.task, tile.more) == ("blocked", "Cannot start", "No consent", 2)


def test_the_escorts_telephone_is_not_on_the_wall() -> None:
    assert board(sitting("3"))[0].escort == "sister"
    assert board(sitting("3", escort="Kim 555 0177"))[0].escort == "Kim"
    assert board(sitting("3", escort=""))[0].escort == ""


@pytest.mark.parametrize(
    ("minutes", "said"), [(32, "T+32"), (179, "T+179"), (300, "since 5 h"), (60 * 50, "since 2 d 2 h")]
)
def test_a_session_of_hours_or_days_is_told_in_hours_and_days(minutes: float, said: str) -> None:
    assert board(sitting("3", started_at=ago(minutes), ends_at=ago(-600)))[0].since == said


def test_what_is_left_of_days_is_told_in_days_and_hours() -> None:
    assert board(sitting("3", ends_at=ago(-60 * 53)))[0].left == "2 d 5 h left"


def test_a_pause_is_said_instead_of_the_phase() -> None:
    assert board(sitting("3", paused_at=ago(2)))[0].phase == "Paused"


def test_of_many_chairs_the_free_ones_share_a_line() -> None:
    few, many = board(sitting("1"), chairs=6), board(sitting("1"), chairs=50)
    assert [len(part) for part in free_apart(few)] == [6, 0]
    assert [len(part) for part in free_apart(many)] == [1, 49]


# -- the page -------------------------------------------------------------------------------------------------


@pytest.fixture
def running(new_care: Callable[..., Care]) -> Care:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=32))
    care.prepare()
    care.begin()
    care.measure(20, sbp_mmhg=143, dbp_mmhg=88, heart_rate_bpm=84, spo2_pct=97)
    return care


def test_the_board_says_initials_dose_nurse_and_values_with_their_own_age(
    running: Care, sign_in: Callable[..., Client]
) -> None:
    page = sign_in("nurse").get("/chairs").content.decode()
    for words in ("I. T.", "36.5 mg IV", "T+32", "143/88", "97 %", "Screen age"):
        assert words in page
    assert "Testperson" not in page
    assert len(re.findall(r'class="old"><span data-at="', page)) == 2


def test_a_wall_screen_has_no_menu_and_the_same_tiles(running: Care, sign_in: Callable[..., Client]) -> None:
    nurse = sign_in("nurse")
    wall = nurse.get("/chairs?screen=wall").content.decode()
    assert "Sign out" not in wall
    assert "143/88" in wall
    assert "Wall screen" in text(nurse, "/chairs")


def test_the_board_hears_of_everybody_who_may_sit_down(sign_in: Callable[..., Client]) -> None:
    page = sign_in("nurse").get("/chairs").content.decode()
    assert 'data-streams="calendar:main,chart:*"' in page


def test_the_front_desk_sees_when_a_chair_is_free_and_nothing_clinical(
    running: Care, sign_in: Callable[..., Client]
) -> None:
    page = sign_in("front_desk").get("/chairs").content.decode()
    assert "143/88" not in page
    assert "36.5 mg" not in page
    assert "Chair free about" in page


# -- what asks ------------------------------------------------------------------------------------------------


def asks(level: str, minutes: float = 1) -> tuple[Reminder, ...]:
    return (Reminder("M20", level, "", f"a {level}", ago(minutes)),)


@pytest.mark.hazard("H015")
def test_the_gravest_reminder_stands_before_every_check_and_what_stops_is_red() -> None:
    found = board(
        sitting("1", todo=waits(12)),
        sitting("2", reminders=asks("hold", 9)),
        sitting("3", reminders=asks("emergency")),
        sitting("4", reminders=asks("stop")),
        sitting("5", reminders=asks("inform")),
    )
    assert [t.sitting.chair for t in found if t.sitting] == ["3", "4", "2", "1", "5"]
    assert [t.kind for t in found] == ["grave", "grave", "late", "late", "plain"]


@pytest.mark.hazard("H015")
@pytest.mark.hazard("H022")
def test_what_stops_the_dose_is_the_headline_and_a_late_check_comes_after_it() -> None:
    tile = board(sitting("1", reminders=asks("stop", 8), todo=waits(17)))[0]
    assert (tile.lead, tile.task, tile.when) == ("Act now", "a stop", "late 8 min")
    assert tile.after is not None
    assert tile.after.name == "Blood pressure"


def test_a_check_that_is_not_due_is_not_told_under_what_stops_the_dose() -> None:
    assert board(sitting("1", reminders=asks("stop"), todo=waits(-9)))[0].after is None


def test_an_emergency_before_the_dose_stands_above_what_cannot_start() -> None:
    booked = sitting(
        "5", started_at=None, planned_at=ago(-5), blocked="no consent", reminders=asks("emergency")
    )
    tile = board(booked, sitting("1", todo=waits(12)))[0]
    assert (tile.chair, tile.kind, tile.task, tile.runs) == ("Chair 5", "grave", "a emergency", True)


@pytest.mark.hazard("H015")
def test_of_two_that_stop_the_one_that_asks_longer_stands_first() -> None:
    found = board(sitting("1", reminders=asks("stop", 2)), sitting("2", reminders=asks("stop", 9)))
    assert [t.chair for t in found] == ["Chair 2", "Chair 1"]


def test_a_report_that_is_owed_does_not_stand_before_a_late_check() -> None:
    found = board(sitting("1", reminders=asks("report")), sitting("2", todo=waits(12)))
    assert [t.sitting.chair for t in found if t.sitting] == ["2", "1"]


def test_the_gravest_of_several_reminders_is_said() -> None:
    tile = board(sitting("1", reminders=(*asks("report"), *asks("stop"))))[0]
    assert tile.reminder is not None
    assert tile.reminder.level == "stop"


@pytest.mark.hazard("H015")
def test_a_device_that_is_not_due_yet_hides_no_late_check() -> None:
    device = Item("Device 2", ago(-3), ago(-5), gives=True)
    tile = board(sitting("1", route="in", todo=(device, *waits(12))))[0]
    assert tile.task == "Blood pressure"
    assert board(sitting("1", route="in", todo=(device,)))[0].task == "Device 2"


@pytest.mark.parametrize("clinic_zone", [NOON])  # all of it is of today
def test_before_the_dose_the_next_check_is_named(
    new_care: Callable[..., Care], sign_in: Callable[..., Client]
) -> None:
    care = new_care(start=datetime.now(UTC) + timedelta(minutes=20))
    care.book(chair="1")
    care.weigh()
    care.order()
    care.measure(-28)
    care.time_out(-25, chair="1")
    assert "Start the dose" not in text(sign_in("nurse"), "/chairs")
    assert "second" in text(sign_in("nurse"), "/chairs")


@pytest.mark.hazard("H022")
@pytest.mark.parametrize("clinic_zone", [NOON])  # all of it is of today
def test_a_pressure_that_stops_the_dose_is_said_on_the_board(
    new_care: Callable[..., Care], sign_in: Callable[..., Client]
) -> None:
    care = new_care(start=datetime.now(UTC) + timedelta(minutes=2))
    care.prepare()
    care.measure(-3, sbp_mmhg=190, dbp_mmhg=125)
    page = text(sign_in("nurse"), "/chairs")
    assert "Cannot start" in page
    assert "190/125" in page


@pytest.mark.parametrize("clinic_zone", [NOON])  # all of it is of today
def test_the_board_asks_the_database_as_often_however_many_wait_for_their_dose(
    new_care: Callable[..., Care], sign_in: Callable[..., Client]
) -> None:
    nurse, asked = sign_in("nurse"), []
    for chair in ("1", "2"):
        care = new_care(start=datetime.now(UTC) + timedelta(minutes=20))
        care.book(chair=chair)
        care.weigh()
        care.order()
        care.measure(-28)
        care.time_out(-25, chair=chair)
        text(nurse, "/chairs")
        with CaptureQueriesContext(connection) as queries:
            assert "second" in text(nurse, "/chairs")
        asked.append(len(queries))
    assert asked[0] == asked[1]
