"""Correcting, retracting and moving a line of the record."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from lowtide.people.clinic import zone
from lowtide.record import store
from lowtide.record.entries.base import Body, Coding, Entry
from lowtide.record.entries.care import Answers, OrderSigned
from lowtide.record.entries.chair import DoseStarted, Rating, SessionScheduled, Vitals
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.history import Diagnosis, Measurement, ProblemStatus
from tests.conftest import said

NOW = datetime.now(UTC)
BP = Vitals(sbp_mmhg=138, dbp_mmhg=80, site="left arm")


@pytest.fixture
def patient(new_patient: Callable[..., UUID]) -> UUID:
    return new_patient("Halvorsen", "Ines")


@pytest.fixture
def nurse(sign_in: Callable[..., Client]) -> Client:
    return sign_in("nurse")


def write(patient: UUID, body: Body, **more: object) -> Entry:
    return store.append([said(body, f"chart:{patient}", at=NOW - timedelta(minutes=30), **more)])[0]


def correct(client: Client, patient: UUID, entry: Entry, **change: object) -> HttpResponse:
    """The correction form as it opens, with `change` typed into it."""
    url = f"/patients/{patient}/record/{entry.id}/correct"
    form = client.get(url).context["form"]
    typed: dict[str, object] = {}
    for field in form:
        value = field.value()
        if field.name == "at":
            typed["at"] = f"{entry.at.astimezone(zone()):%Y-%m-%dT%H:%M:%S}"
        elif value not in (None, False):
            typed[field.name] = value
    return client.post(url, {**typed, "reason": "misread", **change})  # type: ignore[return-value]


def latest(entry: Entry) -> Entry:
    return store.load(entry.stream).line(entry.id)[-1]


def test_a_line_is_corrected_with_a_form_made_from_it(patient: UUID, nurse: Client) -> None:
    entry = write(patient, BP, session=uuid4())
    assert correct(nurse, patient, entry, sbp_mmhg=128).status_code == 302
    assert latest(entry).body == Vitals(sbp_mmhg=128, dbp_mmhg=80, site="left arm")
    assert (latest(entry).at, latest(entry).session) == (entry.at, entry.session)
    assert latest(entry).reason == "misread"


@pytest.mark.hazard("H016")
def test_a_correction_must_be_believable_too(patient: UUID, nurse: Client) -> None:
    answer = correct(nurse, patient, write(patient, BP), sbp_mmhg=70, dbp_mmhg=90)
    assert answer.status_code == 422
    assert "systolic is not above diastolic" in answer.content.decode()


def test_when_it_happened_can_be_corrected(patient: UUID, nurse: Client) -> None:
    entry = write(patient, BP)
    earlier = (entry.at - timedelta(minutes=20)).astimezone(zone())
    correct(nurse, patient, entry, at=f"{earlier:%Y-%m-%dT%H:%M:%S}")
    assert latest(entry).at == earlier.replace(microsecond=0)


def test_a_single_answer_of_a_questionnaire_is_corrected(patient: UUID, nurse: Client) -> None:
    entry = write(patient, Answers(instrument="PHQ9", version="1", items={"1": 2, "9": 1}, mode="paper"))
    correct(nurse, patient, entry, item_9="2")
    assert latest(entry).body.items == {"1": 2, "9": 2}


def test_what_a_coded_problem_is_called_stays(patient: UUID, nurse: Client) -> None:
    coding = Coding("http://snomed.info/sct", "38341003")
    entry = write(patient, Diagnosis(label="hypertension", status=ProblemStatus.ACTIVE, codings=(coding,)))
    correct(nurse, patient, entry, label="asthma", status="past", onset="Mar 2012")
    assert latest(entry).body == Diagnosis(
        label="hypertension", status=ProblemStatus.PAST, codings=(coding,), onset="2012-03"
    )


def test_what_was_measured_stays_what_it_was(patient: UUID, nurse: Client) -> None:
    entry = write(patient, Measurement(quantity="weight_kg", value=Decimal("70.3")))
    correct(nurse, patient, entry, value="73.0", quantity="height_cm")
    assert latest(entry).body == Measurement(quantity="weight_kg", value=Decimal("73.0"))


def test_the_same_form_sent_twice_corrects_once(patient: UUID, nurse: Client) -> None:
    entry, entry_id = write(patient, BP), str(uuid4())
    url = f"/patients/{patient}/record/{entry.id}/error"
    form = {"entry_id": entry_id, "corrects": str(entry.id), "reason": "other bay"}
    assert [nurse.post(url, form).status_code for _ in range(2)] == [302, 302]
    assert len(store.load(entry.stream).line(entry.id)) == 2


def test_a_newer_correction_is_not_overwritten(patient: UUID, nurse: Client) -> None:
    entry = write(patient, BP)
    correct(nurse, patient, entry, sbp_mmhg=128)
    answer = correct(nurse, patient, entry, sbp_mmhg=118, corrects=str(entry.id))
    assert answer.status_code == 422
    assert "already corrected" in answer.content.decode()
    assert latest(entry).body.sbp_mmhg == 128


def test_a_line_is_retracted_with_a_reason(patient: UUID, nurse: Client) -> None:
    entry = write(patient, BP)
    url = f"/patients/{patient}/record/{entry.id}/error"
    form = {"entry_id": str(uuid4()), "corrects": str(entry.id)}
    assert nurse.post(url, {**form, "reason": ""}).status_code == 422
    assert nurse.post(url, {**form, "reason": "other bay"}).status_code == 302
    assert isinstance(latest(entry).body, EnteredInError)
    assert store.load(entry.stream).said(Vitals) == []


@pytest.mark.hazard("H001")
def test_what_was_another_patients_goes_there_and_each_names_the_other(
    patient: UUID, new_patient: Callable[..., UUID], nurse: Client
) -> None:
    other, session = new_patient("Okafor", "Emeka", "1990-02-02"), uuid4()
    scheduled = SessionScheduled(course=uuid4(), number=1, planned_at=NOW)
    store.append([said(scheduled, f"chart:{other}", session=session)])
    entry = write(patient, BP, session=uuid4())
    url = f"/patients/{patient}/record/{entry.id}/wrong-patient"
    assert "Okafor" in nurse.get(url, {"q": "okafor"}).content.decode()
    shown = nurse.get(url, {"to": str(other)})
    assert "To Emeka Okafor, born 2 Feb 1990" in shown.content.decode()
    form = {
        "entry_id": str(uuid4()),
        "corrects": str(entry.id),
        "to": str(other),
        "session": str(session),
        "reason": "charted in the wrong bay",
    }
    assert nurse.post(url, form).status_code == 302
    ((moved, body),) = store.load(f"chart:{other}").said(Vitals)
    assert (body, moved.at, moved.session) == (BP, entry.at, session)
    assert moved.origin == f"{entry.stream}/{entry.id}"
    assert latest(entry).body == EnteredInError(now_in=f"chart:{other}/{moved.id}")


def test_only_those_who_may_write_a_kind_may_correct_it(
    patient: UUID, sign_in: Callable[..., Client]
) -> None:
    entry = write(patient, BP)
    therapist = sign_in("therapist")
    shown = therapist.get(f"/patients/{patient}/record/{entry.id}")
    assert shown.status_code == 200
    assert "/correct" not in shown.content.decode()
    form = {"entry_id": str(uuid4()), "corrects": str(entry.id), "reason": "no"}
    assert therapist.post(f"/patients/{patient}/record/{entry.id}/error", form).status_code == 404
    assert latest(entry) == entry


@pytest.mark.hazard("H008")
def test_an_order_that_was_given_is_not_retracted(patient: UUID, sign_in: Callable[..., Client]) -> None:
    entry = write(patient, ORDER)
    started = DoseStarted(
        order=entry.id, rate_ml_per_h=Decimal("54.8"), mg_per_ml=Decimal(1), volume_ml=Decimal(50)
    )
    write(patient, started)
    form = {"entry_id": str(uuid4()), "corrects": str(entry.id), "reason": "changed my mind"}
    answer = sign_in("prescriber").post(f"/patients/{patient}/record/{entry.id}/error", form)
    assert "this order was given" in answer.content.decode().lower()
    assert latest(entry) == entry


def test_a_rating_keeps_its_scale(patient: UUID, nurse: Client) -> None:
    entry = write(patient, Rating(scale="moaas", value=Decimal(3)))
    correct(nurse, patient, entry, value="5", scale="pain")
    assert latest(entry).body == Rating(scale="moaas", value=Decimal(5))


ORDER = OrderSigned(
    course=uuid4(),
    protocol="P05",
    protocol_version="1",
    drug="ketamine",
    route="iv",
    dose_mg=Decimal("36.5"),
    dose_mg_per_kg=Decimal("0.5"),
    weight_kg=Decimal(73),
    weight_entry=uuid4(),
    duration_min=Decimal(40),
    vial_mg_per_ml=Decimal(50),
    vial_volume_ml=Decimal("0.73"),
    diluent_ml=Decimal("49.27"),
    final_volume_ml=Decimal(50),
    rate_ml_per_h=Decimal(75),
    policy="default",
    printed_name="Hanne Voss",
)
