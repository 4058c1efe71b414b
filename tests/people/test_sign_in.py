"""Signing in: passwords, locks, timeouts, temporary passwords, second steps; each in the access log."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from lowtide.people.clinic import zone
from lowtide.people.models import User
from lowtide.record import access_log, store
from lowtide.record.entries.clinic import Staff
from tests.conftest import CLINIC, said

PASSWORD = "correct-horse-tide"


@pytest.fixture
def nurse(clinic: object) -> User:
    """A nurse with a password of their own."""
    staff = Staff(staff=uuid4(), name="Sam Ortega", roles=("nurse",), login="sam")
    store.append([said(staff, CLINIC)])
    return User.objects.create_user("sam", password=PASSWORD)


def sign_in(client: Client, password: str = PASSWORD, login: str = "sam", **more: object) -> HttpResponse:
    form = {"login": login, "password": password, **more}
    return client.post("/accounts/login/", form)  # type: ignore[return-value]


def actions(person: str = "login:sam") -> list[str]:
    return [line.action for line in reversed(access_log.recent(person=person))]


def test_the_right_password_opens_the_clinic_and_is_logged(nurse: User, client: Client) -> None:
    assert sign_in(client)["Location"] == "/"
    assert "Sam Ortega" in client.get("/patients/").content.decode()
    assert actions() == ["signed in"]


def test_a_wrong_password_says_nothing_about_which_part_was_wrong(nurse: User, client: Client) -> None:
    wrong = sign_in(client, "no").content.decode()
    unknown = sign_in(client, "no", login="nobody").content.decode()
    assert "not correct" in wrong
    assert [line for line in wrong.splitlines() if "not correct" in line] == [
        line for line in unknown.splitlines() if "not correct" in line
    ]
    assert actions() == ["sign-in failed"]


def test_what_was_typed_as_an_unknown_name_is_not_kept(nurse: User, client: Client) -> None:
    sign_in(client, "x", login="my-secret-password")
    assert not [line for line in access_log.recent() if "secret" in line.person]


@pytest.mark.parametrize("login", ["sam", "nobody"])
def test_repeated_wrong_passwords_lock_the_name_and_the_page_says_how_long(
    nurse: User, client: Client, login: str
) -> None:
    answers = [sign_in(client, f"wrong {n}", login=login) for n in range(settings.SIGN_IN_TRIES)]
    assert [a.status_code for a in answers] == [200] * (settings.SIGN_IN_TRIES - 1) + [429]
    until = timezone.now() + timedelta(seconds=settings.SIGN_IN_LOCK_S)
    assert f"Locked until {until.astimezone(zone()):%H:%M}" in answers[-1].content.decode()
    assert sign_in(client, PASSWORD, login=login).status_code == 429


def test_the_lock_ends_by_itself(nurse: User, client: Client, settings: object) -> None:
    settings.SIGN_IN_LOCK_S = 1  # type: ignore[attr-defined]
    for n in range(5):
        sign_in(client, f"wrong {n}")
    time.sleep(1.1)
    assert sign_in(client).status_code == 302


def test_a_lock_holds_in_every_process_because_it_is_counted_in_the_database(nurse: User) -> None:
    from django.core.cache import cache

    for n in range(settings.SIGN_IN_TRIES):
        sign_in(Client(), f"wrong {n}")
        cache.clear()
    assert sign_in(Client()).status_code == 429
    assert actions()[-1] == "sign-in refused: locked"


def test_a_sign_in_forgives_earlier_slips(nurse: User) -> None:
    for n in range(settings.SIGN_IN_TRIES - 1):
        sign_in(Client(), f"wrong {n}")
    assert sign_in(Client()).status_code == 302
    assert sign_in(Client(), "wrong again").status_code == 200


def test_an_idle_sign_in_ends(nurse: User, client: Client) -> None:
    sign_in(client)
    _set_back(client, "seen", settings.SESSION_IDLE_S + 1)
    assert client.get("/patients/")["Location"].startswith("/accounts/login/")
    assert "sign-in ended: idle" in actions()


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(nurse: User, client: Client) -> None:
    sign_in(client)
    _set_back(client, "seen", settings.SESSION_IDLE_S - 5)
    client.get("/patients/", headers={"X-Lowtide-Background": "1"})
    assert time.time() - client.session["seen"] > settings.SESSION_IDLE_S - 10
    client.get("/patients/")
    assert time.time() - client.session["seen"] < 5


def test_a_sign_in_ends_after_its_longest_time_however_busy(nurse: User, client: Client) -> None:
    sign_in(client)
    client.get("/patients/")
    _set_back(client, "since", settings.SESSION_ABSOLUTE_S + 1)
    assert client.get("/patients/")["Location"].startswith("/accounts/login/")
    assert "sign-in ended: open too long" in actions()


def _set_back(client: Client, name: str, seconds: int) -> None:
    session = client.session
    session[name] = time.time() - seconds
    session.save()


def test_signing_out_takes_a_post_and_is_logged(nurse: User, client: Client) -> None:
    sign_in(client)
    client.get("/accounts/logout/")
    assert client.get("/patients/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/patients/").status_code == 302
    assert actions() == ["signed in", "signed out"]


def test_nobody_signs_themselves_up(clinic: object, client: Client) -> None:
    assert client.get("/accounts/signup/").status_code == 404
    assert client.post("/accounts/signup/", {"username": "x"}).status_code == 404


@pytest.mark.parametrize("weak", ["short-one", "password1234", "sam-ortega-sam"])
def test_a_weak_password_is_refused(nurse: User, client: Client, weak: str) -> None:
    User.objects.filter(pk=nurse.pk).update(username="sam-ortega")
    store.append([said(Staff(staff=uuid4(), name="S", roles=("nurse",), login="sam-ortega"), CLINIC)])
    sign_in(client, login="sam-ortega")
    form = {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    assert client.post("/accounts/password/change/", form).status_code == 200
    nurse.refresh_from_db()
    assert nurse.check_password(PASSWORD)


def test_a_changed_password_ends_the_other_sign_ins(nurse: User, client: Client) -> None:
    elsewhere = Client()
    sign_in(elsewhere)
    sign_in(client)
    form = {"oldpassword": PASSWORD, "password1": "another-horse-tide", "password2": "another-horse-tide"}
    assert client.post("/accounts/password/change/", form).status_code == 302
    assert client.get("/patients/").status_code == 200
    assert elsewhere.get("/patients/").status_code == 302
    assert "password changed" in actions()


def test_a_temporary_password_opens_nothing_but_its_change(nurse: User, client: Client) -> None:
    User.objects.filter(pk=nurse.pk).update(temporary_until=timezone.now() + timedelta(days=1))
    sign_in(client)
    assert client.get("/patients/")["Location"] == "/accounts/password/change/"
    form = {"oldpassword": PASSWORD, "password1": "another-horse-tide", "password2": "another-horse-tide"}
    client.post("/accounts/password/change/", form)
    assert client.get("/patients/").status_code == 200


def test_a_temporary_password_grows_old(nurse: User, client: Client) -> None:
    User.objects.filter(pk=nurse.pk).update(temporary_until=timezone.now() - timedelta(minutes=1))
    assert "too old" in sign_in(client).content.decode()
    assert client.get("/patients/").status_code == 302


def test_a_second_step_is_asked_for_once_it_is_set_up(nurse: User, client: Client) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(nurse, secret)
    assert sign_in(client)["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/patients/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.post("/accounts/2fa/authenticate/", {"code": _code(secret)}).status_code == 302
    assert client.get("/patients/").status_code == 200


def _code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def test_setting_up_a_second_step_is_offered_and_logged(
    nurse: User,
    client: Client,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    sign_in(client)
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/activate/", {"code": _code(secret)})
    assert Authenticator.objects.filter(user=nurse, type="totp").exists()
    assert "second step added" in actions()
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200


def test_a_deactivated_member_of_staff_is_out_at_once(nurse: User, client: Client) -> None:
    sign_in(client)
    entry, body = store.load(CLINIC).said(Staff)[-1]
    gone = Staff(staff=body.staff, name=body.name, roles=body.roles, login=body.login, active=False)
    store.append([said(gone, CLINIC, corrects=entry.id, reason="left")])
    assert client.get("/patients/")["Location"].startswith("/accounts/login/")
    assert client.get("/")["Location"].startswith("/accounts/login/")


def test_work_begins_where_the_role_works(sign_in: Callable[..., Client]) -> None:
    assert sign_in("administrator").get("/")["Location"] == "/clinic/"
    assert sign_in("front_desk").get("/")["Location"] in ("/patients/", "/today/", "/today")
