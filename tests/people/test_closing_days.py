"""Closing the clinic on days on which somebody is booked: who it is, and that they have to be moved, is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.people.clinic import CALENDAR, CLINIC
from lowtide.record import store
from lowtide.record.entries.clinic import Booked, ClosedDays
from tests.conftest import said
from tests.portal.conftest import sent

SignIn = Callable[..., Client]
NewPatient = Callable[..., UUID]
pytestmark = pytest.mark.django_db
AT = (datetime.now(UTC) + timedelta(days=5)).replace(hour=11, minute=0, second=0, microsecond=0)


@pytest.fixture
def session(new_patient: NewPatient, clinic: object) -> UUID:
    """Somebody is booked in five days."""
    session, patient = uuid4(), new_patient("Novak")
    booking = Booked(
        chart=f"chart:{patient}", session_id=session, chair="Chair 1", starts_at=AT, ends_at=AT + timedelta(hours=3)
    )  # fmt: skip
    store.append([said(booking, CALENDAR)])
    return session


def closing(first: datetime = AT, last: datetime = AT, **more: object) -> dict[str, object]:
    return sent(first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}", why="holiday", **more)


def closed() -> list[ClosedDays]:
    return [body for _, body in store.load(CLINIC).said(ClosedDays)]


def test_who_is_booked_then_is_shown_before_anything_is_closed(sign_in: SignIn, session: UUID) -> None:
    answer = sign_in("front_desk").post("/clinic/hours/closed", closing())
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Not closed yet: 1 session booked then" in page
    assert "Novak" in page
    assert f"/sessions/{session}/book" in page
    assert closed() == []


def test_a_second_press_closes_and_the_page_goes_on_asking_to_move_them(
    sign_in: SignIn, session: UUID
) -> None:
    desk = sign_in("front_desk")
    page = desk.post("/clinic/hours/closed", closing(seen=str(session)), follow=True).content.decode()
    assert len(closed()) == 1
    assert "Move who is booked then" in page
    assert "Booked on closed days: 1 to move" in page


def test_somebody_booked_meanwhile_is_shown_first(sign_in: SignIn, session: UUID) -> None:
    answer = sign_in("front_desk").post("/clinic/hours/closed", closing(seen=str(uuid4())))
    assert answer.status_code == 422
    assert closed() == []


def test_days_on_which_nobody_is_booked_are_closed_at_once(sign_in: SignIn, session: UUID) -> None:
    day = AT + timedelta(days=3)
    page = sign_in("front_desk").post("/clinic/hours/closed", closing(day, day), follow=True)
    assert "These days are closed." in page.content.decode()
    assert len(closed()) == 1


def test_who_may_not_find_patients_reads_how_many_and_when_and_no_name(
    sign_in: SignIn, session: UUID
) -> None:
    page = sign_in("administrator").post("/clinic/hours/closed", closing()).content.decode()
    assert "1 session booked then" in page
    assert "Novak" not in page
    assert "/book" not in page
