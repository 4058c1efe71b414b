"""The intake page: every question has its field, what is said is kept once, and nobody overwrites anybody."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from lowtide.data import intake
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer
from lowtide.record.entries.history import (
    Allergy,
    Diagnosis,
    HistoryItem,
    HistoryTaken,
    Measurement,
    Medicine,
    ProblemStatus,
    Result,
    TreatmentTrial,
)
from tests.conftest import said

NewPatient = Callable[..., UUID]
SignIn = Callable[..., Client]
ITEMS = [item for item in intake.items().values() if item.ask]


def page(client: Client, patient: UUID, query: str = "") -> str:
    return client.get(f"/patients/{patient}/history{query}").content.decode()


def chart(patient: UUID) -> Chart:
    return store.load(f"chart:{patient}")


def answers(patient: UUID) -> dict[str, HistoryItem]:
    return {body.item: body for _, body in chart(patient).said(HistoryItem)}


def fields(**items: str) -> dict[str, str]:
    """`answer__dx__tia="never"` names the field answer-dx.tia."""
    named = (name.split("__", 1) for name in items)
    return {f"{kind}-{item.replace('__', '.')}": items[f"{kind}__{item}"] for kind, item in named}


def save(client: Client, patient: UUID, section: str, form: UUID | None = None, **items: str) -> Any:
    posted = {"entry_id": str(form or uuid4()), **fields(**items)}
    return client.post(f"/patients/{patient}/history/{section}", posted)


def stood(client: Client, patient: UUID, item: str) -> dict[str, str]:
    """The hidden field that says which answer stood when the page was made."""
    found = re.search(rf'name="(was-{re.escape(item)}_id)" value="([^"]*)"', page(client, patient))
    assert found
    return {found[1]: found[2]}


# -- what is asked ----------------------------------------------------------------------------------------------


def test_every_item_of_the_catalogue_has_its_place(new_patient: NewPatient, sign_in: SignIn) -> None:
    html = page(sign_in("nurse"), new_patient())
    assert not [item.id for item in ITEMS if f'id="q-{item.id}"' not in html]


def test_nothing_is_chosen_for_anybody(new_patient: NewPatient, sign_in: SignIn) -> None:
    html = page(sign_in("nurse"), new_patient())
    assert not re.findall(r"<input[^>]* name=[^>]* checked", html)


def test_only_what_is_open_leaves_out_what_was_answered(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    save(nurse, patient, "brain", answer__dx__tia="never", answer__dx__seizure="not_known")
    html = page(nurse, patient, "?only=missing")
    assert 'id="q-dx.tia"' not in html
    assert 'id="q-dx.seizure"' in html
    assert "2 of 11" in html


def test_who_may_read_but_not_write_finds_no_button(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, therapist = new_patient(), sign_in("therapist")
    html = page(therapist, patient)
    assert 'type="submit">Save' not in html
    assert save(therapist, patient, "brain", answer__dx__tia="never").status_code == 403
    assert answers(patient) == {}


@pytest.mark.parametrize("role", ["front_desk", "researcher", "administrator"])
def test_who_may_not_see_a_chart_sees_no_history(role: str, new_patient: NewPatient, sign_in: SignIn) -> None:
    assert sign_in(role).get(f"/patients/{new_patient()}/history").status_code == 403


# -- saving -----------------------------------------------------------------------------------------------------


@pytest.mark.either
@pytest.mark.parametrize("item", ITEMS, ids=lambda i: i.id)
def test_every_question_takes_an_answer_and_shows_it_again(
    item: intake.Item, new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse = new_patient(birth_date=None, sex="unknown"), sign_in("nurse")
    given = {
        "number": {f"value-{item.id}": "170" if item.id == "height_cm" else f"{min(30, item.max or 0):g}"},
        "choice": {f"answer-{item.id}": (item.choices or ("",))[0]},
        "condition": {f"answer-{item.id}": "past", f"date-{item.id}": "Mar 2019"},
        "several": {f"answer-{item.id}": "yes", f"value-{item.id}": "cannabis, cocaine"},
        "word": {f"value-{item.id}": "pill"} if not item.choices else {f"answer-{item.id}": item.choices[0]},
    }.get(item.kind, {f"answer-{item.id}": "yes"})
    done = nurse.post(f"/patients/{patient}/history/{item.section}", {"entry_id": str(uuid4()), **given})
    if item.id in ("treatment_trials", "weight_change_pct"):
        assert answers(patient) == {}
        return
    assert done.status_code == 302
    assert {*answers(patient)} | {m.quantity for _, m in chart(patient).said(Measurement)} == {item.id}


def test_a_save_writes_the_answers_and_that_they_were_asked(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    save(
        nurse, patient, "brain", answer__dx__tia="past", date__dx__tia="May 2019", detail__dx__tia="left arm",
        answer__dx__seizure="not_known",
    )  # fmt: skip
    assert answers(patient)["dx.tia"] == HistoryItem(
        item="dx.tia", answer=Answer.YES, value="past", date="2019-05", detail="left arm"
    )
    taken = chart(patient).last(HistoryTaken)
    assert taken
    assert set(taken[1].items) == {"dx.tia", "dx.seizure"}


def test_saving_again_without_a_change_writes_nothing(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    save(nurse, patient, "brain", answer__dx__tia="never")
    before = len(chart(patient))
    was = stood(nurse, patient, "dx.tia")
    nurse.post(
        f"/patients/{patient}/history/brain", {"entry_id": str(uuid4()), "answer-dx.tia": "never", **was}
    )
    assert len(chart(patient)) == before


def test_the_same_form_sent_twice_says_it_once(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse, form = new_patient(), sign_in("nurse"), uuid4()
    for _ in range(2):
        assert save(nurse, patient, "brain", form, answer__dx__tia="never").status_code == 302
    assert len(chart(patient)) == 3  # who it is, the answer, that it was asked


def test_a_slip_is_corrected_by_whoever_made_it_the_same_day(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    save(nurse, patient, "brain", answer__dx__tia="never")
    was, form = stood(nurse, patient, "dx.tia"), str(uuid4())
    again = {"entry_id": form, "answer-dx.tia": "past", **was}
    for _ in range(2):  # a retry of the correction is the same correction
        nurse.post(f"/patients/{patient}/history/brain", again)
    (entry, body) = chart(patient).said(HistoryItem)[0]
    assert (body.value, len(chart(patient).line(entry.id)), bool(entry.reason)) == ("past", 2, True)


def test_another_persons_answer_is_a_new_entry_beside_the_old_one(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse, prescriber = new_patient(), sign_in("nurse"), sign_in("prescriber")
    save(nurse, patient, "brain", answer__dx__tia="never")
    was = stood(prescriber, patient, "dx.tia")
    prescriber.post(
        f"/patients/{patient}/history/brain", {"entry_id": str(uuid4()), "answer-dx.tia": "past", **was}
    )
    assert [body.answer for _, body in chart(patient).said(HistoryItem)] == [Answer.NO, Answer.YES]


def test_two_people_at_once_both_land_where_they_speak_of_different_items(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse, prescriber = new_patient(), sign_in("nurse"), sign_in("prescriber")
    save(nurse, patient, "brain", answer__dx__tia="never")
    save(prescriber, patient, "brain", answer__dx__seizure="never")
    assert set(answers(patient)) == {"dx.tia", "dx.seizure"}


def test_two_people_who_answer_one_item_differently_both_see_both(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse, prescriber = new_patient(), sign_in("nurse"), sign_in("prescriber")
    save(nurse, patient, "brain", answer__dx__tia="never")
    refused: HttpResponse = save(
        prescriber, patient, "brain", answer__dx__tia="past", answer__dx__seizure="never"
    )
    assert refused.status_code == 409
    html = refused.content.decode()
    assert "dx.tia: no" in html
    assert "dx.tia: yes, past" in html
    assert set(answers(patient)) == {"dx.tia"}


def test_two_people_who_give_the_same_answer_need_not_agree_on_who_was_first(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse, prescriber = new_patient(), sign_in("nurse"), sign_in("prescriber")
    save(nurse, patient, "brain", answer__dx__tia="never")
    assert save(prescriber, patient, "brain", answer__dx__tia="never").status_code == 302
    assert len(chart(patient).said(HistoryItem)) == 1


@pytest.mark.parametrize(
    ("section", "wrong", "words"),
    [
        ("mind", {"value__moca": "31"}, "outside what is possible"),
        ("mind", {"value__moca": "many"}, "is no number"),
        ("mind", {"value__moca": "20", "answer__moca": "not_known"}, "A value and “not known”"),
        (
            "brain",
            {"answer__dx__seizure": "past", "date__dx__seizure": "3/4/2019"},
            "Write the month as a word",
        ),
        ("brain", {"answer__dx__seizure": "past", "date__dx__seizure": "2099"}, "lies in the future"),
        ("brain", {"detail__dx__seizure": "as a child"}, "without an answer"),
        ("substance", {"answer__uds_positive": "yes"}, "Nothing is named"),
        ("person", {"value__weight_kg": "730"}, "Weigh again"),
    ],
)
def test_what_cannot_be_read_is_said_beside_it_and_stays_as_typed(
    section: str, wrong: dict[str, str], words: str, new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    refused = save(nurse, patient, section, **wrong)
    html = refused.content.decode()
    assert (refused.status_code, answers(patient)) == (422, {})
    assert words in html
    typed = next(iter(reversed(wrong.values())))
    assert f'value="{typed}"' in html


def test_emptying_a_field_does_not_unsay_what_was_said(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    save(nurse, patient, "mind", value__moca="28")
    was = stood(nurse, patient, "moca")
    refused = nurse.post(
        f"/patients/{patient}/history/mind", {"entry_id": str(uuid4()), "value-moca": "", **was}
    )
    assert refused.status_code == 422
    assert answers(patient)["moca"].value == "28"


def test_a_measured_weight_is_a_measurement_and_never_stands_in_its_field(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    save(nurse, patient, "person", value__weight_kg="72,5", date__weight_kg="3 Nov 2025")
    (entry, body) = chart(patient).said(Measurement)[0]
    assert (body.value, body.dated, entry.at.astimezone(UTC).date() < datetime.now(UTC).date()) == (
        Decimal("72.5"),
        "2025-11-03",
        True,
    )
    html = page(nurse, patient)
    assert "72.5 kg, 3 Nov 2025" in html
    assert 'name="value-weight_kg" value=""' in html


def test_an_answer_of_an_earlier_day_is_not_corrected_but_followed(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    earlier = datetime.now(UTC) - timedelta(days=3)
    first = said(HistoryItem(item="dx.tia", answer=Answer.NO), f"chart:{patient}", at=earlier)
    store.append([first])
    was = stood(nurse, patient, "dx.tia")
    nurse.post(
        f"/patients/{patient}/history/brain", {"entry_id": str(uuid4()), "answer-dx.tia": "past", **was}
    )
    assert len(chart(patient).said(HistoryItem)) == 2


# -- lists ------------------------------------------------------------------------------------------------------


def add(client: Client, patient: UUID, which: str, form: UUID | None = None, **typed: str) -> Any:
    posted = {f"{which}-{name}": value for name, value in typed.items()}
    posted[f"{which}-entry_id"] = str(form or uuid4())
    return client.post(f"/patients/{patient}/history/{which}/add", posted)


def test_each_list_takes_a_line(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    add(nurse, patient, "problems", label="psychosis", status="past", onset="2012")
    add(nurse, patient, "medicines", name="Zoloft 50 mg", status="active", daily_dose_mg="50")
    add(nurse, patient, "allergies", substance="penicillin", reaction="rash")
    add(
        nurse, patient, "trials", agent="sertraline", weeks="8", minimum_effective_dose="yes", current_episode="not_known"
    )  # fmt: skip
    add(
        nurse, patient, "results", test="ALT", value="88", unit="U/L", reference_high="45", abnormal="yes", dated="3 Nov 2025"
    )  # fmt: skip
    found = chart(patient)
    problem, medicine, result = found.last(Diagnosis), found.last(Medicine), found.last(Result)
    assert problem
    assert medicine
    assert result
    assert (problem[1].keys, problem[1].onset) == (("psychosis",), "2012")
    assert medicine[1].daily_dose_mg == 50
    assert (result[1].test, result[1].dated) == ("alt_u_l", "2025-11-03")
    assert found.last(TreatmentTrial)
    assert found.last(Allergy)


def test_a_line_sent_twice_is_one_line(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse, form = new_patient(), sign_in("nurse"), uuid4()
    for _ in range(2):
        assert add(nurse, patient, "allergies", form, substance="latex").status_code == 302
    assert len(chart(patient).said(Allergy)) == 1


@pytest.mark.hazard("H032")
def test_a_medicine_nobody_recognises_says_so(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    add(nurse, patient, "medicines", name="Tranquilon", status="active")
    add(nurse, patient, "medicines", name="Nardil 15 mg", status="active")
    html = page(nurse, patient)
    assert "not recognised: a reason to wait" in html
    assert "MAO" in html


def test_a_known_test_in_another_unit_is_refused(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    refused = add(nurse, patient, "results", test="TSH", value="2", unit="ng/dL", abnormal="no", dated="2025")
    assert refused.status_code == 422
    assert chart(patient).last(Result) is None


def declare(client: Client, patient: UUID, which: str, **more: str) -> Any:
    return client.post(f"/patients/{patient}/history/{which}/whole", {"entry_id": str(uuid4()), **more})


def test_a_list_is_whole_only_once_somebody_says_so(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    assert "nobody has said that this list is whole" in page(nurse, patient)
    declare(nurse, patient, "medicines")
    taken = chart(patient).last(HistoryTaken)
    assert taken
    assert taken[1].items == ("medicines",)
    assert "called whole" in page(nurse, patient)


def test_no_known_allergies_is_an_entry_and_is_refused_while_one_stands(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    declare(nurse, patient, "allergies", none="1")
    none = chart(patient).last(Allergy)
    assert none
    assert (none[1].substance, none[1].status) == ("any", ProblemStatus.REFUTED)
    add(nurse, patient, "allergies", substance="latex")
    declare(nurse, patient, "allergies", none="1")
    assert len(chart(patient).said(Allergy)) == 2
