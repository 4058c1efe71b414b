"""The pages of a session, without any script: what each role sees and does."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lowtide.pathway.session.actions import charting, dosing
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.people.models import User
from lowtide.record.entries.base import Answer, Source
from lowtide.record.entries.chair import (
    Acknowledged,
    Discharged,
    SessionScheduled,
    SessionSigned,
    Vitals,
)
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.portal import EscortNamed
from tests.pathway.session.conftest import GOOD, READ, Care
from tests.pathway.session.test_leaving import ASKED

SignIn = Callable[..., Client]
TO_NOON = timedelta(hours=12 - datetime.now(UTC).hour)
NOON = f"Etc/GMT{-(TO_NOON // timedelta(hours=1)):+d}"


@pytest.fixture
def clinic_zone() -> str:
    """Where it is noon: a session of some hours that runs now must lie within one day."""
    return NOON


@pytest.fixture
def running(new_care: Callable[..., Care]) -> Care:
    """A dose that was started 32 minutes ago; the pressure of T+30 is missing."""
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=32))
    care.prepare()
    care.begin()
    care.measure(10, sbp_mmhg=136, dbp_mmhg=84, heart_rate_bpm=80, spo2_pct=97)
    care.measure(20, sbp_mmhg=143, dbp_mmhg=88, heart_rate_bpm=84, spo2_pct=97)
    return care


def url(care: Care, page: str = "") -> str:
    return f"/patients/{care.patient}/sessions/{care.session}" + (f"/{page}" if page else "")


def facts(care: Care) -> Facts:
    return session_facts(care.chart, care.session)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def send(client: Client, address: str, **fields: object) -> int:
    """Post a form as its page would, with an entry id of its own; answers the status."""
    return client.post(address, {"entry_id": uuid4(), **fields}).status_code


# -- the flowsheet page ---------------------------------------------------------------------------------------


def test_the_page_says_who_it_is_and_what_to_do_first(running: Care, sign_in: SignIn) -> None:
    said = text(sign_in("nurse"), url(running))
    for words in (
        "Ines Testperson",
        "14 Mar 1983",
        "143/88",
        "Late 2 min",
        "planned T+30",
        "Blood pressure",
        "Record BP",
    ):
        assert words in said


def test_the_cells_of_the_flowsheet_differ_in_words(running: Care, sign_in: SignIn) -> None:
    charting.not_done(running.act(16), item="nausea", why="asleep")
    page = sign_in("nurse").get(url(running)).content.decode()
    for state in ("is-late", "is-missed", "is-off", "is-future", "is-now"):
        assert state in page
    assert "Blood pressure, late, record now" in page
    assert "asleep" in page


def test_the_chart_has_a_sentence_and_a_table_twin(running: Care, sign_in: SignIn) -> None:
    page = sign_in("nurse").get(url(running)).content.decode()
    assert 'role="img"' in page
    assert "Missing: blood pressure at T+30" in page
    assert "Everything drawn above, as a table" in page


@pytest.mark.hazard("H015")
def test_a_missing_pressure_is_late_and_then_asks_for_a_second_person(
    new_care: Callable[..., Care], sign_in: SignIn
) -> None:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=18))
    care.prepare()
    care.begin()
    said = text(sign_in("nurse"), url(care))
    assert "Late 8 min" in said
    assert "Call a second person." in said


def test_a_reminder_shows_rule_source_state_and_action_and_asks_for_an_answer(
    running: Care, sign_in: SignIn
) -> None:
    high = running.measure(31, sbp_mmhg=165, dbp_mmhg=95)[0]
    nurse = sign_in("nurse")
    said = text(nurse, url(running))
    for words in (
        "BP 165/95",
        "Repeat in 5 min",
        "M12",
        "160/100 to 179/109",
        "unverified default",
        "Say what you do",
    ):
        assert words in said
    assert send(nurse, url(running, f"answer/M12/{high.id}"), reason="repeat in 5 min, lights down") == 302
    assert running.chart.said(Acknowledged)[0][0].reason == "repeat in 5 min, lights down"
    assert "Say what you do" not in text(nurse, url(running))


def test_two_nurses_see_each_others_entries(running: Care, sign_in: SignIn) -> None:
    one, other = sign_in("nurse"), sign_in("nurse")
    assert send(one, url(running, "enter/bp"), sbp_mmhg=150, dbp_mmhg=90) == 302
    assert send(other, url(running, "event"), what="calm") == 302
    for client in (one, other):
        shown = text(client, url(running, "live"))
        assert "150/90" in shown
        assert "Calm" in shown


def test_the_live_parts_are_those_of_the_page(running: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    whole, parts = nurse.get(url(running)).content.decode(), nurse.get(url(running, "live")).content.decode()
    names = set(re.findall(r'data-part="(\w+)"', parts))
    assert (
        names
        == {"hud", "chart", "grid", "emergency", "events", "do", "log", "plan", "watch"}
        == set(re.findall(r'data-part="(\w+)"', whole))
    )
    assert "<form" not in parts


@pytest.mark.parametrize("page", ["", "live"])
def test_a_page_takes_few_queries(running: Care, sign_in: SignIn, page: str) -> None:
    nurse = sign_in("nurse")
    nurse.get(url(running, page))
    with CaptureQueriesContext(connection) as queries:
        nurse.get(url(running, page))
    assert len(queries) <= 12, "\n".join(q["sql"][:200] for q in queries)


# -- entering -------------------------------------------------------------------------------------------------


def test_the_pump_is_read_paused_and_stopped(running: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    assert send(nurse, url(running, "pump"), rate_ml_per_h="60") == 422
    assert send(nurse, url(running, "pump"), rate_ml_per_h="75") == 302
    assert send(nurse, url(running, "pause"), reason="pressure") == 302
    assert "Nothing goes in." in text(nurse, url(running))
    assert send(nurse, url(running, "pump"), rate_ml_per_h="75") == 302
    assert "by the rates" in text(nurse, url(running, "stop"))
    assert send(nurse, url(running, "stop"), delivered_ml="40") == 422
    assert send(nurse, url(running, "stop"), delivered_ml="40", reason="anxious") == 302
    assert facts(running).given_ml == Decimal(40)


# -- before and after -----------------------------------------------------------------------------------------


def test_a_session_is_carried_from_the_booking_to_the_signature_by_its_pages(
    new_care: Callable[..., Care], sign_in: SignIn
) -> None:
    care = new_care(start=datetime.now(UTC) + timedelta(minutes=45))
    nurse, second = sign_in("nurse"), second_nurse(sign_in)
    local = care.start + TO_NOON
    assert nurse.get(url(care)).status_code == 302
    assert (
        send(
            nurse,
            url(care, "book"),
            day=f"{local:%Y-%m-%d}",
            time=f"{local:%H:%M}",
            chair="1",
            escort="Bo",
            last_ate="breakfast at 7:10",
        )
        == 302
    )
    assert care.chart.said(SessionScheduled)[0][1].escort == "Bo"
    assert "The dose is not ordered" in text(nurse, url(care))
    care.weigh(-46)
    care.order(-46)
    assert (
        send(nurse, url(care, "enter/bp"), sbp_mmhg=128, dbp_mmhg=80, heart_rate_bpm=70, spo2_pct=98) == 302
    )
    answers = {f"ask_{k}": v.value for k, v in GOOD.items()}
    assert send(nurse, url(care, "time-out"), typed="1983-03-15", chair="1", **answers) == 422
    assert send(nurse, url(care, "time-out"), typed="14 Mar 1983", chair="1", **answers) == 302
    assert "Check the preparation" in text(nurse, url(care))
    assert check(nurse, care, second, password="wrong") == 422
    assert check(nurse, care, second) == 302
    assert "Nothing stands in the way" in text(nurse, url(care))
    assert send(nurse, url(care, "start"), rate_ml_per_h="75", volume_ml="50") == 302
    assert "since start" in text(nurse, url(care))


def second_nurse(sign_in: SignIn) -> str:
    """The sign-in name of another nurse, who has a password."""
    user = User.objects.get(pk=sign_in("nurse").session["_auth_user_id"])
    user.set_password("second look")
    user.save()
    return user.username


OF_THE_VIAL = {"lot": "6K221", "expires": "2031-01-31"}


def check(nurse: Client, care: Care, login: str, password: str = "second look", **read: str) -> int:
    """Send the check of the preparation with a second nurse's own sign-in."""
    said = {"prepared_by": "me", "typed": "14 Mar 1983", "drug": "ketamine", **OF_THE_VIAL, **READ, **read}
    return send(nurse, url(care, "check"), second_login=login, second_password=password, **said)


@pytest.mark.hazard("H012")
def test_the_check_of_the_preparation_is_blind(new_care: Callable[..., Care], sign_in: SignIn) -> None:
    care = new_care(start=datetime.now(UTC) + timedelta(minutes=20))
    care.book(-60)
    care.weigh(-46)
    care.order(-45)
    nurse, second = sign_in("nurse"), second_nurse(sign_in)
    said = [text(nurse, url(care, "check"))]
    assert check(nurse, care, second, vial_volume_ml="0.37") == 302
    said.append(text(nurse, url(care, "check")))
    assert "differs from the order: drawn from the vial" in " ".join(said[1].split()).replace("</b>", "")
    for page in said:
        assert not re.search(r"0\.73|36\.5|\b75\b|0\.37|1983", re.sub(r'value="[^"]*"|id="[^"]*"', "", page))


@pytest.mark.hazard("H001")
def test_the_time_out_does_not_show_what_it_asks_for(new_care: Callable[..., Care], sign_in: SignIn) -> None:
    care = new_care(start=datetime.now(UTC) + timedelta(minutes=20))
    care.book(-60)
    said = text(sign_in("nurse"), url(care, "time-out"))
    assert "Ines Testperson" in said
    assert "1983" not in said


def test_a_start_that_something_blocks_says_what_and_where_to_mend_it(
    new_care: Callable[..., Care], sign_in: SignIn
) -> None:
    care = new_care(start=datetime.now(UTC) + timedelta(minutes=20))
    care.book(-60)
    nurse = sign_in("nurse")
    said = text(nurse, url(care))
    for words in (
        "The dose is not ordered",
        "No weight was measured today",
        "The time-out was not taken",
        "Weigh",
    ):
        assert words in said
    answer = nurse.post(url(care, "start"), {"entry_id": uuid4(), "rate_ml_per_h": "75", "volume_ml": "50"})
    assert answer.status_code == 422
    assert "dose is not ordered" in answer.content.decode()


@pytest.mark.hazard("H022")
def test_leaving_says_each_check_and_the_signature_closes_the_record(
    new_care: Callable[..., Care], sign_in: SignIn
) -> None:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=159, seconds=30))
    care.prepare()
    care.write(EscortNamed(name="Kim", phone="555 0144"), -20, session=care.session)
    care.begin()
    dosing.stop(care.act(40), delivered_ml=Decimal(50), complete=True)
    care.measure(155, sbp_mmhg=126, dbp_mmhg=78)
    charting.rating(care.act(156), scale="aldrete", value=Decimal(10))
    answers = {f"ask_{name}": "yes" for name in ASKED}
    nurse = sign_in("nurse")
    assert "119 min since the end" in text(nurse, url(care, "leave"))
    assert "Kim, 555 0144, as planned" in text(nurse, url(care, "leave"))
    assert not nurse.get(url(care, "leave")).context["form"]["escort"].value()
    assert send(nurse, url(care, "leave"), **answers, escort="her brother", reason="in a hurry") == 422
    assert send(sign_in("prescriber"), url(care, "leave"), **answers, reason="seen, and well") == 422
    assert (
        send(
            sign_in("prescriber"),
            url(care, "leave"),
            **answers,
            escort="her brother",
            reason="seen, and well",
        )
        == 302
    )
    assert care.chart.said(Discharged)[0][0].reason == "seen, and well"
    assert "missed, no reason" in text(nurse, url(care, "sign"))
    known = re.search(r'name="known" value="([^"]+)"', nurse.get(url(care, "sign")).content.decode())
    assert known
    fields = {"known": known[1].replace("&quot;", '"')}
    assert send(nurse, url(care, "sign"), printed_name="Someone Else", **fields) == 422
    assert send(nurse, url(care, "sign"), printed_name="Test Nurse", **fields) == 302
    assert care.chart.last(SessionSigned)
    assert send(nurse, url(care, "note"), text="called: well", topic="clinical") == 302
    assert "addendum" in text(nurse, url(care, "flowsheet"))


def test_the_printed_flowsheet_has_identity_corrections_and_struck_lines(
    running: Care, sign_in: SignIn
) -> None:
    from lowtide.record import store
    from tests.conftest import said

    wrong, other = facts(running).readings["bp"][-1].entry, charting.event(running.act(25), what="calm")[0]
    fix = said(Vitals(sbp_mmhg=134, dbp_mmhg=88), running.stream, at=wrong.at, reason="digits swapped")
    strike = said(EnteredInError(), running.stream, at=other.at, reason="wrong chair")
    store.append([fix.correcting(wrong), strike.correcting(other)])
    nurse = sign_in("nurse")
    page = nurse.get(url(running, "flowsheet")).content.decode()
    shown = text(nurse, url(running, "flowsheet"))
    for words in (
        "Ines Testperson",
        "born 14 Mar 1983",
        "digits swapped",
        "wrong chair",
        "printed by Test Nurse",
    ):
        assert words in shown
    assert re.search(r"<s>143/88[^<]*</s>", page)
    assert "entered in error" in shown


def test_a_monitors_values_are_marked_as_such(running: Care, sign_in: SignIn) -> None:
    running.write(Vitals(spo2_pct=95), 31, session=running.session, source=Source.DEVICE, device="simulated")
    assert "SpO₂, monitor" in text(sign_in("nurse"), url(running))


# -- who may what ---------------------------------------------------------------------------------------------


def test_the_list_of_sessions_leads_to_the_next_one(running: Care, sign_in: SignIn) -> None:
    said = text(sign_in("nurse"), f"/patients/{running.patient}/sessions")
    assert "The dose is running. Open the session" in said
    assert "Dosing" in said
    assert "36.5 mg" in said


def test_an_answer_not_yet_given_is_not_known_in_the_record(
    new_care: Callable[..., Care], sign_in: SignIn
) -> None:
    care = new_care(start=datetime.now(UTC) + timedelta(minutes=20))
    care.book(-60)
    send(sign_in("nurse"), url(care, "time-out"), typed="14 Mar 1983", chair="3", ask_escort="no")
    items = {i.item: i.answer for i in facts(care).time_out[1].items}
    assert items["escort"] is Answer.NO
    assert items["consent_valid"] is Answer.NOT_KNOWN
