"""Who watches chairs: bookings are held to it under the lock, proposed times avoid it, and two people at once book one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lowtide.people.staffing import Staffing
from lowtide.problems import Refused
from lowtide.record import store
from lowtide.record.entries.clinic import Booked, Chair, Clinic, NursesOn, NursesSet
from tests.conftest import CLINIC, said
from tests.pathway.session.conftest import Care, register

SignIn = Callable[..., Client]
BERLIN = ZoneInfo("Europe/Berlin")
DAY = datetime(2026, 12, 1, 9, tzinfo=UTC)  # a Tuesday, 10:00 in Berlin
HOUR = timedelta(hours=1)


def watching(*spans: tuple[str, str, int], each: int = 1) -> Staffing:
    return Staffing(tuple(NursesOn(1, *span) for span in spans), each, BERLIN)


def test_each_watches_so_many_and_one_more_is_too_many() -> None:
    two = watching(("08:00", "18:00", 1), each=2)
    taken = [(DAY, DAY + 3 * HOUR)]
    assert two.full(DAY, DAY + HOUR, taken) is None
    assert two.full(DAY + HOUR, DAY + 4 * HOUR, taken * 2) == DAY + HOUR


def test_somebody_going_home_in_between_is_noticed() -> None:
    found = watching(("08:00", "12:00", 1), ("12:00", "18:00", 0))
    assert found.full(DAY, DAY + 3 * HOUR, ()) == DAY + 2 * HOUR
    assert found.full(DAY, DAY + 2 * HOUR, ()) is None


@given(
    st.integers(0, 3),
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(0, 8), st.integers(1, 4)), max_size=6),
    st.integers(0, 8),
    st.integers(1, 4),
)
def test_it_is_full_exactly_when_some_quarter_hour_has_too_many(
    count: int, each: int, taken: list[tuple[int, int]], start: int, length: int
) -> None:
    found = watching(("08:00", "16:00", count), each=each)
    stretches = [(DAY + s * HOUR, DAY + (s + n) * HOUR) for s, n in taken]
    first, last = DAY + start * HOUR, DAY + (start + length) * HOUR
    quarters = [first + n * HOUR / 4 for n in range(4 * length)]
    too_many = [q for q in quarters if sum(s <= q < e for s, e in stretches) + 1 > found.seats(q)]
    assert found.full(first, last, stretches) == (too_many[0] if too_many else None)


def _clinic(count: int, each_day: bool = True) -> None:
    spans = tuple(NursesOn(day, "00:00", "24:00", count) for day in range(7 if each_day else 1))
    bodies = (
        Clinic(name="Test", zone="Europe/Berlin", country="DE", crisis_line="555", demo=True),
        *(Chair(chair=str(n), label=f"Chair {n}") for n in range(1, 6)),
        NursesSet(spans=spans),
    )
    store.append([said(body, CLINIC) for body in bodies])


def _patients(count: int) -> list[Care]:
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    return [register(start, family=f"Person {n}") for n in range(count)]


@pytest.mark.django_db
def test_a_third_person_is_refused_where_one_watches_two_chairs() -> None:
    _clinic(1)
    first, second, third = _patients(3)
    first.book(-60, chair="1")
    second.book(-60, chair="2")
    with pytest.raises(Refused, match="1 person watches"):
        third.book(-60, chair="3")
    assert len(store.load("calendar:main").said(Booked)) == 2


@pytest.mark.django_db
def test_a_clinic_that_has_not_said_who_watches_is_held_to_nothing() -> None:
    for n, care in enumerate(_patients(3), start=1):
        care.book(-60, chair=str(n))
    assert len(store.load("calendar:main").said(Booked)) == 3


@pytest.mark.hazard("H008")
def test_two_who_book_at_once_get_one_place(own_database: None) -> None:
    _clinic(1)
    first, *rivals = _patients(3)
    first.book(-60, chair="1")
    gate, told = Barrier(2), []

    def book(care: Care, chair: str) -> None:
        gate.wait()
        try:
            care.book(-60, chair=chair)
            told.append("booked")
        except Refused:
            told.append("refused")
        finally:
            connections.close_all()

    threads = [Thread(target=book, args=(care, str(n))) for n, care in enumerate(rivals, start=2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["booked", "refused"]
    assert len(store.load("calendar:main").said(Booked)) == 2


@pytest.mark.django_db
def test_who_watches_is_set_on_the_page_of_the_hours(sign_in: SignIn, clinic: object) -> None:
    desk = sign_in("front_desk")
    form = {"entry_id": uuid4(), "on_0": "08:00-12:00 x2, 13:00–18:00 ×1", "on_1": ""}
    assert desk.post("/clinic/hours/nurses", form).status_code == 302
    said_ = store.load(CLINIC).last(NursesSet)
    assert said_
    assert [(s.opens, s.count) for s in said_[1].spans] == [("08:00", 2), ("13:00", 1)]
    wrong = desk.post("/clinic/hours/nurses", {"entry_id": uuid4(), "on_0": "08:00-12:00"})
    assert wrong.status_code == 422
    assert "does not say how many" in wrong.content.decode()


@pytest.mark.django_db
def test_short_notice_asks_when_somebody_last_ate(sign_in: SignIn, clinic: object) -> None:
    care = register(datetime.now(UTC) + HOUR, family="Soon")
    local = care.start.astimezone(BERLIN)
    form = {"entry_id": uuid4(), "day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}", "chair": "1"}
    url = f"/patients/{care.patient}/sessions/{care.session}/book"
    nurse = sign_in("nurse")
    refused = nurse.post(url, form)
    assert "nobody can still begin the fast" in refused.content.decode()
    nurse.post(url, {**form, "last_ate": "a yoghurt at 6:30"})
    assert len(store.load("calendar:main").said(Booked)) == 1
