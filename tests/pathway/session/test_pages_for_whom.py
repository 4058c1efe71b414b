"""Whose eyes and hands a session’s pages are for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from lowtide.record.entries.chair import (
    Note,
)
from tests.pathway.session.conftest import Care
from tests.pathway.session.test_pages import SignIn, clinic_zone, running, send, text, url

__all__ = ["clinic_zone", "running"]


READS = ["", "live", "flowsheet"]
CHARTS = [
    "enter/bp",
    "enter/sedation",
    "event",
    "not-done/bp",
    "pump",
    "pause",
    "stop",
    "leave",
    "break-off",
    "time-out",
    "check",
    "start",
]


@pytest.mark.parametrize("role", ["front_desk", "researcher", "administrator", "patient"])
def test_who_may_not_read_charts_sees_no_session(running: Care, sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    assert {client.get(url(running, page)).status_code for page in READS + CHARTS} <= {403, 404}


def test_a_therapist_reads_but_charts_nothing(running: Care, sign_in: SignIn) -> None:
    client = sign_in("therapist")
    assert {client.get(url(running, page)).status_code for page in READS} == {200}
    assert {client.get(url(running, page)).status_code for page in CHARTS} == {403}
    assert "Record BP" not in text(client, url(running))


def test_a_therapy_note_is_read_by_therapists_alone(running: Care, sign_in: SignIn) -> None:
    therapist, nurse = sign_in("therapist"), sign_in("nurse")
    assert send(therapist, url(running, "note"), text="spoke of the brother", topic="therapy") == 302
    assert running.chart.said(Note)[0][0].visible_to == ("therapist",)
    for page in ("", "live", "flowsheet", "sign"):
        assert "spoke of the brother" not in nurse.get(url(running, page)).content.decode()
    assert "spoke of the brother" in text(sign_in("therapist"), url(running))
    assert send(nurse, url(running, "note"), text="x", topic="therapy") == 422


def test_front_desk_books_but_reads_nothing(new_care: Callable[..., Care], sign_in: SignIn) -> None:
    care = new_care(start=datetime.now(UTC) + timedelta(days=2))
    desk, day = sign_in("front_desk"), care.start.date()
    assert desk.get(url(care, "book")).status_code == 200
    assert send(desk, url(care, "book"), day=day.isoformat(), time="12:00", chair="1") == 302
    assert send(desk, url(care, "cancel"), reason="has a cold") == 302
    assert desk.get(f"/patients/{care.patient}/sessions").status_code == 403


def test_a_session_of_another_chart_is_not_found(
    running: Care, new_care: Callable[..., Care], sign_in: SignIn
) -> None:
    other = new_care()
    assert sign_in("nurse").get(f"/patients/{other.patient}/sessions/{running.session}").status_code == 404
