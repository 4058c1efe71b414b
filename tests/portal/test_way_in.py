"""The way into the patient's own place: by a link that opens once, by a code, by a device that is known."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from lowtide.data.portal import sign_in as limits
from lowtide.people.models import User
from lowtide.portal.desk import actions as desk
from lowtide.portal.models import Link, OwnDevice
from lowtide.portal.sign_in import asking, links
from lowtide.record import access_log, store
from lowtide.record.entries.identity import Contact
from lowtide.record.entries.portal import PortalClosed, PortalOpened
from tests.portal.conftest import SignIn, act, html, link_for, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic")]
NewPatient = Callable[..., UUID]
ADA = "ada@example.org"


@pytest.fixture
def mailing(settings: Settings) -> Iterator[None]:
    settings.MAIL_IS_SET_UP = True
    yield
    asking.wait()


@pytest.fixture
def ada(new_patient: NewPatient) -> UUID:
    patient = new_patient(contact=Contact(email=ADA))
    desk.hand_out(act(patient), desk.PAPER)
    return patient


def ask(email: str, **more: str) -> str:
    """What the page says to whoever asks, without what differs from form to form."""
    page = Client(**more).post("/my/enter", {"email": email}).content.decode()  # type: ignore[arg-type]
    asking.wait()
    return re.sub(r'value="[\w-]{20,}"', "", page)


def signed_in(client: Client) -> bool:
    return client.get("/my/").status_code == 200


def test_a_link_shows_a_button_first_and_opens_on_the_press(ada: UUID) -> None:
    code, client = link_for(ada), Client()
    assert "Open my place" in html(client, f"/my/link/{code}")
    assert not signed_in(client)
    assert client.post(f"/my/link/{code}")["Location"] == "/my/"
    assert signed_in(client)


def test_a_link_opens_once(ada: UUID) -> None:
    code = link_for(ada)
    Client().post(f"/my/link/{code}")
    again = Client()
    assert again.post(f"/my/link/{code}").status_code == 410
    assert again.get(f"/my/link/{code}").status_code == 410
    assert not signed_in(again)


def test_of_two_presses_at_once_one_is_let_in(ada: UUID) -> None:
    code, now = link_for(ada), datetime.now(UTC)
    assert [bool(links.use(code, now)) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(("late", "opens"), [(-1, True), (0, False)])
def test_a_link_by_mail_opens_for_its_minutes_only(ada: UUID, late: int, opens: bool) -> None:
    made = datetime.now(UTC)
    code = link_for(ada, desk.MAIL, made)
    end = made + timedelta(minutes=limits().mail_link_min.value)
    assert bool(links.whose(code, end + timedelta(seconds=late))) is opens


def test_only_the_digest_of_a_link_is_kept(ada: UUID) -> None:
    code = link_for(ada)
    assert all(code not in str(row) for row in Link.objects.values())


def test_a_code_is_typed_as_it_is_read_aloud(ada: UUID) -> None:
    code = links.grouped(link_for(ada)).lower().replace("-", " ")
    answer = Client().post("/my/enter/code", {"code": code})
    assert "Open my place" in html(Client(), answer["Location"])


def test_a_wrong_code_says_what_to_do_and_too_many_are_stopped(ada: UUID) -> None:
    client = Client()
    first = client.post("/my/enter/code", {"code": "AAAA-BBBB-CCCC-DDDD"})
    assert first.status_code == 422
    assert "This code opens nothing" in first.content.decode()
    for _ in range(limits().tries_per_place.value):
        last = client.post("/my/enter/code", {"code": "AAAA-BBBB-CCCC-DDDD"})
    assert last.status_code == 429
    assert client.get(f"/my/link/{link_for(ada)}").status_code == 429


# -- by mail ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("mailing")
def test_a_known_address_gets_a_link_that_opens(ada: UUID) -> None:
    ask(ADA.upper())
    (message,) = mail.outbox
    assert message.to == [ADA.upper()]
    code = re.search(r"/my/link/(\w+)", str(message.body))
    assert code
    client = Client()
    client.post(f"/my/link/{code[1]}")
    assert signed_in(client)


@pytest.mark.usefixtures("mailing")
def test_a_link_that_the_desk_sends_does_not_ask_who_asked_for_it(ada: UUID, sign_in: SignIn) -> None:
    sign_in("front_desk").post(f"/patients/{ada}/own-place/link", sent(how="mail"))
    asking.wait()
    (message,) = mail.outbox
    assert "The clinic sends you this." in message.body
    assert "Did you not ask" not in message.body


@pytest.mark.usefixtures("mailing")
def test_a_mail_names_no_illness_no_treatment_and_no_person(ada: UUID) -> None:
    ask(ADA)
    said = f"{mail.outbox[0].subject} {mail.outbox[0].body}".lower()
    for word in ("ketamine", "depression", "treatment", "mood", "ada testperson", "testperson"):
        assert word not in said


@pytest.mark.hazard("H049")
@pytest.mark.usefixtures("mailing")
def test_whoever_asks_is_not_told_whether_the_address_is_known(ada: UUID, new_patient: NewPatient) -> None:
    new_patient("Other", contact=Contact(email="closed@example.org"))  # in the charts, but no place is open
    assert ask(ADA) == ask("nobody@example.org") == ask("closed@example.org")
    assert [m.to for m in mail.outbox] == [[ADA]]


@pytest.mark.usefixtures("mailing")
def test_one_address_is_sent_a_few_links_and_no_more_and_is_told_what_to_do(ada: UUID) -> None:
    said = [ask(ADA) for _ in range(limits().links_per_address.value + 2)]
    assert len(mail.outbox) == limits().links_per_address.value
    assert all("Look into your mail" in page for page in said[:-2])
    for words in ("No new link was sent", f"Wait {limits().window_min.value} minutes", "Call the clinic."):
        assert words in said[-1]


@pytest.mark.hazard("H049")
@pytest.mark.usefixtures("mailing")
def test_whoever_asks_too_often_is_not_told_either_whether_the_address_is_known(ada: UUID) -> None:
    """From places of their own, so that the address alone is what is counted."""
    places = iter(range(1, 200))
    pages = {
        email: [
            ask(email, REMOTE_ADDR=f"10.0.0.{next(places)}")
            for _ in range(limits().links_per_address.value + 1)
        ]
        for email in (ADA, "nobody@example.org")
    }
    assert pages[ADA] == pages["nobody@example.org"]
    assert "No new link was sent" in pages[ADA][-1]


@pytest.mark.usefixtures("mailing")
def test_the_access_log_holds_neither_the_address_nor_the_code(ada: UUID) -> None:
    ask(ADA)
    ask("nobody@example.org")
    assert all(
        "example.org" not in f"{line.person}{line.action}{line.detail}" for line in access_log.recent()
    )


def test_without_a_mail_server_the_page_sends_people_to_the_desk() -> None:
    page = html(Client(), "/my/enter")
    assert "This clinic sends no e-mail" in page
    assert "Send me a link" not in page
    assert mail.outbox == []


@pytest.mark.usefixtures("mailing")
def test_a_wrong_address_gets_one_clear_error() -> None:
    answer = Client().post("/my/enter", {"email": "ada"})
    assert answer.status_code == 422
    assert "Write it like name@example.org." in answer.content.decode()


# -- the desk ---------------------------------------------------------------------------------------------------


def test_the_desk_hands_out_a_link_on_paper_with_a_code_and_a_square(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient = new_patient()
    page = sign_in("front_desk").post(f"/patients/{patient}/own-place/link", sent()).content.decode()
    code = re.search(r'link-code">([\w-]+)<', page)
    assert code
    assert "<svg" in page.split("<main")[1]
    client = Client()
    client.post(f"/my/link/{links.bare(code[1])}")
    assert signed_in(client)
    assert [b.how for _, b in store.load(f"chart:{patient}").said(PortalOpened)] == ["paper"]


@pytest.mark.hazard("H049")
def test_a_closed_place_opens_by_nothing_any_more(ada: UUID, sign_in: SignIn) -> None:
    waiting, inside = link_for(ada), Client()
    inside.post(f"/my/link/{link_for(ada)}", {"remember": "yes"})
    assert signed_in(inside)
    sign_in("front_desk").post(f"/patients/{ada}/own-place/close", sent())
    assert not signed_in(inside)
    assert inside.get("/my/enter").status_code == 200  # the door, not through it
    assert Client().post(f"/my/link/{waiting}").status_code == 410
    assert store.load(f"chart:{ada}").last(PortalClosed)
    assert not User.objects.get(patient=str(ada)).is_active


def test_a_closed_place_is_opened_again_by_a_new_link(ada: UUID) -> None:
    desk.close(act(ada))
    client = Client()
    client.post(f"/my/link/{link_for(ada)}")
    assert signed_in(client)
    assert len(store.load(f"chart:{ada}").said(PortalOpened)) == 2


# -- devices ----------------------------------------------------------------------------------------------------


def again(client: Client) -> Client:
    """The same browser after its sign-in has ended."""
    del client.cookies["sessionid"]
    return client


def test_a_device_that_is_remembered_comes_in_without_a_link_where_it_wanted_to_go(ada: UUID) -> None:
    client = Client()
    client.post(f"/my/link/{link_for(ada)}", {"remember": "yes"})
    answer = again(client).get("/my/course", follow=True)
    assert answer.redirect_chain[-1][0] == "/my/course"
    assert answer.status_code == 200


def test_a_device_that_is_not_remembered_needs_a_link_again(ada: UUID) -> None:
    client = Client()
    client.post(f"/my/link/{link_for(ada)}")
    assert again(client).get("/my/", follow=True).redirect_chain[-1][0].startswith("/my/enter")
    assert not OwnDevice.objects.exists()


def test_a_device_is_forgotten_after_its_days(ada: UUID) -> None:
    now = datetime.now(UTC)
    secret = links.remember(str(ada), "Android", now)
    end = now + timedelta(days=limits().remembered_days.value)
    assert links.known(secret, end - timedelta(seconds=1))
    assert links.known(secret, end) is None


@pytest.mark.parametrize("way_out", ["/my/leave", "/my/devices/forget"])
def test_signing_out_and_forgetting_end_what_was_remembered(ada: UUID, way_out: str) -> None:
    client = Client()
    client.post(f"/my/link/{link_for(ada)}", {"remember": "yes"})
    client.post(way_out)
    client.cookies.pop("sessionid", None)
    assert not signed_in(client)
    assert not OwnDevice.objects.filter(ended_at=None).exists()


def test_nobody_is_led_to_another_site_after_signing_in(ada: UUID) -> None:
    client = Client()
    client.post(f"/my/link/{link_for(ada)}", {"remember": "yes"})
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/my/", "/today"):
        assert client.get("/my/enter", {"next": elsewhere})["Location"] == "/my/"


# -- a sign-in that ended -----------------------------------------------------------------------------------------


@pytest.mark.hazard("H026")
def test_what_was_written_after_the_sign_in_had_ended_waits_and_the_page_shows_whom_to_call(
    ada: UUID,
) -> None:
    client = Client()
    client.post(f"/my/link/{link_for(ada)}")
    again(client)
    answer = client.post("/my/messages", sent(text="I want to die"))
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "I want to die" in page
    assert "Call 555 0100" in page
    back = client.post(f"/my/link/{link_for(ada)}")["Location"]
    assert "I want to die" in html(client, back)


def test_a_passkey_is_set_up_after_coming_in_by_a_link(ada: UUID) -> None:
    client = Client()
    client.post(f"/my/link/{link_for(ada)}")
    assert "Set up a passkey" in html(client, "/my/keys")
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200


def test_a_known_device_alone_sets_up_no_passkey(ada: UUID) -> None:
    client = Client()
    client.post(f"/my/link/{link_for(ada)}", {"remember": "yes"})
    again(client).get("/my/", follow=True)
    assert "Come in again by a new link" in html(client, "/my/keys")
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 403


@pytest.mark.hazard("H001")
def test_a_new_paper_ends_the_one_before(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, front_desk = new_patient(), sign_in("front_desk")
    pages = [
        front_desk.post(f"/patients/{patient}/own-place/link", sent()).content.decode() for _ in range(2)
    ]
    codes = [found[1] for page in pages if (found := re.search(r'link-code">([\w-]+)<', page))]
    answers = [Client().post(f"/my/link/{links.bare(code)}").status_code for code in codes]
    assert answers == [410, 302]
