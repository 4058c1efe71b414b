"""A birth date that makes nobody's age is a slip of the hand, and is answered in words that say what to look at."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.people.models import PatientIndex

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic")]
TODAY = f"{datetime.now(UTC):%-d %b %Y}"


def register(client: Client, born: str) -> tuple[int, str]:
    ids = {"entry_id": str(uuid4()), "patient_id": str(uuid4())}
    said = {"family": "Novak", "given": "Eva", "sex": "female", "birth_date": born}
    answer = client.post("/patients/new", ids | said)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (TODAY, "the patient would not be 1 year old yet. Check the day and the year of birth."),
        ("14 Mar 1850", "the patient would be 176 years old. Check the day and the year of birth."),
        ("1850", "The year 1850 is too long ago. Check it."),
    ],
)
def test_it_is_refused_beside_its_field_in_plain_words(
    sign_in: Callable[..., Client], born: str, words: str
) -> None:
    status, page = register(sign_in("front_desk"), born)
    assert status == 422
    assert words in page
    assert "null" not in page
    assert not PatientIndex.objects.filter(family="Novak").exists()


@pytest.mark.parametrize("born", ["14 Mar 1983", "Mar 1983", "1983", "1910"])
def test_what_somebody_can_be_is_taken(sign_in: Callable[..., Client], born: str) -> None:
    assert register(sign_in("front_desk"), born)[0] == 302
