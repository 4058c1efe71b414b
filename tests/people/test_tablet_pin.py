"""The quick way in at a shared tablet: name and PIN, guarded against guessing, and worth no more than the chair needs."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.tablet import tablet
from lowtide.people.models import Pin, StaffIndex, TabletToken, User
from lowtide.people.roles import BY_PIN, ROLES, Permission
from lowtide.people.sign_in import second_person
from lowtide.people.tablets import pins, tokens
from lowtide.people.tablets.pins import WrongPin
from lowtide.people.who import Person, person_from
from lowtide.problems import BadInput
from lowtide.record import access_log, store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Staff
from tests.conftest import CLINIC, said

PASSWORD, RIGHT, WRONG = "correct-horse-tide", "493716", "493717"
DEVICE = str(uuid4())
NOW = datetime.now(UTC)


def hire(login: str, name: str, role: str = "nurse") -> Person:
    store.append([said(Staff(staff=uuid4(), name=name, roles=(role,), login=login), CLINIC)])
    User.objects.create_user(login, password=PASSWORD)
    return person_from(StaffIndex.objects.get(login=login))


@pytest.fixture
def sam(clinic: Entry) -> Person:
    """A nurse with a PIN, who has signed in at the tablet before."""
    person = hire("sam", "Sam Ortega")
    pins.put(person, RIGHT, now=NOW)
    tokens.issue(person, DEVICE, now=NOW)
    return person


def unlock(pin: str, *, name: str = "sam", device: str = DEVICE, client: Client | None = None) -> object:
    body = {"device": device, "name": name, "pin": pin}
    return (client or Client()).post("/tablet/unlock", body, content_type="application/json")


def why(answer: object) -> str:
    return str(answer.json()["error"]["why"])  # type: ignore[attr-defined]


def opened(client: Client, pin: str = RIGHT, name: str = "sam", **more: str) -> object:
    return client.post("/tablet/", {"name": name, "pin": pin, "device": DEVICE, **more})


@pytest.mark.hazard("H043")
def test_name_and_pin_open_the_tablet_and_sign_that_person_in(sam: Person, client: Client) -> None:
    answer = unlock(RIGHT, client=client).json()  # type: ignore[attr-defined]
    assert (answer["person"]["id"], answer["full"], answer["has_pin"]) == (sam.by, False, True)
    made_at = datetime.now(UTC)
    assert tokens.author_of(answer["token"], DEVICE, made_at=made_at, now=made_at).by == sam.by
    assert client.get("/chairs").status_code == 200
    assert [line.action for line in access_log.recent(person="login:sam")] == ["signed in by PIN"]


@pytest.mark.parametrize("name", ["SAM", " Sam Ortega ", "sam ortega"])
def test_a_person_is_found_by_sign_in_name_or_by_name(name: str, sam: Person) -> None:
    assert unlock(RIGHT, name=name).status_code == 200  # type: ignore[attr-defined]


def test_a_tablet_that_remembers_who_it_is_need_not_know_the_sign_in_name(sam: Person) -> None:
    assert unlock(RIGHT, name=sam.by).status_code == 200  # type: ignore[attr-defined]


@pytest.mark.hazard("H043")
def test_after_five_wrong_pins_only_a_full_sign_in_opens_and_then_the_pin_again(sam: Person) -> None:
    answers = [unlock(WRONG) for _ in range(tablet().pin_tries)]
    assert [a.json()["left"] for a in answers] == [4, 3, 2, 1, 0]  # type: ignore[attr-defined]
    assert why(unlock(RIGHT)) == "locked"
    Client().post("/accounts/login/", {"login": "sam", "password": PASSWORD})
    assert unlock(RIGHT).status_code == 200  # type: ignore[attr-defined]


def test_a_right_pin_forgets_the_wrong_ones_before_it(sam: Person) -> None:
    for _ in range(3):
        for _ in range(tablet().pin_tries - 1):
            unlock(WRONG)
        assert unlock(RIGHT).status_code == 200  # type: ignore[attr-defined]


def test_a_sign_in_by_pin_forgives_no_wrong_password(sam: Person) -> None:
    for n in range(4):
        Client().post("/accounts/login/", {"login": "sam", "password": f"wrong {n}"})
    unlock(RIGHT)
    assert Client().post("/accounts/login/", {"login": "sam", "password": "wrong"}).status_code == 429


@pytest.mark.hazard("H043")
def test_many_guesses_at_once_are_no_more_than_one_after_the_other(own_database: None) -> None:
    from tests.faults import people
    from tests.faults.processes import at_once

    people.clinic()
    person = hire("sam", "Sam Ortega")
    pins.put(person, RIGHT, now=NOW)
    tried = at_once(*[lambda pin=f"{n:06}": pins.check(person.by, pin) for n in range(880_000, 880_012)])  # type: ignore[misc]
    assert sum(isinstance(t, WrongPin) for t in tried) == 12
    assert Pin.objects.get().wrong == tablet().pin_tries
    assert sorted(t.left for t in tried if isinstance(t, WrongPin))[-1] < tablet().pin_tries


def test_an_unknown_name_is_answered_as_a_wrong_pin(sam: Person) -> None:
    nobody, wrong = unlock(RIGHT, name="nobody"), unlock(WRONG)
    assert (why(nobody), nobody.json()["error"]["what"]) == (why(wrong), wrong.json()["error"]["what"])  # type: ignore[attr-defined]


@pytest.mark.hazard("H043")
def test_a_pin_opens_no_device_that_nobody_signed_in_at(sam: Person) -> None:
    answer = unlock(RIGHT, device=str(uuid4()))
    assert (answer.status_code, why(answer)) == (409, "unknown_tablet")  # type: ignore[attr-defined]


def test_who_left_has_no_pin_and_no_key(sam: Person) -> None:
    from lowtide.people.staff import actions

    director = hire("musa", "Musa Adeyemi", "medical_director")
    entry, staff = next((e, b) for e, b in store.load(CLINIC).said(Staff) if b.login == "sam")
    gone = Staff(staff=staff.staff, name=staff.name, roles=staff.roles, login="sam", active=False)
    actions.change_staff(director, uuid4(), entry.id, gone, "left", now=datetime.now(UTC))
    assert not Pin.objects.exists()
    assert not TabletToken.objects.filter(revoked_at=None).exists()
    assert why(unlock(RIGHT)) == "wrong_pin"


@given(st.text("0123456789", min_size=6, max_size=6))
def test_easy_pins_are_few_enough_to_refuse_and_rare_enough_to_miss(pin: str) -> None:
    easy = pins._is_easy(pin)
    if len(set(pin)) > 4 and pin not in pins.UP and pin[::-1] not in pins.UP:
        assert not easy
    if len(set(pin)) < 3:
        assert easy


@pytest.mark.parametrize("pin", ["123456", "654321", "111111", "121212", "123123", "789012", "123321", "12345", "abcdef", "٤٩٣٧١٦"])  # fmt: skip
def test_a_pin_that_anybody_would_try_first_is_refused(pin: str, sam: Person) -> None:
    with pytest.raises(BadInput):
        pins.put(sam, pin, now=NOW)


@pytest.mark.hazard("H043")
def test_whoever_has_the_database_alone_cannot_try_pins_against_it(sam: Person, settings: object) -> None:
    row = Pin.objects.get()
    assert RIGHT not in row.hash
    assert not check_password(RIGHT, row.hash)
    settings.SECRET_KEY = "another home's"  # type: ignore[attr-defined]
    with pytest.raises(WrongPin):
        pins.check(sam.by, RIGHT)


WITHHELD = {
    "/safe/": 200,
    "/safe/at/main/count": 403,
    "/today": 200,
    "/patients/new": 403,
    "/import/": 403,
    "/me/pin": 302,
    "/accounts/password/change/": 403,
    "/accounts/2fa/": 403,
}


@pytest.mark.hazard("H043")
@pytest.mark.parametrize("url", WITHHELD)
def test_a_pin_opens_the_chair_and_says_what_else_takes(url: str, sam: Person, client: Client) -> None:
    unlock(RIGHT, client=client)
    answer = client.get(url)
    assert answer.status_code == WITHHELD[url]
    if answer.status_code == 403:
        assert "takes your full sign-in" in answer.content.decode()


@pytest.mark.hazard("H043")
@pytest.mark.parametrize("role", ROLES)
def test_by_pin_nobody_signs_orders_or_opens_the_safe(role: str) -> None:
    person = Person("staff:x", "X", (role,), ROLES[role].permissions).by_pin()
    signing = {
        *(Permission.SIGN_SESSION, Permission.ORDER, Permission.DECIDE, Permission.REDACT),
        *(Permission.USE_SAFE, Permission.WITNESS_SAFE, Permission.KEEP_SAFE),
        *(Permission.MANAGE_STAFF, Permission.MANAGE_POLICY, Permission.REVIEW_ACCESS),
    }
    assert not person.may & signing
    assert person.may | person.withheld == ROLES[role].permissions
    assert person.may <= BY_PIN


@pytest.mark.hazard("H043")
def test_a_pin_is_no_witness(sam: Person, rf: object) -> None:
    with pytest.raises(BadInput, match="not right"):
        second_person(rf.get("/"), "sam", RIGHT)  # type: ignore[attr-defined]


def test_a_full_sign_in_stays_one_when_the_same_person_unlocks(sam: Person, client: Client) -> None:
    client.force_login(User.objects.get(username="sam"))
    assert unlock(RIGHT, client=client).json()["full"] is True  # type: ignore[attr-defined]
    assert client.get("/safe/at/main/count").status_code != 403


@pytest.mark.hazard("H043")
def test_the_next_person_takes_the_tablet_over_from_a_full_sign_in(sam: Person, client: Client) -> None:
    tomasz = hire("tomasz", "Tomasz Lind")
    pins.put(tomasz, "718264", now=NOW)
    client.force_login(User.objects.get(username="sam"))
    answer = unlock("718264", name="tomasz", client=client).json()  # type: ignore[attr-defined]
    assert answer["full"] is False
    assert "Tomasz Lind" in client.get("/chairs").content.decode()


def test_a_sign_in_by_pin_ends_sooner_and_leads_back_to_the_tablet(sam: Person, client: Client) -> None:
    unlock(RIGHT, client=client)
    session = client.session
    session["seen"] = time.time() - tablet().pin_idle_s - 1
    session.save()
    assert client.get("/chairs")["Location"] == "/tablet/?next=/chairs"


@pytest.mark.hazard("H043")
def test_a_tablet_reported_lost_is_signed_out(sam: Person, client: Client) -> None:
    from lowtide.people.tablets import keeping

    unlock(RIGHT, client=client)
    keeping.report_lost(sam, DEVICE, now=datetime.now(UTC))
    assert client.get("/chairs").status_code == 302
    assert why(unlock(RIGHT)) == "lost"


def test_the_page_at_the_tablet_opens_where_the_last_one_was(sam: Person, client: Client) -> None:
    assert opened(client, next="/chairs")["Location"] == "/chairs"  # type: ignore[index]
    locked = client.post("/tablet/lock", headers={"Referer": "http://testserver/chairs"})
    assert locked["Location"] == "/tablet/?next=%2Fchairs"
    assert client.get("/chairs").status_code == 302


def test_the_page_leads_to_no_other_site(sam: Person, client: Client) -> None:
    assert opened(client, next="https://elsewhere.example/")["Location"] == "/"  # type: ignore[index]


def test_the_page_says_what_is_wrong_and_how_often_it_may_be_tried(sam: Person, client: Client) -> None:
    wrong = opened(client, WRONG)
    assert wrong.status_code == 422  # type: ignore[attr-defined]
    assert "The name or the PIN is not right" in wrong.content.decode()  # type: ignore[attr-defined]
    for _ in range(4):
        last = opened(client, WRONG)
    assert "Sign in with your password" in last.content.decode()  # type: ignore[attr-defined]


def test_the_way_to_a_full_sign_in_leads_back(sam: Person, client: Client) -> None:
    unlock(RIGHT, client=client)
    assert "Sign in fully" in client.get("/chairs").content.decode()
    answer = client.post("/tablet/full-sign-in", {"next": "/safe/"})
    assert answer["Location"] == "/accounts/login/?next=%2Fsafe%2F"
    assert client.get("/chairs").status_code == 302


def test_names_are_offered_only_at_a_tablet_where_they_worked(sam: Person, client: Client) -> None:
    def names(device: str) -> object:
        return client.post("/tablet/names", {"device": device}, content_type="application/json").json()[
            "names"
        ]

    assert names(DEVICE) == [{"login": "sam", "name": "Sam Ortega"}]
    assert names(str(uuid4())) == []


@pytest.fixture
def fully(sam: Person, client: Client) -> Client:
    """Signed in by password, and asked for it once more."""
    client.post("/accounts/login/", {"login": "sam", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_a_pin_is_set_after_the_password(fully: Client) -> None:
    pins.forget(f"staff:{StaffIndex.objects.get(login='sam').key}")
    assert "Set a PIN" in fully.get("/me/pin").content.decode()
    device = str(uuid4())
    form = {"pin": "718264", "again": "718264", "here": "on", "device": device}
    assert fully.post("/me/pin", form).status_code == 302
    assert unlock("718264", device=device).status_code == 200  # type: ignore[attr-defined]


def test_a_pin_is_not_set_without_the_password_once_more(sam: Person, client: Client) -> None:
    client.post("/accounts/login/", {"login": "sam", "password": PASSWORD})
    assert client.get("/me/pin")["Location"].startswith("/accounts/reauthenticate/")
    client.post("/me/pin", {"pin": "718264", "again": "718264"})
    assert unlock(RIGHT).status_code == 200  # type: ignore[attr-defined]


def test_two_pins_that_differ_are_not_saved(fully: Client) -> None:
    answer = fully.post("/me/pin", {"pin": "718264", "again": "718265"})
    assert answer.status_code == 422
    assert unlock(RIGHT).status_code == 200  # type: ignore[attr-defined]


def test_a_person_takes_back_their_pin_and_keys(fully: Client) -> None:
    assert "Tablet " in fully.get("/me/pin").content.decode()
    fully.post("/me/pin/forget")
    assert why(unlock(RIGHT)) == "wrong_pin"
    assert not TabletToken.objects.filter(revoked_at=None).exists()


# -- the clinic's page of tablets --------------------------------------------------------------------------------


def test_the_clinic_sees_its_tablets_and_who_holds_a_key(sam: Person, sign_in: Callable[..., Client]) -> None:
    page = sign_in("administrator").get("/clinic/tablets/").content.decode()
    assert "Sam Ortega" in page
    assert f"Tablet {DEVICE[:4]}" in page


@pytest.mark.hazard("H043")
def test_a_lost_tablet_is_reported_and_found_again(sam: Person, sign_in: Callable[..., Client]) -> None:
    admin = sign_in("administrator")
    admin.post(f"/clinic/tablets/{DEVICE}/lost")
    assert "Reported lost" in admin.get("/clinic/tablets/").content.decode()
    assert why(unlock(RIGHT)) == "lost"
    admin.post(f"/clinic/tablets/{DEVICE}/found")
    assert unlock(RIGHT).status_code == 200  # type: ignore[attr-defined]


def test_a_tablet_is_named_and_its_keys_are_ended(sam: Person, sign_in: Callable[..., Client]) -> None:
    admin = sign_in("administrator")
    admin.post(f"/clinic/tablets/{DEVICE}/rename", {"name": "Room 2"})
    admin.post(f"/clinic/tablets/{DEVICE}/take-back")
    page = admin.get("/clinic/tablets/").content.decode()
    assert "Room 2" in page
    assert "Nobody holds a key on it now" in page


def test_a_tablet_that_is_not_known_is_not_found(clinic: Entry, sign_in: Callable[..., Client]) -> None:
    assert sign_in("administrator").post(f"/clinic/tablets/{uuid4()}/lost").status_code == 404


def test_a_key_ends_by_itself(sam: Person, client: Client) -> None:
    TabletToken.objects.update(expires_at=datetime.now(UTC) - timedelta(minutes=1))
    client.force_login(User.objects.get(username="sam"))
    from lowtide.people.tablets import keeping

    assert keeping.keys_of(sam.by) == []
