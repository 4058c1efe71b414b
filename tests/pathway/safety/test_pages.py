"""The chart's pages of adverse events and reports, and what Today shows of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from lowtide.record.entries.events import AdverseEvent, AdverseEventFollowed, ReportSent, ReportTaken
from tests.pathway.safety.conftest import Told, told
from tests.pathway.session.conftest import register

SignIn = Callable[..., Client]
EVENT = {
    "term": "headache",
    "grade": "2",
    "serious": "no",
    "action": "none",
    "relation": "possible",
    "outcome": "ongoing",
}


@pytest.fixture
def care(clinic: object) -> Told:
    found = told(register(start=datetime.now(UTC) - timedelta(hours=2)))
    found.prepare()
    found.begin()
    return found


def entry_id(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return page.partition('name="entry_id" value="')[2].partition('"')[0]


def post(client: Client, address: str, **fields: object) -> str:
    answer = client.post(address, {"entry_id": entry_id(client, address), **fields}, follow=True)
    return " ".join(answer.content.decode().split())


def test_an_event_told_from_home_is_written_with_the_day_it_began(care: Told, sign_in: SignIn) -> None:
    address = f"/patients/{care.patient}/events/new"
    page = post(sign_in("nurse"), address, began="yesterday", **EVENT)
    assert "is no date" in page
    day = (datetime.now(UTC) - timedelta(days=1)).date()
    page = post(sign_in("nurse"), address, began=day.isoformat(), **EVENT)
    assert "The event is recorded" in page
    (_, body), *_ = care.chart.said(AdverseEvent)
    assert (body.dated, body.term, body.relation) == (day.isoformat(), "headache", "possible")


def test_the_event_is_asked_about_again_on_its_page(care: Told, sign_in: SignIn) -> None:
    event = care.event(20)
    client = sign_in("nurse")
    page = post(
        client, f"/patients/{care.patient}/events/{event.id}/follow", how="phone", outcome="recovered"
    )
    assert "Over" in page
    assert care.chart.last(AdverseEventFollowed)


def test_a_serious_event_shows_its_report_with_a_way_to_take_and_to_send_it(
    care: Told, sign_in: SignIn
) -> None:
    event, client = care.serious(20), sign_in("prescriber")
    base = f"/patients/{care.patient}/events/{event.id}"
    assert "nobody has taken it" in client.get(base).content.decode()
    client.post(f"{base}/reports/bfarm/take")
    assert care.chart.last(ReportTaken)
    assert "The proof is missing" in post(client, f"{base}/reports/bfarm", state="sent", channel="online")
    page = post(client, f"{base}/reports/bfarm", state="sent", channel="online", reference="DE-1")
    assert "reference DE-1" in page
    sent = care.chart.last(ReportSent)
    assert sent
    assert sent[1].reference == "DE-1"


def test_today_shows_the_report_and_the_list_names_it(care: Told, sign_in: SignIn) -> None:
    care.serious(20)
    client = sign_in("prescriber")
    assert "Report to BfArM" in client.get("/today").content.decode()
    page = client.get(f"/patients/{care.patient}/events").content.decode()
    assert "To send" in page
    assert "serious" in page


def test_a_corrected_event_keeps_what_was_said_first_in_sight(care: Told, sign_in: SignIn) -> None:
    event, client = care.event(20), sign_in("nurse")
    base = f"/patients/{care.patient}/events/{event.id}"
    day = event.at.date().isoformat()
    page = post(client, f"{base}/correct", began=day, reason="mistyped", **EVENT)
    assert "<s>Nausea" in page
    assert "Headache" in page


def test_an_event_of_another_patient_is_not_found(care: Told, sign_in: SignIn) -> None:
    event, stranger = care.event(20), register(family="Other")
    assert sign_in("nurse").get(f"/patients/{stranger.patient}/events/{event.id}").status_code == 404
