"""A redaction takes two people, each with their own password, and leaves nothing of the text."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from lowtide.people.models import User
from lowtide.record import access_log, store, verify
from lowtide.record.entries.base import Entry, Redacted
from lowtide.record.entries.chair import Note
from lowtide.record.entries.clinic import Redaction, Staff
from tests.conftest import CLINIC, said

PASSWORD = "correct-horse-tide"
TEXT = "what a neighbour confided"


@pytest.fixture
def entry(new_patient: Callable[..., UUID], clinic: object) -> Entry:
    staff = Staff(staff=uuid4(), name="Sam Ortega", roles=("nurse",), login="sam")
    store.append([said(staff, CLINIC)])
    User.objects.create_user("sam", password=PASSWORD)
    return store.append([said(Note(text=TEXT), f"chart:{new_patient()}", at=datetime.now(UTC))])[0]


def redact(client: Client, entry: Entry, **change: str) -> HttpResponse:
    patient = entry.stream.removeprefix("chart:")
    form = {
        "entry_id": str(uuid4()),
        "reason": "asked for by the third person",
        "legal_basis": "Art. 17 GDPR",
        "second_login": "sam",
        "second_password": PASSWORD,
        **change,
    }
    return client.post(f"/patients/{patient}/record/{entry.id}/redact", form)  # type: ignore[return-value]


def test_two_people_remove_the_text_and_the_chain_still_holds(
    entry: Entry, sign_in: Callable[..., Client]
) -> None:
    director = sign_in("medical_director")
    patient = entry.stream.removeprefix("chart:")
    assert TEXT in director.get(f"/patients/{patient}/record/{entry.id}").content.decode()
    assert redact(director, entry).status_code == 302
    assert isinstance(store.find(entry.id).body, Redacted)  # type: ignore[union-attr]
    for page in ("", f"/{entry.id}"):
        assert TEXT not in director.get(f"/patients/{patient}/record{page}").content.decode()
    ((_, body),) = store.load(entry.stream).said(Redaction)
    assert body.second_person.startswith("staff:")
    assert verify.verify().ok


def test_the_second_person_must_know_their_password(entry: Entry, sign_in: Callable[..., Client]) -> None:
    director = sign_in("medical_director")
    wrong = redact(director, entry, second_password="guess")
    unknown = redact(director, entry, second_login="nobody")
    for answer in (wrong, unknown):
        assert answer.status_code == 422
        assert "name or the password is not right" in answer.content.decode()
    assert not isinstance(store.find(entry.id).body, Redacted)  # type: ignore[union-attr]
    assert "guess" not in wrong.content.decode()
    assert access_log.recent(person="login:sam")[0].action == "sign-in failed"


def test_guessing_the_second_password_locks_it(entry: Entry, sign_in: Callable[..., Client]) -> None:
    director = sign_in("medical_director")
    for _ in range(settings.SIGN_IN_TRIES):
        redact(director, entry, second_password="guess")
    assert redact(director, entry).status_code == 422


def test_nobody_is_their_own_second_person(entry: Entry, sign_in: Callable[..., Client]) -> None:
    director = sign_in("medical_director")
    me = User.objects.get(username__startswith="medical_director")
    me.set_password(PASSWORD)
    me.save()
    director.force_login(me)
    answer = redact(director, entry, second_login=me.username)
    assert "takes two people" in answer.content.decode()


def test_only_those_who_hold_the_right_reach_the_page(entry: Entry, sign_in: Callable[..., Client]) -> None:
    for role in ("prescriber", "nurse", "administrator", "front_desk"):
        assert redact(sign_in(role), entry).status_code == 403
