"""What went wrong is said in plain words, in the patient's language, with help and the way home; staff read their own page."""

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory

from lowtide.site.storage import server_error
from tests.pathway.course.story import Story
from tests.portal.conftest import SignIn

Mine = tuple[Client, Story]
NewPatient = Callable[..., object]
SPANISH = {"HTTP_ACCEPT_LANGUAGE": "es"}
pytestmark = pytest.mark.django_db
WRONG = (
    ("get", "/my/nothing-here", 404),
    ("get", "/my/leave", 405),
    ("get", "/my/devices/forget", 405),
    ("post", "/my/help", 405),
    ("get", "/today", 403),
    ("get", "/patients/", 403),
    ("get", "/nothing-here", 404),
)


@pytest.mark.parametrize(("method", "path", "status"), WRONG)
def test_a_patient_is_told_in_their_own_frame_with_help_and_the_way_home(
    mine: Mine, method: str, path: str, status: int
) -> None:
    answer = getattr(mine[0], method)(path)
    page = answer.content.decode()
    assert answer.status_code == status
    assert 'class="portal"' in page
    assert 'class="tabs"' in page
    assert "555 0100" in page
    assert 'href="/my/"' in page
    assert "Charts never move" not in page


@pytest.mark.parametrize("path", ["/my/nothing-here", "/my/leave"])
def test_so_is_somebody_at_the_door(clinic: object, path: str) -> None:
    page = Client().get(path).content.decode()
    assert 'class="portal"' in page
    assert 'class="tabs"' not in page
    assert "555 0100" in page


def test_it_speaks_their_language(mine: Mine) -> None:
    page = mine[0].get("/my/nothing-here", **SPANISH).content.decode()
    assert "Esta página no está aquí" in page
    assert "not found" not in page


@pytest.mark.parametrize(
    ("path", "status"), [("/my/nothing-here", 404), ("/my/", 403), ("/referrals/none", 404)]
)
def test_staff_read_their_own_page(sign_in: SignIn, path: str, status: int) -> None:
    answer = sign_in("nurse").get(path)
    assert answer.status_code == status
    assert 'class="portal"' not in answer.content.decode()


def test_an_address_that_takes_a_form_says_so_to_staff_and_names_what_it_takes(sign_in: SignIn) -> None:
    answer = sign_in("front_desk").get("/clinic/hours/closed")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "This address takes a form" in answer.content.decode()


def test_a_part_of_a_page_and_a_script_get_no_page(sign_in: SignIn) -> None:
    client = sign_in("front_desk")
    assert client.get("/clinic/hours/closed", HTTP_HX_REQUEST="true").content == b""
    assert client.get("/clinic/hours/closed", HTTP_ACCEPT="application/json").content == b""


def test_what_breaks_on_our_side_says_so_without_asking_the_database(
    rf: RequestFactory, django_assert_num_queries: Callable[..., object]
) -> None:
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        answer = server_error(rf.get("/my/course", **SPANISH))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Algo falló de nuestra parte" in page
    assert "Llame" in page
