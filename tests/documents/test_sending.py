"""Sent, failed and acknowledged are states of a document; what was sent keeps what it said."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from lowtide.documents import sending
from lowtide.documents.amending import amended, kept
from lowtide.documents.models import SendingRow
from lowtide.pathway.course.models import DueRow
from lowtide.pathway.course.sendings import Way, standing
from lowtide.pathway.session.actions import charting
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.problems import Refused
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.chair import Vitals
from lowtide.record.verify import verify
from tests.conftest import said
from tests.documents.story import START, Morning

SignIn = Callable[..., Client]
DESK = Person("staff:desk", "Jo Almeida", ("front_desk",), permissions(("front_desk",)))


@pytest.fixture
def morning(clinic: Entry) -> Morning:
    made = Morning()
    made.letterhead()
    made.correspondent()
    return made.infusion()


def act(morning: Morning, minutes: float, document: str = "letter") -> sending.Act:
    care = morning.care
    fields: dict[str, Any] = {"patient": care.patient, "session": care.session, "document": document}
    return sending.Act(person=DESK, entry_id=uuid4(), now=care.at(minutes), **fields)


def send(morning: Morning, minutes: float = 200) -> Entry:
    return sending.sent(
        act(morning, minutes), morning.sources, to="Dr K. Lindahl", how="fax", reference="555 0190"
    )


def stands(morning: Morning, document: str = "letter") -> Any:
    return standing(morning.care.chart, morning.care.session, document)


def due(morning: Morning) -> list[str]:
    return sorted(
        DueRow.objects.filter(stream=morning.care.stream, task__startswith="send_").values_list(
            "task", flat=True
        )
    )


def test_a_letter_is_due_until_it_is_sent_and_again_when_it_failed(morning: Morning) -> None:
    assert due(morning) == ["send_letter"]
    send(morning)
    assert due(morning) == []
    assert stands(morning).way is Way.SENT
    sending.failed(act(morning, 210), stands(morning), to="Dr K. Lindahl", how="fax", reason="no answer")
    assert due(morning) == ["send_letter"]
    assert DueRow.objects.get(task="send_letter").word == "Failed"
    send(morning, 220)
    sending.acknowledged(act(morning, 230), stands(morning), receipt="rang back")
    assert stands(morning).way is Way.ACKNOWLEDGED
    assert SendingRow.objects.get().way == "acknowledged"
    assert verify().ok


def test_a_receipt_of_an_earlier_sending_says_nothing_about_a_later_one(morning: Morning) -> None:
    send(morning)
    first = stands(morning)
    send(morning, 205)
    with pytest.raises(Refused, match="sent again meanwhile"):
        sending.acknowledged(act(morning, 210), first, receipt="rang back")


def test_only_what_is_signed_is_sent(clinic: Entry) -> None:
    made = Morning()
    made.correspondent()
    made.infusion(signed=False)
    with pytest.raises(Refused, match="not signed"):
        send(made)


@pytest.mark.hazard("H050")
def test_the_monitoring_form_has_a_clock_of_seven_days_from_the_first_device(clinic: Entry) -> None:
    made = Morning(country="US", protocol="P01").devices(signed=False)
    planned = made.care.chart
    assert due(made) == []  # the course was planned before the clinic's country asked for a programme
    course = next(b for _, b in planned.said(CoursePlanned))
    made.care.write(msgspec.structs.replace(course, programs=("spravato_rems",)), -100)
    (row,) = DueRow.objects.filter(task="send_rems_form")
    assert row.due_at == START + timedelta(days=7)
    assert row.detail == "The session is signed first."


def test_the_chair_board_counts_what_is_still_to_send_and_keeps_its_clock(
    morning: Morning, sign_in: SignIn
) -> None:
    board = sign_in("front_desk").get("/chairs").content.decode()
    assert "<b>1 document</b>, the first <b data-due-at=" in board
    assert reverse("documents:board") in board
    send(morning)
    assert "1 document" not in sign_in("front_desk").get("/chairs").content.decode()


def test_a_correction_after_the_sending_says_what_changed_and_what_was_sent_stays(morning: Morning) -> None:
    entry = send(morning)
    assert amended(morning.sources, stands(morning)) is None
    high = next(e for e, b in morning.care.chart.said(Vitals) if b.sbp_mmhg == 143)
    charting_body = Vitals(sbp_mmhg=148, dbp_mmhg=88, heart_rate_bpm=84, spo2_pct=97)
    fix = said(
        charting_body, morning.care.stream, by=morning.care.nurse.by, at=high.at, reason="misread"
    ).correcting(high)
    store.append([fix], now=morning.care.at(300))
    changed = amended(morning.sources, stands(morning))
    assert changed is not None
    assert changed.changed == ("Highest pressure",)
    assert kept(entry.body, morning.sources)
    assert morning.document("letter").said("Highest pressure").startswith("148/88")


def test_an_addendum_that_the_letter_does_not_tell_does_not_amend_it(morning: Morning) -> None:
    send(morning)
    charting.event(morning.care.act(300), what="music")
    assert amended(morning.sources, stands(morning)) is None
    assert morning.care.chart.addenda(morning.care.session)


def test_what_the_desk_sends_it_does_not_read_unless_it_is_the_bill(
    morning: Morning, sign_in: SignIn
) -> None:
    care, desk = morning.care, sign_in("front_desk")
    page = desk.get(reverse("documents:sending", args=[care.patient, care.session])).content.decode()
    assert "Dr K. Lindahl" in page
    assert "36.5" not in page
    assert (
        desk.get(reverse("documents:document", args=[care.patient, care.session, "letter"])).status_code
        == 403
    )
    assert desk.get(reverse("documents:desk", args=[care.patient, care.session, "letter"])).status_code == 404
    assert desk.get(reverse("documents:desk", args=[care.patient, care.session, "bill"])).status_code == 200


def test_the_desk_records_each_step_on_the_page_and_the_board_follows(
    morning: Morning, sign_in: SignIn
) -> None:
    care, desk, board = morning.care, sign_in("front_desk"), reverse("documents:board")
    assert "Letter to the referrer, session 1" in desk.get(board).content.decode()

    def post(step: str, **given: str) -> int:
        url = reverse("documents:step", args=[care.patient, care.session, "letter", step])
        return int(desk.post(url, {"entry_id": str(uuid4()), **given}).status_code)

    assert post("sent", to="Dr K. Lindahl", how="pigeon") == 422
    assert post("sent", to="Dr K. Lindahl", how="post", reference="RR1") == 302
    page = desk.get(board).content.decode()
    assert "Nothing waits to be sent" in page
    assert "RR1" in page
    assert post("receipt", receipt="") == 422
    assert post("receipt", receipt="card came back") == 302
    assert "Everything that was sent has a receipt" in desk.get(board).content.decode()
    assert post("not-sent", reason="the practice closed") == 302
    assert stands(morning).way is Way.WAIVED


def test_who_gets_letters_and_who_pays_are_written_on_one_page(morning: Morning, sign_in: SignIn) -> None:
    desk, url = sign_in("front_desk"), reverse("documents:addressees", args=[morning.care.patient])
    given = {"which": "letters", "letters-entry_id": str(uuid4()), "letters-name": "Dr New", "letters-role": "family_doctor", "letters-agreed": "yes"}  # fmt: skip
    assert desk.post(url, given).status_code == 302
    payer = {"which": "payer", "payer-entry_id": str(uuid4()), "payer-payer_kind": "medicare"}
    assert desk.post(url, payer).status_code == 302
    page = desk.get(url).content.decode()
    assert "Dr New" in page
    assert "Entry(" not in page
    assert morning.document("letter").said("To").startswith("Dr New")


def test_the_letterhead_and_a_price_are_the_clinics_own(clinic: Entry, sign_in: SignIn) -> None:
    director, url = sign_in("medical_director"), reverse("documents:letterhead")
    head = {"which": "letterhead", "letterhead-entry_id": str(uuid4()), "letterhead-address": "1 Quay", "letterhead-city": "Northport", "letterhead-provider": "123"}  # fmt: skip
    assert director.post(url, head).status_code == 302
    price = {"which": "price", "price-entry_id": str(uuid4()), "price-code": "96365", "price-price": "80.25", "price-currency": "usd", "price-valid_from": "2026-01-01"}  # fmt: skip
    assert director.post(url, price).status_code == 302
    page = director.get(url).content.decode()
    assert "80.25 USD" in page
    assert 'value="123"' in page
