"""Notes are read by those they are for, and by nobody else, on whatever page."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.people.charts import whole_chart
from lowtide.record import store
from lowtide.record.entries.chair import Note

SECRET = "spoke about her brother"


@pytest.fixture
def patient(new_patient: Callable[..., UUID]) -> UUID:
    return new_patient("Halvorsen", "Ines")


def write(client: Client, patient: UUID, topic: str, text: str = SECRET) -> int:
    form = {"entry_id": str(uuid4()), "topic": topic, "text": text}
    return client.post(f"/patients/{patient}/notes/new", form).status_code


def reads(client: Client, patient: UUID) -> bool:
    ((entry, _),) = whole_chart(f"chart:{patient}").said(Note)
    pages = (f"/patients/{patient}/record", f"/patients/{patient}/record/{entry.id}")
    return any(SECRET in client.get(page).content.decode() for page in pages)


@pytest.mark.hazard("H049")
@pytest.mark.parametrize(
    ("topic", "writer", "readers"),
    [
        ("clinical", "nurse", {"prescriber", "nurse", "therapist", "medical_director"}),
        ("therapy", "therapist", {"therapist"}),
        ("substance_use", "prescriber", {"prescriber", "therapist", "medical_director"}),
    ],
)
def test_who_reads_a_note_follows_from_its_topic(
    patient: UUID, sign_in: Callable[..., Client], topic: str, writer: str, readers: set[str]
) -> None:
    assert write(sign_in(writer), patient, topic) == 302
    roles = (
        "prescriber",
        "nurse",
        "therapist",
        "front_desk",
        "medical_director",
        "researcher",
        "administrator",
    )
    assert {role for role in roles if reads(sign_in(role), patient)} == readers


@pytest.mark.hazard("H049")
def test_a_hidden_note_is_not_counted_corrected_or_redacted_by_others(
    patient: UUID, sign_in: Callable[..., Client]
) -> None:
    write(sign_in("therapist"), patient, "therapy")
    director = sign_in("medical_director")
    assert "1 line," in director.get(f"/patients/{patient}/record").content.decode()
    ((entry, _),) = store.load(f"chart:{patient}").said(Note)
    for page in ("", "/correct", "/error", "/wrong-patient", "/redact"):
        assert director.get(f"/patients/{patient}/record/{entry.id}{page}").status_code == 404


def test_a_role_writes_only_its_kinds_of_notes(patient: UUID, sign_in: Callable[..., Client]) -> None:
    assert write(sign_in("nurse"), patient, "therapy") == 422
    assert write(sign_in("therapist"), patient, "clinical") == 302


def test_the_writer_keeps_sight_of_their_own_note(patient: UUID, sign_in: Callable[..., Client]) -> None:
    therapist = sign_in("therapist")
    write(therapist, patient, "therapy")
    assert reads(therapist, patient)


def test_a_correction_keeps_the_audience(patient: UUID, sign_in: Callable[..., Client]) -> None:
    therapist = sign_in("therapist")
    write(therapist, patient, "therapy")
    ((entry, _),) = store.load(f"chart:{patient}").said(Note)
    url = f"/patients/{patient}/record/{entry.id}/error"
    form = {"entry_id": str(uuid4()), "corrects": str(entry.id), "reason": "was " + SECRET}
    assert therapist.post(url, form).status_code == 302
    assert store.load(entry.stream).line(entry.id)[-1].visible_to == ("therapist",)
    assert SECRET not in sign_in("nurse").get(f"/patients/{patient}/record").content.decode()


def test_an_empty_note_is_refused(patient: UUID, sign_in: Callable[..., Client]) -> None:
    assert write(sign_in("nurse"), patient, "clinical", "  ") == 422
