"""A clinician's word that an unmatched medicine does not matter is given on its own page, by name, and by no correction."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.pathway.evaluate.asking.actions import Act
from lowtide.pathway.evaluate.reconciling.actions import dismiss
from lowtide.people.clinic import zone
from lowtide.people.record_pages import actions
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.problems import BadInput, Refused
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.history import Medicine, ProblemStatus
from tests.conftest import said
from tests.people.test_corrections import correct, latest

NOW = datetime.now(UTC)
TEA = Medicine(name="Evening tea", status=ProblemStatus.ACTIVE)
DISMISSED = Medicine(name="Evening tea", status=ProblemStatus.ACTIVE, does_not_matter=True)


@pytest.fixture
def patient(new_patient: Callable[..., UUID]) -> UUID:
    return new_patient("Halvorsen", "Ines")


def person(role: str) -> Person:
    return Person(by=f"staff:{uuid4()}", name=role, roles=(role,), may=permissions((role,)))


def take(patient: UUID, body: Medicine = TEA) -> Entry:
    return store.append([said(body, f"chart:{patient}", at=NOW - timedelta(hours=1))])[0]


@pytest.mark.hazard("H032")
@pytest.mark.parametrize("role", ["nurse", "prescriber"])
def test_a_correction_does_not_ask_whether_a_medicine_matters_and_hears_no_answer(
    patient: UUID, sign_in: Callable[..., Client], role: str
) -> None:
    client, entry = sign_in(role), take(patient)
    html = client.get(f"/patients/{patient}/record/{entry.id}/correct").content.decode()
    assert "does_not_matter" not in html
    assert correct(client, patient, entry, dose="a cup", does_not_matter="on").status_code == 302
    assert (latest(entry).body.dose, latest(entry).body.does_not_matter) == ("a cup", False)


@pytest.mark.hazard("H032")
def test_the_word_stands_while_the_medicine_is_named_the_same(
    patient: UUID, sign_in: Callable[..., Client]
) -> None:
    nurse, entry = sign_in("nurse"), take(patient, DISMISSED)
    correct(nurse, patient, entry, dose="a cup")
    assert latest(entry).body.does_not_matter
    correct(nurse, patient, latest(entry), name="Evening drops")
    assert not latest(entry).body.does_not_matter


@pytest.mark.hazard("H032")
def test_the_word_does_not_go_with_a_medicine_to_another_patient(
    patient: UUID, new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    other, entry = new_patient("Halvorsen", "Ida"), take(patient, DISMISSED)
    form = {"entry_id": str(uuid4()), "corrects": str(entry.id), "to": str(other), "reason": "not hers"}
    sign_in("nurse").post(f"/patients/{patient}/record/{entry.id}/wrong-patient", form)
    ((_, moved),) = store.load(f"chart:{other}").said(Medicine)
    assert (moved.name, moved.does_not_matter) == ("Evening tea", False)


@pytest.mark.hazard("H032")
def test_no_action_takes_the_word_from_somebody_without_the_right(patient: UUID) -> None:
    entry, nurse, prescriber = take(patient), person("nurse"), person("prescriber")

    def act(person: Person) -> Act:
        return Act(person=person, patient_id=patient, form_id=uuid4(), zone=zone(), now=datetime.now(UTC))

    with pytest.raises(Refused):
        dismiss(act(nurse), "x-evening-tea", "camomile")
    with pytest.raises(BadInput):
        dismiss(act(prescriber), "x-evening-tea", "  ")
    with pytest.raises(Refused):
        actions.correct(nurse, uuid4(), (entry,), DISMISSED, "typed", at=entry.at, now=datetime.now(UTC))
    assert not latest(entry).body.does_not_matter
    dismiss(act(prescriber), "x-evening-tea", "camomile")
    assert latest(entry).body.does_not_matter
    assert (latest(entry).reason, latest(entry).by) == ("camomile", prescriber.by)
