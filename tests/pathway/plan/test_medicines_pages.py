"""The medicines page: one line an ingredient, settled by people by name; what is held is asked for at the chair."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.data.policies import policy
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.people.clinic import zone
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Coding, Source
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.history import HistoryItem, Medicine, MedicinesReconciled, ProblemStatus
from tests.conftest import said
from tests.pathway.evaluate.charts import TRD

NewPatient = Callable[..., UUID]
SignIn = Callable[..., Client]
ACTIVE, PAST = ProblemStatus.ACTIVE, ProblemStatus.PAST
AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


def chart(patient: UUID) -> Chart:
    return store.load(f"chart:{patient}")


def take(patient: UUID, name: str, status: ProblemStatus = ACTIVE, **more: Any) -> UUID:
    at, source = more.pop("at", AN_HOUR_AGO), more.pop("source", Source.MANUAL)
    body = Medicine(name=name, status=status, **more)
    return store.append([said(body, f"chart:{patient}", at=at, source=source)])[0].id


def url(patient: UUID, line: str = "", verb: str = "") -> str:
    place = f"/of/{line}" if line else ""
    return f"/patients/{patient}/medicines{place}{f'/{verb}' if verb else ''}"


def page(client: Client, patient: UUID, line: str = "") -> str:
    html = client.get(url(patient, line)).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def settle(client: Client, patient: UUID, line: str, stands: UUID, choice: str, **more: str) -> Any:
    form = {"entry_id": str(uuid4()), "stands": str(stands), "choice": choice, "reason": "asked", **more}
    return client.post(url(patient, line, "settle"), form)


def reconcile(client: Client, patient: UUID, **more: str) -> Any:
    html = client.get(url(patient)).content.decode()
    marks = re.findall(r'name="mark" value="([^"]+)"', html) or ["none"]
    return client.post(url(patient, verb="reconcile"), {"entry_id": str(uuid4()), "mark": marks[0], **more})


def standing(patient: UUID) -> dict[UUID, Medicine]:
    return {chart(patient).line(e.id)[0].id: body for e, body in chart(patient).said(Medicine)}


def counted_mg(patient: UUID) -> float:
    facts = facts_from_chart(chart(patient), AN_HOUR_AGO.date(), zone())
    return sum(m.amounts.get("lorazepam_eq_mg_day", 0) for m in facts.medicines)


def unmatched(patient: UUID) -> list[str]:
    on = AN_HOUR_AGO.date()
    found = evaluate(facts_from_chart(chart(patient), on, zone()), TRD, policy("default"), on)
    return [m.item for m in found.missing if m.item.startswith("medicine:")]


# -- the list ---------------------------------------------------------------------------------------------------


def test_an_empty_list_does_not_say_none(new_patient: NewPatient, sign_in: SignIn) -> None:
    assert "not even “none”" in page(sign_in("nurse"), new_patient())


def test_somebody_who_takes_nothing_is_asked_and_called_reconciled(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    nurse, patient = sign_in("nurse"), new_patient()
    assert reconcile(nurse, patient).status_code == 422
    assert not chart(patient).said(MedicinesReconciled)
    assert reconcile(nurse, patient, whole="on").status_code == 302
    assert "Asked: takes no medicine" in page(nurse, patient)
    assert "reconciled by" in page(nurse, patient)


def test_brand_and_generic_and_code_are_one_line(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient = new_patient()
    take(patient, "Ativan 1 mg", dose="1 mg at night")
    take(patient, "lorazepam", dose="1 mg at night")
    take(patient, "tablet", codings=(Coding("http://www.whocc.no/atc", "N05BA06"),), dose="1 mg at night")
    html = sign_in("nurse").get(url(patient)).content.decode()
    assert html.count('class="med"') == 1
    assert "told 3 times" in html


def test_a_combination_stands_under_each_of_its_ingredients(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient = new_patient()
    take(patient, "Suboxone 8 mg/2 mg")
    text = page(sign_in("nurse"), patient)
    assert "part of buprenorphine naloxone" in text
    assert "m-naloxone" in sign_in("nurse").get(url(patient)).content.decode()


def test_two_doses_are_shown_and_settled_by_choosing_one(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    old = take(patient, "Ativan", dose="2 mg daily", daily_dose_mg=Decimal(2), source=Source.IMPORT)
    new = take(patient, "lorazepam", dose="1 mg daily", daily_dose_mg=Decimal(1))
    assert "told with 2 doses" in page(nurse, patient).lower()
    assert counted_mg(patient) == 3
    assert settle(nurse, patient, "lorazepam", new, "keep").status_code == 302
    assert counted_mg(patient) == 1
    assert standing(patient)[old].same_as == new
    assert len(chart(patient).line(old)) == 2
    assert "told with 2 doses" not in page(nurse, patient).lower()


def test_taken_here_and_stopped_there_is_to_settle(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    active = take(patient, "Concerta", at=AN_HOUR_AGO - timedelta(days=30), source=Source.IMPORT)
    take(patient, "methylphenidate", PAST)
    assert "no longer taken another" in page(nurse, patient)
    settle(nurse, patient, "methylphenidate", active, "stop", stopped="2026")
    assert standing(patient)[active].status is PAST
    assert "No medicine is listed as taken" in page(nurse, patient)


def test_a_changed_dose_needs_the_dose(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    entry = take(patient, "sertraline", dose="50 mg")
    refused = settle(nurse, patient, "sertraline", entry, "change")
    assert refused.status_code == 422
    assert "The new dose is missing" in refused.content.decode()
    settle(nurse, patient, "sertraline", entry, "change", dose="100 mg daily")
    assert standing(patient)[entry].dose == "100 mg daily"


def test_sending_a_settlement_twice_says_it_once(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    entry, form = take(patient, "sertraline"), str(uuid4())
    for _ in range(2):
        settle(nurse, patient, "sertraline", entry, "not_taking", entry_id=form)
    assert len(chart(patient).line(entry)) == 2


# -- what nobody recognises -------------------------------------------------------------------------------------


@pytest.mark.hazard("H032")
def test_a_misspelling_is_asked_about_and_matched_only_by_a_person(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    take(patient, "phenelzin")  # the German ending is known
    take(patient, "tranylcipromine")
    text = page(nurse, patient)
    assert "Did you mean tranylcypromine" in text
    assert unmatched(patient) == ["medicine:tranylcipromine"]
    form = {"entry_id": str(uuid4()), "name": "tranylcypromine", "reason": "read the packet"}
    assert nurse.post(url(patient, "x-tranylcipromine", "match"), form).status_code == 302
    assert unmatched(patient) == []
    facts = facts_from_chart(chart(patient), AN_HOUR_AGO.date(), zone())
    assert {m.name for m in facts.medicines if m.classes and "maoi" in m.classes} == {
        "phenelzin",
        "tranylcipromine",
    }


@pytest.mark.hazard("H032")
def test_only_a_clinician_who_decides_says_that_it_does_not_matter(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient = new_patient()
    entry = take(patient, "Grandmother’s tea")
    form = {"entry_id": str(uuid4()), "reason": "camomile, seen the packet"}
    line = "x-grandmothers-tea"
    assert sign_in("nurse").post(url(patient, line, "dismiss"), form).status_code == 403
    assert unmatched(patient) == ["medicine:Grandmother’s tea"]
    assert sign_in("prescriber").post(url(patient, line, "dismiss"), form).status_code == 302
    assert unmatched(patient) == []
    latest = chart(patient).line(entry)[-1]
    assert latest.reason == "camomile, seen the packet"
    assert latest.by.startswith("staff:")


@pytest.mark.hazard("H032")
def test_a_known_medicine_is_never_said_not_to_matter(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient = new_patient()
    take(patient, "Nardil")
    form = {"entry_id": str(uuid4()), "reason": "it is little"}
    answer = sign_in("prescriber").post(url(patient, "phenelzine", "dismiss"), form)
    assert answer.status_code == 422
    assert not any(body.does_not_matter for body in standing(patient).values())


@pytest.mark.hazard("H032")
def test_a_name_and_a_code_that_disagree_are_to_settle(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient = new_patient()
    take(patient, "Clonidine 0.1 mg", codings=(Coding("http://www.whocc.no/atc", "N03AE01"),))
    assert "the name says clonidine, the code clonazepam" in page(sign_in("nurse"), patient).lower()


@pytest.mark.hazard("H032")
def test_what_nobody_recognised_cannot_be_hidden_behind_another(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient = new_patient()
    tea = take(patient, "Grandmother’s tea")
    take(patient, "Other powder", same_as=tea)
    assert len(unmatched(patient)) == 2


# -- reconciled -------------------------------------------------------------------------------------------------


def test_a_list_with_an_open_line_is_not_reconciled(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    take(patient, "Grandmother’s tea")
    assert reconcile(nurse, patient).status_code == 422
    assert not chart(patient).said(MedicinesReconciled)


def test_reconciling_says_who_when_and_what_came_since(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    take(patient, "sertraline", dose="50 mg")
    assert reconcile(nurse, patient, whole="on").status_code == 302
    assert "reconciled by Test Nurse" in page(nurse, patient)
    assert "nothing new since" in page(nurse, patient)
    assert [b.item for _, b in chart(patient).said(HistoryItem)] == ["workup.medication_reconciliation"]
    take(patient, "Wellbutrin")
    assert "1 new or changed since" in page(nurse, patient)


def test_a_list_that_grew_meanwhile_is_looked_at_again(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    take(patient, "sertraline")
    answer = nurse.post(url(patient, verb="reconcile"), {"entry_id": str(uuid4()), "mark": "older"})
    assert answer.status_code == 422
    assert "changed meanwhile" in answer.content.decode()


# -- what it means ----------------------------------------------------------------------------------------------


def booked(patient: UUID, at: datetime) -> UUID:
    session = uuid4()
    body = SessionScheduled(course=uuid4(), number=1, planned_at=at, chair="1")
    store.append([said(body, f"chart:{patient}", session=session)])
    return session


def test_an_interaction_says_what_to_hold_and_what_to_watch(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient = new_patient()
    take(patient, "Temesta", dose="1 mg at night")
    text = page(sign_in("nurse"), patient)
    assert "None within 12 h before a session" in text
    assert "Not stopped for a session" in text
    assert "MOAA/S every 15 min" in text


def test_what_was_never_measured_is_said_in_words(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient = new_patient()
    take(patient, "metformin")
    assert "No measured effect on exposure is known" in page(sign_in("nurse"), patient)


@pytest.mark.hazard("H032")
def test_the_time_out_asks_for_the_last_dose_of_what_was_held(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient = new_patient()
    take(patient, "Temesta", dose="1 mg at night")
    session = booked(patient, datetime.now(UTC) + timedelta(hours=2))
    html = sign_in("nurse").get(f"/patients/{patient}/sessions/{session}/time-out").content.decode()
    assert "when was the last dose?" in html
    assert "lorazepam (Temesta)" in html


def test_the_patients_paper_never_tells_anybody_to_stop(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient = new_patient()
    take(patient, "Temesta", dose="1 mg at night")
    take(patient, "sertraline")
    text = page(sign_in("nurse"), patient, "")
    paper = sign_in("nurse").get(url(patient, verb="before-visit")).content.decode()
    assert "As your clinic has told you" in paper
    assert "Never stop a medicine on your own" in paper
    assert "sertraline" in paper
    assert text
