"""A safe with stock, the people who work at it, and a patient with a booked session."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.clinic import Booked
from lowtide.record.entries.identity import Patient
from lowtide.safe.actions import stock
from lowtide.safe.actions.common import Act, books
from lowtide.safe.ledger import Ledger
from tests.conftest import said

KEY, NASAL = ("ketamine_50_10", "6K221"), ("esketamine_nasal_28", "E1")
NOW = datetime.now(UTC) - timedelta(hours=1)
EXPIRES = date(NOW.year + 2, 8, 31)


def person(role: str, name: str) -> Person:
    return Person(f"staff:{uuid4()}", name, (role,), permissions((role,)))


class Bench:
    """Somebody at work: acts of the nurse with another nurse looking on, a minute after one another."""

    def __init__(self, place: str = "main") -> None:
        self.nurse, self.second = person("nurse", "Nora Nurse"), person("nurse", "Sam Second")
        self.director = person("medical_director", "Dora Director")
        self.place, self.minute = place, 0
        self.patient, self.session = uuid4(), uuid4()

    def act(self, who: Person | None = None, **changes: Any) -> Act:
        self.minute += 1
        fields = {"place": self.place, "witness": self.second, "now": NOW + timedelta(minutes=self.minute)}
        return Act(person=who or self.nurse, **(fields | changes))

    def open(self, place: str = "main") -> None:
        stock.open_safe(self.act(self.director, place=place), name=f"{place.capitalize()} safe")

    def receive(self, containers: int = 2, key: tuple[str, str] = KEY, **changes: Any) -> Entry:
        fields = {"product": key[0], "lot": key[1], "expires": EXPIRES, "supplier": "Harbor Supply"}
        return stock.receive(self.act(), containers=containers, **(fields | changes))[0]

    def book(self, patient: UUID | None = None, session: UUID | None = None) -> None:
        """A patient of the clinic with a session that is planned for now."""
        chart, number = f"chart:{patient or self.patient}", session or self.session
        at = NOW - timedelta(days=1)
        planned = SessionScheduled(course=uuid4(), number=1, planned_at=NOW, chair="1")
        booked = Booked(
            chart=chart, session_id=number, chair="1", starts_at=NOW, ends_at=NOW + timedelta(hours=3)
        )
        store.append([said(Patient(family="Testperson", given="Ines"), chart, at=at)])
        store.append([said(planned, chart, at=at, session=number)])
        store.append([said(booked, "calendar:main", at=at)])

    @property
    def books(self) -> Ledger:
        return books(self.place)


def opened() -> Bench:
    bench = Bench()
    bench.open()
    bench.receive()
    bench.book()
    return bench


@pytest.fixture
def bench(clinic: Entry) -> Bench:
    """A safe with two vials and a patient at the chair."""
    return opened()


@pytest.fixture
def drawn(bench: Bench) -> Callable[..., UUID]:
    """Draw from a new vial and answer the draw's id."""
    from lowtide.safe.actions import session

    def draw(quantity: str = "1", vial: str | None = None, key: tuple[str, str] = KEY) -> UUID:
        fields = {"patient": bench.patient, "session": bench.session, "vial": vial}
        return session.draw(bench.act(), key=key, quantity=Decimal(quantity), **fields)[0].id

    return draw
