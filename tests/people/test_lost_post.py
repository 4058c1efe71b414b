"""A page left open past its sign-in loses nothing that was typed."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from lowtide.people.models import User
from lowtide.record import store
from lowtide.record.entries.chair import Note
from lowtide.record.entries.clinic import Staff
from tests.conftest import CLINIC, said

PASSWORD = "correct-horse-tide"
TEXT = "Slept well, no headache."


@pytest.fixture
def patient(new_patient: Callable[..., UUID], clinic: object) -> UUID:
    for login in ("sam", "kim"):
        staff = Staff(staff=uuid4(), name=f"{login.title()} Ortega", roles=("nurse",), login=login)
        store.append([said(staff, CLINIC)])
        User.objects.create_user(login, password=PASSWORD)
    return new_patient()


@pytest.fixture
def browser() -> Client:
    """A browser whose forms must carry the safety code, as real ones must."""
    return Client(enforce_csrf_checks=True)


def sign_in(browser: Client, login: str, next_page: str = "") -> HttpResponse:
    browser.get("/accounts/login/")
    form = {"login": login, "password": PASSWORD, "next": next_page, **code(browser)}
    return browser.post("/accounts/login/", form)  # type: ignore[return-value]


def code(browser: Client) -> dict[str, str]:
    return {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}


def note_page(browser: Client, patient: UUID) -> dict[str, str]:
    """The note page as it is open in the browser, with what was typed into it."""
    page = browser.get(f"/patients/{patient}/notes/new")
    return {"entry_id": str(page.context["form"]["entry_id"].value()), "topic": "clinical", "text": TEXT}


def notes(patient: UUID) -> list[tuple[str, str]]:
    return [(e.by, body.text) for e, body in store.load(f"chart:{patient}").said(Note)]


def by(login: str) -> str:
    return next(f"staff:{b.staff}" for _, b in store.load(CLINIC).said(Staff) if b.login == login)


def time_out(browser: Client) -> None:
    """The sign-in ends on the server; the page and its safety code stay in the browser."""
    session = browser.session
    session["seen"] = 0
    session.save()


def test_what_was_typed_waits_is_shown_and_is_saved_by_the_person_now_signed_in(
    patient: UUID, browser: Client
) -> None:
    sign_in(browser, "sam")
    typed = note_page(browser, patient)
    time_out(browser)
    lost = browser.post(f"/patients/{patient}/notes/new", {**typed, **code(browser)})
    assert lost.status_code == 403
    assert TEXT in lost.content.decode()
    assert notes(patient) == []

    place = lost.context["sign_in_url"].partition("next=")[2].replace("%2F", "/")
    assert sign_in(browser, "kim", place)["Location"] == place
    shown = browser.get(place)
    assert TEXT in shown.content.decode()
    assert "Save it as Kim Ortega" in shown.content.decode()
    assert notes(patient) == []

    again = {**dict(shown.context["fields"]), "lost_post": shown.context["token"], **code(browser)}
    assert browser.post(shown.context["action"], again).status_code == 302
    assert notes(patient) == [(by("kim"), TEXT)]
    assert browser.get(place)["Location"] == "/"


def test_it_can_be_thrown_away(patient: UUID, browser: Client) -> None:
    sign_in(browser, "sam")
    typed = note_page(browser, patient)
    time_out(browser)
    lost = browser.post(f"/patients/{patient}/notes/new", {**typed, **code(browser)})
    place = lost.context["sign_in_url"].partition("next=")[2].replace("%2F", "/")
    sign_in(browser, "kim", place)
    browser.get(place)
    browser.post(place, code(browser))
    assert browser.get(place)["Location"] == "/"
    assert notes(patient) == []


def test_a_form_from_before_the_last_sign_in_is_shown_again_and_then_saved(
    patient: UUID, browser: Client
) -> None:
    sign_in(browser, "sam")
    old = {**note_page(browser, patient), **code(browser)}
    browser.post("/accounts/logout/", code(browser))
    sign_in(browser, "kim")
    stale = browser.post(f"/patients/{patient}/notes/new", old)
    assert stale.status_code == 403
    assert TEXT in stale.content.decode()
    assert "Save it as Kim Ortega" in stale.content.decode()
    again = {**dict(stale.context["fields"]), **code(browser)}
    assert browser.post(f"/patients/{patient}/notes/new", again).status_code == 302
    assert notes(patient) == [(by("kim"), TEXT)]


def test_a_form_from_before_the_last_sign_in_waits_when_nobody_is_signed_in(
    patient: UUID, browser: Client
) -> None:
    sign_in(browser, "sam")
    old = {**note_page(browser, patient), **code(browser)}
    browser.post("/accounts/logout/", code(browser))
    sign_in(browser, "kim")
    browser.post("/accounts/logout/", code(browser))
    lost = browser.post(f"/patients/{patient}/notes/new", old)
    assert lost.context["kept"]
    assert TEXT in lost.content.decode()


@pytest.mark.hazard("H043")
def test_a_form_from_another_site_is_neither_saved_nor_kept(patient: UUID, browser: Client) -> None:
    sign_in(browser, "sam")
    typed = note_page(browser, patient)
    elsewhere = {"Origin": "https://elsewhere.example"}
    for ending in (lambda: None, lambda: time_out(browser)):
        ending()
        answer = browser.post(f"/patients/{patient}/notes/new", typed, headers=elsewhere)
        assert answer.status_code == 403
        assert TEXT not in answer.content.decode()
    assert "lost_posts" not in browser.session
    assert notes(patient) == []


def test_a_password_is_never_kept(patient: UUID, browser: Client) -> None:
    browser.get("/accounts/login/")
    form = {"second_password": "secret-secret", "reason": "asked for", **code(browser)}
    lost = browser.post(f"/patients/{patient}/record/{uuid4()}/redact", form)
    assert "secret-secret" not in lost.content.decode()
    assert "secret-secret" not in str(dict(browser.session))
    assert "asked for" in lost.content.decode()


def test_files_are_named_and_what_is_too_long_is_shown_to_be_copied(patient: UUID, browser: Client) -> None:
    from io import BytesIO

    browser.get("/accounts/login/")
    file = BytesIO(b"scan")
    file.name = "scan.pdf"
    lost = browser.post(
        f"/patients/{patient}/notes/new", {"text": "x" * 300_000, "file": file, **code(browser)}
    )
    assert "Choose again later: file" in lost.content.decode()
    assert "copy it from below" in lost.content.decode()
    assert "lost_posts" not in browser.session


def test_a_part_of_a_page_that_sends_itself_leaves_what_was_typed_on_the_page(
    patient: UUID, browser: Client
) -> None:
    browser.get("/accounts/login/")
    answer = browser.post(
        f"/patients/{patient}/notes/new", {"text": TEXT, **code(browser)}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 403
    assert "lost_posts" not in browser.session


def test_what_waits_is_nobody_elses(patient: UUID, browser: Client) -> None:
    sign_in(browser, "sam")
    typed = note_page(browser, patient)
    time_out(browser)
    lost = browser.post(f"/patients/{patient}/notes/new", {**typed, **code(browser)})
    place = lost.context["sign_in_url"].partition("next=")[2].replace("%2F", "/")
    other = Client()
    sign_in(other, "kim")
    assert other.get(place)["Location"] == "/"


def test_whose_role_does_not_include_it_neither_sees_nor_saves_what_another_typed(
    patient: UUID, browser: Client
) -> None:
    desk = Staff(staff=uuid4(), name="Jo Almeida", roles=("front_desk",), login="jo")
    store.append([said(desk, CLINIC)])
    User.objects.create_user("jo", password=PASSWORD)
    sign_in(browser, "sam")
    typed = {**note_page(browser, patient), **code(browser)}
    browser.post("/accounts/logout/", code(browser))
    sign_in(browser, "jo")
    answer = browser.post(f"/patients/{patient}/notes/new", typed)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "This is not yours to save" in page
    assert TEXT not in page
    assert "Save it as" not in page
