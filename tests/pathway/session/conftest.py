"""A patient with a course, a weight, an order and a booked chair, and the people who treat them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from lowtide.data.chair import chair
from lowtide.data.protocols import protocols
from lowtide.pathway.session.actions import booking, charting, dosing, preparing
from lowtide.pathway.session.actions.common import Act
from lowtide.people.clinic import zone
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Body, Entry
from lowtide.record.entries.care import CoursePlanned, PlannedSession
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.history import Measurement
from lowtide.record.entries.identity import Identifier, Patient, Sex
from tests.conftest import said
from tests.pathway.session.making import COURSE, T0, consent, order

READ = {
    "vial_mg_per_ml": "50",
    "vial_volume_ml": "0.73",
    "final_volume_ml": "50",
    "rate_ml_per_h": "75",
    "vtbi_ml": "50",
}
GOOD = {question.id: Answer(question.good) for question in chair().time_out}


def person(role: str, name: str = "") -> Person:
    return Person(f"staff:{uuid4()}", name or f"Test {role}", (role,), permissions((role,)))


class Care(msgspec.Struct):
    """One synthetic patient and one session of theirs; every verb takes minutes from the start of the dose."""

    patient: UUID
    session: UUID
    start: datetime
    nurse: Person
    prescriber: Person

    def at(self, minutes: float) -> datetime:
        return self.start + timedelta(minutes=minutes)

    def act(self, minutes: float = 0, who: Person | None = None, **changes: Any) -> Act:
        fields = {"patient_id": self.patient, "session_id": self.session, "now": self.at(minutes)}
        return Act(person=who or self.nurse, **(fields | changes))

    def another(self) -> "Care":
        """Another session of the same patient."""
        return msgspec.structs.replace(self, session=uuid4())

    @property
    def stream(self) -> str:
        return f"chart:{self.patient}"

    @property
    def chart(self) -> Chart:
        return store.load(self.stream)

    def write(self, body: Body, minutes: float, **envelope: Any) -> Entry:
        when = self.at(minutes)
        draft = said(body, self.stream, by=self.nurse.by, at=when, **envelope)
        return store.append([draft], now=when)[0]

    def weigh(self, minutes: float | None = None, kg: str = "73") -> Entry:
        """By itself three quarters of an hour before, on the same day: a weight is of today, and tests run at midnight."""
        if minutes is None:
            day = self.start.astimezone(zone()).replace(hour=0, minute=0, second=0, microsecond=0)
            minutes = max(-45, (day - self.start).total_seconds() / 60)
        return self.write(Measurement(quantity="weight_kg", value=Decimal(kg)), minutes)

    def order(self, minutes: float = -40, **changes: Any) -> Entry:
        weight = self.chart.last(Measurement)
        body = order(weight_entry=weight[0].id if weight else uuid4(), **changes)
        return self.write(body, minutes, session=self.session)

    def book(self, minutes: float = -60, **changes: Any) -> list[Entry]:
        fields: dict[str, Any] = {"course": COURSE, "number": 1, "planned_at": self.start, "chair": "3"}
        return booking.schedule(self.act(minutes), **(fields | changes))

    def time_out(self, minutes: float = -10, **changes: Any) -> list[Entry]:
        fields: dict[str, Any] = {"typed": "1983-03-14", "chair": "3", "answers": GOOD}
        return preparing.time_out(self.act(minutes), **(fields | changes))

    def measure(self, minutes: float, **values: Any) -> list[Entry]:
        fields = {"sbp_mmhg": 128, "dbp_mmhg": 80, "heart_rate_bpm": 76, "spo2_pct": 98}
        return charting.vitals(self.act(minutes), Vitals(**(values or fields)))

    def check(self, minutes: float = -4, other: Person | None = None, **changes: Any) -> list[Entry]:
        """A second person reads the preparation; by default what was ordered."""
        read: dict[str, Any] = {n: Decimal(changes.pop(n, ordered)) for n, ordered in READ.items()}
        read |= {name: changes.pop(name) for name in ("lot",) if name in changes}
        fields: dict[str, Any] = {
            "typed": "1983-03-14",
            "drug": "ketamine",
            "prepared_by_me": True,
            "read": read,
        }
        return preparing.check_preparation(
            self.act(minutes), other=other or self.prescriber, **(fields | changes)
        )

    def prepare(self) -> None:
        """Weighed, ordered, booked, measured, timed out and checked: all that a start asks for."""
        self.book()
        self.weigh()
        self.order()
        self.measure(-8)
        self.time_out(-5)
        self.check(-4)

    def begin(self, minutes: float = 0, **changes: Any) -> list[Entry]:
        fields: dict[str, Any] = {"rate_ml_per_h": Decimal(75), "volume_ml": Decimal(50)}
        return dosing.start(self.act(minutes), **(fields | changes))


def register(
    start: datetime = T0,
    family: str = "Testperson",
    *,
    consented: bool = True,
    protocol: str = "P05",
    **more: Any,
) -> Care:
    """Register a synthetic patient with a course of a protocol."""
    patient, session = uuid4(), uuid4()
    care = Care(patient, session, start, person("nurse", "Nora Nurse"), person("prescriber", "Petra Scribe"))
    number = Identifier("lowtide", f"LT-{patient.hex[:6]}")
    fields: dict[str, Any] = {"given": "Ines", "birth_date": "1983-03-14", "sex": Sex.FEMALE}
    care.write(Patient(family=family, identifiers=(number,), **(fields | more)), -10_000)
    planned = PlannedSession(session=session, number=1, planned_at=start)
    plan = CoursePlanned(
        course=COURSE,
        indication="trd",
        protocol=protocol,
        protocol_version="test",
        phase="induction",
        sessions=(planned,),
    )
    care.write(plan, -9_000)
    if consented:
        known = protocols()[protocol]
        care.write(consent(known.product, known.route or ""), -8_000)
    return care


@pytest.fixture
def new_care(clinic: Entry) -> Callable[..., Care]:
    return register


@pytest.fixture
def care(clinic: Entry) -> Care:
    return register()
