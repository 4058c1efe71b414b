"""Booking, moving and cancelling a session."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from lowtide.data import monitoring
from lowtide.pathway.session.actions import booking
from lowtide.pathway.session.rules.state import Phase, session_state
from lowtide.people.clinic import CALENDAR, CLINIC
from lowtide.problems import BadInput, Refused
from lowtide.record import store
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.clinic import Booked
from lowtide.record.entries.clinic import Chair as ChairListed
from tests.conftest import said
from tests.pathway.session.conftest import Care, person
from tests.pathway.session.making import COURSE


def phase(care: Care) -> Phase:
    return session_state(care.chart, care.session, monitoring.items()).phase


def test_a_booking_is_in_the_chart_and_in_the_calendar_or_in_neither(care: Care) -> None:
    care.book()
    booked = store.load(CALENDAR).said(Booked)[-1][1]
    assert phase(care) is Phase.SCHEDULED
    assert (booked.session_id, booked.chair, booked.chart) == (care.session, "3", care.stream)
    assert booked.starts_at == care.at(-30)
    assert booked.ends_at == care.at(40 + 120)


def test_a_chair_is_never_booked_twice_at_a_time(new_care: Callable[..., Care], care: Care) -> None:
    care.book()
    other = new_care()
    with pytest.raises(Refused, match="chair 3 is taken"):
        other.book()
    assert phase(other) is Phase.UNKNOWN
    other.book(chair="4")
    assert phase(other) is Phase.SCHEDULED


def test_the_chair_is_free_again_when_the_booking_ends(new_care: Callable[..., Care], care: Care) -> None:
    care.book()
    after = new_care(start=care.at(160 + 30))
    after.book(minutes=-300)
    assert phase(after) is Phase.SCHEDULED


def test_only_a_chair_of_the_clinic_can_be_booked(care: Care) -> None:
    store.append([said(ChairListed(chair="3", label="Chair 3", active=False), CLINIC)])
    with pytest.raises(Refused, match="there is no chair"):
        care.book()


@pytest.mark.hazard("H009")
def test_forty_seven_hours_and_fifty_nine_minutes_is_too_soon_across_a_change_of_the_clocks(
    new_care: Callable[..., Care],
) -> None:
    """Europe/Berlin turned its clocks back on 25 October 2026: by the wall clock the gap looks an hour shorter."""
    first = new_care(start=datetime(2026, 10, 24, 8, 0, tzinfo=UTC))
    first.prepare()
    first.begin()
    second = first.another()
    soon = first.at(48 * 60 - 1)
    with pytest.raises(Refused, match="less than 48 hours"):
        second.book(minutes=300, planned_at=soon, number=2)
    second.book(minutes=300, planned_at=soon + timedelta(minutes=1), number=2)
    assert phase(second) is Phase.SCHEDULED


@pytest.mark.hazard("H009")
def test_two_planned_sessions_are_held_apart_before_either_is_given(care: Care) -> None:
    care.book()
    second = care.another()
    with pytest.raises(Refused, match="less than 48 hours"):
        second.book(planned_at=care.at(24 * 60), number=2)


@pytest.mark.hazard("H009")
def test_sooner_is_a_prescribers_word_with_a_reason(care: Care) -> None:
    care.book()
    act = care.act(-50, session_id=uuid4())
    fields = {"course": COURSE, "number": 2, "planned_at": care.at(24 * 60), "chair": "3"}
    with pytest.raises(Refused, match="may not sign a dose order"):
        booking.schedule(act, **fields, sooner_because="in a hurry")
    booked = booking.schedule(
        care.act(-50, care.prescriber, session_id=uuid4()), **fields, sooner_because="acute suicidality"
    )
    assert booked[0].body.sooner_because == "acute suicidality"


def test_moving_corrects_the_booking_in_both_places(care: Care, new_care: Callable[..., Care]) -> None:
    care.book()
    booking.reschedule(care.act(-50), planned_at=care.at(300), chair="4", reason="train is late")
    moved = care.chart.said(SessionScheduled)
    assert [body.chair for _, body in moved] == ["4"]
    assert [b.chair for _, b in store.load(CALENDAR).said(Booked)] == ["4"]
    new_care().book()


def test_pressing_move_twice_moves_once(care: Care) -> None:
    care.book()
    act = care.act(-50)
    first = booking.reschedule(act, planned_at=care.at(300), chair="4", reason="late")
    again = booking.reschedule(act, planned_at=care.at(300), chair="4", reason="late")
    assert again[0] == first[0]
    assert len(care.chart.line(first[0].id)) == 2


def test_cancelling_frees_the_chair_and_keeps_the_reason(care: Care, new_care: Callable[..., Care]) -> None:
    care.book()
    booking.cancel(care.act(-50), reason="has a cold")
    assert phase(care) is Phase.CANCELLED
    assert store.load(CALENDAR).said(Booked) == []
    new_care().book()


def test_a_session_is_booked_once(care: Care) -> None:
    care.book()
    with pytest.raises(Refused, match="not now: the time-out was not taken"):
        care.book(chair="4")


def test_a_time_that_is_past_is_refused(care: Care) -> None:
    with pytest.raises(BadInput, match="is past"):
        care.book(minutes=60)


def test_a_time_so_far_ahead_that_it_can_only_be_a_slip_of_the_hand_is_refused(
    care: Care,
) -> None:
    with pytest.raises(BadInput, match="is more than 366 days ahead"):
        care.book(minutes=-367 * 24 * 60)


def test_who_may_not_book_does_not(care: Care) -> None:
    with pytest.raises(Refused, match="may not book"):
        booking.cancel(care.act(-50, person("therapist")), reason="no")
