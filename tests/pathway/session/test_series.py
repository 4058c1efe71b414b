"""A whole series booked in one step, the clinic's hours, and a booking outside them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.pathway.course.room import room_for
from lowtide.pathway.plan import actions as planning
from lowtide.pathway.session.actions import booking, series
from lowtide.people.charts import whole_chart
from lowtide.people.clinic import CALENDAR, CLINIC
from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.record.entries.care import Availability
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.clinic import Booked, Chair, OpeningHours, OpenSpan
from tests.conftest import said
from tests.pathway.plan.test_ordering import act, decided
from tests.pathway.session.conftest import Care, person

OPEN = OpeningHours(spans=tuple(OpenSpan(day, "08:00", "18:00") for day in range(5)))


def planned(patient: UUID) -> None:
    decided(patient)
    start = datetime.now(UTC).date() + timedelta(days=2)
    planning.plan_course(act(patient), "P05", start, "to sleep\nto work", with_therapy=True)


def proposed(patient: UUID) -> tuple[series.Proposed, ...]:
    chart = whole_chart(f"chart:{patient}")
    return series.proposals(chart, room_for(chart), datetime.now(UTC))


def book(patient: UUID, found: tuple[series.Proposed, ...]) -> None:
    series.book_series(series.Series(person=person("front_desk"), patient_id=patient), found)


@pytest.fixture
def open_clinic(clinic: object) -> None:
    store.append([said(OPEN, CLINIC), said(Chair(chair="1", label="Chair 1"), CLINIC)])


def test_every_session_gets_its_chair_in_one_step(
    open_clinic: None, new_patient: Callable[..., UUID]
) -> None:
    patient = new_patient()
    planned(patient)
    book(patient, proposed(patient))
    assert len(store.load(f"chart:{patient}").said(SessionScheduled)) == 6
    assert len(store.load(CALENDAR).said(Booked)) == 6
    assert proposed(patient) == ()


@pytest.mark.hazard("H008")
def test_two_series_never_share_a_chair_and_the_second_is_refused_whole(
    open_clinic: None, new_patient: Callable[..., UUID]
) -> None:
    first, second = new_patient(), new_patient()
    planned(first)
    planned(second)
    same = proposed(second)
    book(first, proposed(first))
    with pytest.raises(BadInput, match="is taken"):
        book(second, same)
    assert store.load(f"chart:{second}").said(SessionScheduled) == []
    book(second, proposed(second))
    booked = sorted((b.starts_at, b.ends_at) for _, b in store.load(CALENDAR).said(Booked))
    assert all(ends <= starts for (_, ends), (starts, _) in pairwise(booked))


def test_outside_the_clinics_hours_a_booking_needs_its_reason(care: Care) -> None:
    store.append([said(OpeningHours(spans=(OpenSpan(0, "08:00", "08:15"),)), CLINIC)])
    with pytest.raises(BadInput, match="outside opening hours"):
        care.book()
    booking.schedule(
        care.act(-60),
        course=uuid4(),
        number=1,
        planned_at=care.at(0),
        chair="3",
        outside_because="flight at noon",
    )
    assert care.chart.said(SessionScheduled)[-1][1].outside_because == "flight at noon"


def test_goals_and_psychotherapy_are_kept_with_the_course(
    open_clinic: None, new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient = new_patient()
    planned(patient)
    shown = sign_in("prescriber").get(f"/patients/{patient}/plan").content.decode()
    assert "to work" in shown
    assert "Integration" in shown
    assert "Book the whole series" in shown


def test_the_front_desk_books_the_series_on_its_page(
    open_clinic: None, new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient, desk = new_patient(), sign_in("front_desk")
    planned(patient)
    address = f"/patients/{patient}/sessions/book-all"
    shown = desk.get(address).content.decode()
    seen = re.search(r'name="seen" value="(\w{16})"', shown)
    assert seen
    sent = {"entry_id": uuid4(), "seen": seen[1], "escort": ""}
    stale = desk.post(address, sent | {"seen": "0" * 16})
    assert stale.status_code == 422
    assert desk.post(address, sent).status_code == 302
    assert desk.post(address, sent).status_code == 302
    assert len(store.load(f"chart:{patient}").said(SessionScheduled)) == 6


def test_when_a_person_can_come_is_said_and_read_back(
    open_clinic: None, new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient, desk = new_patient(), sign_in("front_desk")
    address = f"/patients/{patient}/availability"
    wrong = desk.post(address, {"entry_id": uuid4(), "away": "next week"})
    assert wrong.status_code == 422
    right = {
        "entry_id": uuid4(),
        "away": "2026-12-24 to 2026-12-31 holiday",
        "never": ["4"],
        "from_time": "13:00",
    }
    assert desk.post(address, right).status_code == 302
    kept = store.load(f"chart:{patient}").last(Availability)
    assert kept
    assert (kept[1].never, kept[1].from_time, kept[1].away[0].why) == ((4,), "13:00", "holiday")
    assert "2026-12-24 to 2026-12-31 holiday" in desk.get(address).content.decode()


def test_the_hours_are_set_closed_and_opened_again(clinic: object, sign_in: Callable[..., Client]) -> None:
    desk = sign_in("front_desk")
    assert "Nobody has set the hours" in desk.get("/clinic/hours").content.decode()
    bad = desk.post("/clinic/hours", {"entry_id": uuid4(), "day_0": "18:00-08:00"})
    assert bad.status_code == 422
    assert (
        desk.post("/clinic/hours", {"entry_id": uuid4(), "day_0": "08:00-12:00, 13:00-18:00"}).status_code
        == 302
    )
    day = {"entry_id": uuid4(), "first": "2030-12-25", "last": "", "why": "Christmas Day"}
    assert desk.post("/clinic/hours/closed", day).status_code == 302
    assert "Christmas Day" in desk.get("/clinic/hours").content.decode()
    assert desk.post(f"/clinic/hours/closed/{day['entry_id']}/open", {"entry_id": uuid4()}).status_code == 302
    assert "Christmas Day" not in desk.get("/clinic/hours").content.decode()
