"""Results wait until a named clinician has seen them, those out of range first."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.pathway.evaluate.models import ResultWaiting
from lowtide.record import access_log, store, verify
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.history import Result, ResultReviewed
from tests.conftest import said

NewPatient = Callable[..., UUID]
SignIn = Callable[..., Client]


def result(patient: UUID, label: str = "creatinine", value: str = "0.9", **more: Any) -> Entry:
    fields: dict[str, Any] = {
        "unit": "mg/dL",
        "reference_low": Decimal("0.6"),
        "reference_high": Decimal("1.2"),
    }
    body = Result(label=label, value=Decimal(value), **(fields | more))
    return store.append([said(body, f"chart:{patient}")])[0]


def review(client: Client, *results: Entry, form: UUID | None = None, note: str = "") -> Any:
    given = {"entry_id": str(form or uuid4()), "result": [str(r.id) for r in results], "note": note}
    return client.post("/results/review", given)


def page(client: Client, query: str = "") -> str:
    return client.get(f"/results/{query}").content.decode()


def reviewed(patient: UUID) -> list[ResultReviewed]:
    return [body for _, body in store.load(f"chart:{patient}").said(ResultReviewed)]


def test_what_is_out_of_range_comes_first(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient = new_patient()
    result(patient, "sodium")
    result(patient, "potassium", "6.1", unit="mmol/L", reference_high=Decimal(5))
    result(new_patient("Otherperson"), "ECG", abnormal=Answer.YES)
    html = page(sign_in("prescriber"))
    assert html.index("potassium") < html.index("sodium")
    assert html.index("ECG") < html.index("sodium")
    assert len(re.findall(">Out of range<", html)) == 2


@pytest.mark.parametrize(("value", "beyond"), [("0.5", True), ("0.6", False), ("1.2", False), ("1.3", True)])
def test_a_value_on_the_limit_is_within_it(value: str, beyond: bool, new_patient: NewPatient) -> None:
    entry = result(new_patient(), value=value)
    assert ResultWaiting.objects.get(key=str(entry.id)).out_of_range is beyond


def test_a_reviewed_result_waits_no_more_and_says_who_saw_it(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, prescriber = new_patient(), sign_in("prescriber")
    entry = result(patient)
    assert review(prescriber, entry, note="repeat in a week").status_code == 302
    (body,) = reviewed(patient)
    assert (body.results, body.note) == ((entry.id,), "repeat in a week")
    assert not ResultWaiting.objects.exists()
    html = page(prescriber, f"?patient={patient}")
    assert "Test Prescriber" in html[html.index("Seen") :]


def test_results_of_several_patients_are_reviewed_in_each_chart(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    one, other = new_patient(), new_patient("Otherperson")
    review(sign_in("prescriber"), result(one), result(one, "sodium"), result(other))
    assert [len(body.results) for body in reviewed(one)] == [2]
    assert [len(body.results) for body in reviewed(other)] == [1]


def test_a_review_sent_twice_is_one(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, prescriber, form = new_patient(), sign_in("prescriber"), uuid4()
    entry = result(patient)
    for _ in range(2):
        assert review(prescriber, entry, form=form).status_code == 302
    assert len(reviewed(patient)) == 1


def test_a_corrected_result_waits_again(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, prescriber = new_patient(), sign_in("prescriber")
    entry = result(patient)
    review(prescriber, entry)
    corrected = said(Result(label="creatinine", value=Decimal("9.0")), f"chart:{patient}", reason="misread")
    store.append([corrected.correcting(entry)])
    assert [row.value for row in ResultWaiting.objects.all()] == ["9.0"]


def test_a_result_corrected_while_the_page_was_open_is_not_reviewed_unseen(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient = new_patient()
    entry = result(patient)
    corrected = said(Result(label="creatinine", value=Decimal("9.0")), f"chart:{patient}", reason="misread")
    store.append([corrected.correcting(entry)])
    review(sign_in("prescriber"), entry)
    assert reviewed(patient) == []


def test_a_result_entered_in_error_waits_for_nobody(new_patient: NewPatient) -> None:
    patient = new_patient()
    entry = result(patient)
    wrong = said(EnteredInError(), f"chart:{patient}", reason="wrong patient")
    store.append([wrong.correcting(entry)])
    assert not ResultWaiting.objects.exists()


def test_nothing_ticked_records_nothing(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient = new_patient()
    result(patient)
    review(sign_in("prescriber"))
    assert reviewed(patient) == []


@pytest.mark.parametrize("role", ["nurse", "therapist", "front_desk", "researcher", "administrator"])
def test_only_who_may_review_sees_the_list(role: str, sign_in: SignIn) -> None:
    assert sign_in(role).get("/results/").status_code == 403


def test_whoever_reads_the_list_has_read_of_those_charts(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient = new_patient()
    result(patient)
    page(sign_in("prescriber"))
    (line,) = access_log.recent(stream=f"chart:{patient}")
    assert (line.detail, line.allowed) == ("results to review", True)


def test_the_table_of_waiting_results_is_what_the_record_says(new_patient: NewPatient) -> None:
    result(new_patient())
    assert verify.verify().first_failure is None
