"""The record line by line: newest first, corrections struck through with the original one step away, as known then."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lowtide.people.charts import whole_chart
from lowtide.people.models import StaffIndex
from lowtide.people.patients import actions as patient_actions
from lowtide.people.record_pages.lines import as_known_then
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Source
from lowtide.record.entries.care import Answers
from lowtide.record.entries.chair import Note, SessionSigned, TimeOut, Vitals
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.history import Diagnosis, Measurement, ProblemStatus
from tests.conftest import said

NOW = datetime.now(UTC)
REVIEWER = Person("staff:reviewer", "Reviewer", ("prescriber",), permissions(("prescriber",)))
BP = Vitals(sbp_mmhg=138, dbp_mmhg=80)


@pytest.fixture
def patient(new_patient: Callable[..., UUID]) -> UUID:
    return new_patient("Halvorsen", "Ines")


@pytest.fixture
def nurse(sign_in: Callable[..., Client]) -> Client:
    return sign_in("nurse")


def page(client: Client, patient: UUID, **query: object) -> str:
    return client.get(f"/patients/{patient}/record", query).content.decode()  # type: ignore[arg-type]


def flat(html: str) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_every_line_stands_newest_first_in_plain_words(patient: UUID, nurse: Client) -> None:
    stream = f"chart:{patient}"
    store.append([said(BP, stream, at=NOW - timedelta(hours=2))])
    store.append([said(Measurement(quantity="weight_kg", value=Decimal("73.0"), device="scale B"), stream)])
    words = flat(page(nurse, patient))
    assert "3 lines, newest first" in words
    assert words.index("Weight 73.0 kg, scale B") < words.index("Vital signs 138/80 mmHg")


def test_a_correction_stands_beside_what_it_corrects(patient: UUID, nurse: Client) -> None:
    stream = f"chart:{patient}"
    (first,) = store.append([said(BP, stream)])
    better = said(Vitals(sbp_mmhg=128, dbp_mmhg=80), stream, reason="misread", by="staff:x")
    store.append([better.correcting(first)])
    html = page(nurse, patient)
    assert "<s>138/80 mmHg</s>" in html
    assert "128/80 mmHg" in html
    assert "misread" in html
    assert f"/record/{better.id}" in html


def test_what_was_entered_in_error_is_struck_through(patient: UUID, nurse: Client) -> None:
    (first,) = store.append([said(BP, f"chart:{patient}")])
    store.append([said(EnteredInError(), first.stream, reason="other bay").correcting(first)])
    assert "<s>138/80 mmHg</s>" in page(nurse, patient)
    assert "entered in error by" in flat(page(nurse, patient))


def test_the_original_is_one_step_away_with_hashes_and_the_raw_body(patient: UUID, nurse: Client) -> None:
    (first,) = store.append([said(BP, f"chart:{patient}")])
    better = said(Vitals(sbp_mmhg=128, dbp_mmhg=80), first.stream, reason="misread").correcting(first)
    (second,) = store.append([better])
    words = nurse.get(f"/patients/{patient}/record/{second.id}").content.decode()
    for told in (first.hash, second.hash, second.previous, second.body_digest, "vitals.1", "misread", "138"):
        assert told in words


def test_late_imported_and_oddly_clocked_entries_say_so(patient: UUID, nurse: Client) -> None:
    stream = f"chart:{patient}"
    store.append([said(BP, stream, at=NOW - timedelta(hours=2))])
    store.append([said(BP, stream, source=Source.IMPORT, at=NOW - timedelta(days=900))])
    store.append([said(BP, stream, device_at=NOW, offset_s=-600, source=Source.DEVICE)])
    words = flat(page(nurse, patient))
    assert words.count("written late") == 1
    assert "imported" in words
    assert "device clock off by 600 s from a monitor" in words


def test_what_is_written_after_the_session_was_signed_is_marked(patient: UUID, nurse: Client) -> None:
    stream, session = f"chart:{patient}", uuid4()
    store.append([said(BP, stream, session=session)])
    store.append([said(SessionSigned(printed_name="S. Ortega", known={}), stream, session=session)])
    assert "signed, amended" not in page(nurse, patient)
    store.append([said(BP, stream, session=session)])
    assert page(nurse, patient).count("signed, amended") == 1


def test_the_record_is_narrowed_to_a_kind(patient: UUID, nurse: Client) -> None:
    store.append([said(BP, f"chart:{patient}")])
    store.append([said(Note(text="Slept well."), f"chart:{patient}")])
    words = flat(page(nurse, patient, kind="note"))
    assert "Slept well." in words
    assert "138/80" not in words
    assert "Vital signs 1" in words


def test_the_chart_is_shown_as_it_was_known_then(patient: UUID, nurse: Client) -> None:
    stream = f"chart:{patient}"
    (first,) = store.append([said(BP, stream, at=NOW - timedelta(hours=1))])
    store.append([said(Vitals(sbp_mmhg=128, dbp_mmhg=80), stream, reason="misread").correcting(first)])
    then = page(nurse, patient, as_of=first.seq)
    assert "As known on" in flat(then)
    assert "138/80" in then
    assert "128/80" not in then
    assert nurse.get(f"/patients/{patient}/record", {"as_of": "soon"}).status_code == 404


@pytest.mark.hazard("H002")
def test_a_chart_joined_later_was_not_known_then(new_patient: Callable[..., UUID]) -> None:
    one, other = new_patient("Halvorsen"), new_patient("Halvorson")
    uropathy = Diagnosis(label="uropathy", status=ProblemStatus.PAST)
    store.append([said(uropathy, f"chart:{other}")])
    patient_actions.link(REVIEWER, one, other, uuid4(), "same", now=NOW)
    whole = whole_chart(f"chart:{one}")
    assert known(whole, 1) == []
    assert known(whole, 2) == ["uropathy"]


def known(chart: Chart, seq: int) -> list[str]:
    return [body.label for _, body in as_known_then(chart, seq).said(Diagnosis)]


def test_joined_charts_are_told_apart_by_their_number(
    new_patient: Callable[..., UUID], nurse: Client
) -> None:
    one, other = new_patient("Halvorsen"), new_patient("Halvorson")
    store.append([said(BP, f"chart:{other}")])
    patient_actions.link(REVIEWER, one, other, uuid4(), "same", now=NOW)
    assert f"LT-{other.hex[:4]} </span>" in page(nurse, one).replace("</span></span>", " </span>")


def test_a_long_chart_is_paged_and_asks_the_database_no_more_than_a_short_one(
    patient: UUID, nurse: Client
) -> None:
    stream = f"chart:{patient}"
    many = [said(BP, stream, at=NOW - timedelta(minutes=n)) for n in range(3000)]
    store.append(many[:100])
    page(nurse, patient)
    with CaptureQueriesContext(connection) as short:
        assert "51 to 100 of 101" in flat(page(nurse, patient, page=2))
    store.append(many[100:])
    page(nurse, patient)
    with CaptureQueriesContext(connection) as long:
        assert "51 to 100 of 3001" in flat(page(nurse, patient, page=2))
    assert len(long) == len(short)


def test_an_entry_of_another_chart_is_not_found_through_this_one(
    new_patient: Callable[..., UUID], nurse: Client
) -> None:
    one, other = new_patient("Halvorsen"), new_patient("Okafor")
    (entry,) = store.append([said(BP, f"chart:{other}")])
    assert nurse.get(f"/patients/{other}/record/{entry.id}").status_code == 200
    for page_of in ("", "/correct", "/error", "/wrong-patient"):
        assert nurse.get(f"/patients/{one}/record/{entry.id}{page_of}").status_code == 404


def test_a_form_saved_answer_by_answer_is_one_line_with_nothing_struck(patient: UUID, nurse: Client) -> None:
    half = Answers(instrument="PHQ-9", version="1", items={"1": 2}, mode="paper", complete=False)
    (first,) = store.append([said(half, f"chart:{patient}")])
    whole = Answers(instrument="PHQ-9", version="1", items={"1": 2, "2": 1}, mode="paper")
    store.append([said(whole, first.stream, reason="answered on").correcting(first)])
    html = page(nurse, patient)
    assert "1: 2, 2: 1" in html
    assert "<s>" not in html
    assert "answered on" not in html


def test_an_answer_that_was_changed_stays_readable(patient: UUID, nurse: Client) -> None:
    half = Answers(instrument="PHQ-9", version="1", items={"1": 2}, mode="paper", complete=False)
    (first,) = store.append([said(half, f"chart:{patient}")])
    other = Answers(instrument="PHQ-9", version="1", items={"1": 3, "2": 1}, mode="paper")
    store.append([said(other, first.stream, reason="answered on").correcting(first)])
    assert "left half-way, 1: 2</s>" in page(nurse, patient)


def test_whoever_is_named_in_an_entry_stands_there_by_name(patient: UUID, nurse: Client) -> None:
    (member,) = StaffIndex.objects.filter(roles__contains="nurse")
    pause = TimeOut(items=(), second_identifier="birth date", nurse=f"staff:{member.key}", chair="2")
    store.append([said(pause, f"chart:{patient}")])
    assert f"0 of 0 items yes, nurse {member.name}, chair 2" in page(nurse, patient)
