"""The intake page: every question has its field, what is said is kept once, and nobody overwrites anybody."""

from collections.abc import Callable
from uuid import UUID

from django.test import Client

from lowtide.data import intake

NewPatient = Callable[..., UUID]
SignIn = Callable[..., Client]


def page(client: Client, patient: UUID, query: str = "") -> str:
    return client.get(f"/patients/{patient}/history{query}").content.decode()


def test_every_item_of_the_catalogue_has_a_field(new_patient: NewPatient, sign_in: SignIn) -> None:
    html = page(sign_in("nurse"), new_patient())
    absent = [i.id for i in intake.items().values() if i.ask and f'id="q-{i.id}"' not in html]
    assert not absent
