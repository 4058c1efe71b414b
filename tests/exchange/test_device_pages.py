"""The clinic's devices are registered, put on a person at the chair, and seen there."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.exchange.devices.live import live
from lowtide.exchange.devices.taking import Taker
from lowtide.exchange.hl7v2 import made
from lowtide.exchange.models import JoinedDevice
from lowtide.pathway.session.actions.devices import registered
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Chair
from tests.conftest import said
from tests.exchange.test_device_taking import VALUES, know
from tests.pathway.session.conftest import Care, register

SignIn = Callable[..., Client]


@pytest.fixture
def running(clinic: Entry) -> Care:
    care = register()
    care.prepare()
    care.begin()
    return care


def of(care: Care, more: str = "") -> str:
    return f"/patients/{care.patient}/sessions/{care.session}/devices{more}"


def form(**said: str) -> dict[str, str]:
    return {"entry_id": str(uuid4()), **said}


def test_a_device_is_registered_once_however_often_the_button_is_pressed(
    clinic: Entry, sign_in: SignIn
) -> None:
    director, sent = (
        sign_in("medical_director"),
        form(device="M7", label="Monitor 7", device_kind="monitor", zone=""),
    )
    assert [director.post("/clinic/devices", sent).status_code for _ in range(2)] == [302, 302]
    assert [row.label for row in registered().values()] == ["Monitor 7"]


def test_a_zone_that_does_not_exist_is_said_beside_its_field(clinic: Entry, sign_in: SignIn) -> None:
    answer = sign_in("medical_director").post("/clinic/devices", form(device="M7", label="Monitor 7", device_kind="monitor", zone="Mars"))  # fmt: skip
    assert answer.status_code == 422
    assert "Write it as Europe/Berlin" in answer.content.decode()


def test_a_device_that_is_no_longer_used_cannot_be_put_on(running: Care, sign_in: SignIn) -> None:
    know("M1")
    sign_in("medical_director").post("/clinic/devices/M1/retire")
    answer = sign_in("nurse").post(of(running), form(device="M1"))
    assert answer.status_code == 422
    assert not JoinedDevice.objects.exists()


def test_a_nurse_puts_a_device_on_sees_what_it_says_and_takes_it_off(running: Care, sign_in: SignIn) -> None:
    know("M1")
    nurse = sign_in("nurse")
    assert nurse.post(of(running), form(device="M1")).status_code == 302
    taker = Taker(live)
    taker.take(made.monitor("M1", "1", taker.now(), VALUES, taker.now()))
    page = nurse.get(of(running, "/live")).content.decode()
    assert "132/84" in page
    assert "97 %" in page
    nurse.post(of(running, "/off"), form(device="M1"))
    assert "No monitor or pump is put on" in nurse.get(of(running, "/live")).content.decode()


@pytest.mark.hazard("H018")
def test_a_device_that_is_on_another_person_names_that_person(running: Care, sign_in: SignIn) -> None:
    know("M1")
    nurse, other = sign_in("nurse"), register(running.start, "Otherperson")
    other.book(chair="4")
    nurse.post(of(other), form(device="M1"))
    answer = nurse.post(of(running), form(device="M1"))
    assert answer.status_code == 422
    assert "Otherperson" in answer.content.decode()
    assert [row.stream for row in JoinedDevice.objects.all()] == [other.stream]


def test_a_device_heard_without_being_registered_is_listed(clinic: Entry, sign_in: SignIn) -> None:
    taker = Taker(live)
    taker.take(made.monitor("STRANGER-9", "1", taker.now(), VALUES, taker.now()))
    assert "STRANGER-9" in sign_in("medical_director").get("/clinic/devices").content.decode()


@pytest.mark.hazard("H018")
def test_a_device_of_this_chair_is_proposed_and_put_on_by_whoever_looked(
    running: Care, sign_in: SignIn
) -> None:
    chair = session_facts(running.chart, running.session).chair or ""
    store.append([said(Chair(chair=chair, label=f"Chair {chair}"), "clinic:main")])
    sent = form(device="M7", label="Monitor 7", device_kind="monitor", zone="", chair=chair)
    assert sign_in("medical_director").post("/clinic/devices", sent).status_code == 302
    know("M8")
    nurse = sign_in("nurse")
    assert "Monitor 7 stands at this chair" in nurse.get(of(running, "/live")).content.decode()
    assert "Device M8 stands" not in nurse.get(of(running, "/live")).content.decode()
    page = nurse.get(of(running)).content.decode()
    assert "At this chair" in page
    assert not JoinedDevice.objects.exists()
    nurse.post(of(running), form(device="M7"))
    assert "stands at this chair" not in nurse.get(of(running, "/live")).content.decode()


def test_what_could_not_be_charted_is_said_beside_the_values(running: Care, sign_in: SignIn) -> None:
    know("M1")
    nurse = sign_in("nurse")
    nurse.post(of(running), form(device="M1"))
    taker = Taker(live)
    message = made.monitor("M1", "1", taker.now(), VALUES, taker.now())
    taker.take(message.replace(b"\rOBR", b"\rPID|||99887^^^OTHER||Stranger^Sam||19500101|M\rOBR"))
    page = nurse.get(of(running, "/live")).content.decode()
    assert "Sam Stranger, born 19500101, number 99887" in page
    live.refuse("M1", taker.now(), "70/90: systolic is not above diastolic")
    assert "70/90: systolic" in nurse.get(of(running, "/live")).content.decode()
