"""A patient gets a sign-in to their own place, and to nothing else."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from lowtide.people.models import User


@pytest.fixture
def patient(new_patient: Callable[..., UUID]) -> UUID:
    return new_patient("Halvorsen", "Ines")


def give(client: Client, patient: UUID, login: str = "ines") -> HttpResponse:
    return client.post(f"/patients/{patient}/who/sign-in", {"login": login})  # type: ignore[return-value]


def test_the_temporary_password_opens_only_its_change(patient: UUID, sign_in: Callable[..., Client]) -> None:
    shown = give(sign_in("front_desk"), patient)
    theirs = Client()
    theirs.post("/accounts/login/", {"login": "ines", "password": shown.context["password"]})
    assert theirs.get("/")["Location"] == "/accounts/password/change/"
    new = "another-horse-tide"
    said = {"oldpassword": shown.context["password"], "password1": new, "password2": new}
    theirs.post("/accounts/password/change/", said)
    assert "Ines Halvorsen" in theirs.get("/accounts/password/change/").content.decode()
    assert theirs.get(f"/patients/{patient}/record").status_code == 403
    assert theirs.get("/patients/").status_code == 403


def test_a_patient_has_one_sign_in(patient: UUID, sign_in: Callable[..., Client]) -> None:
    desk = sign_in("front_desk")
    give(desk, patient)
    give(desk, patient, "ines.h")
    assert [u.username for u in User.objects.filter(patient=str(patient))] == ["ines.h"]


def test_a_taken_name_is_refused(
    patient: UUID, new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    desk = sign_in("front_desk")
    give(desk, patient)
    answer = give(desk, new_patient("Okafor", "Emeka", "1990-02-02"))
    assert answer.status_code == 422
    assert "is taken" in answer.content.decode()
