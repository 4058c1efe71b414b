"""The clinic and its staff: added, changed, deactivated; every change an entry."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.http import HttpResponse
from django.test import Client

from lowtide.people.clinic import chairs, natural, this_clinic
from lowtide.people.models import StaffIndex, User
from lowtide.record import access_log, store
from lowtide.record.entries.clinic import Staff
from tests.conftest import CLINIC, said


@pytest.fixture
def admin(sign_in: Callable[..., Client]) -> Client:
    return sign_in("administrator")


def add(client: Client, **more: object) -> HttpResponse:
    form = {"entry_id": str(uuid4()), "name": "Sam Ortega", "login": "sam", "roles": ["nurse"], **more}
    return client.post("/clinic/staff/new", form)  # type: ignore[return-value]


def row(login: str = "sam") -> StaffIndex:
    return StaffIndex.objects.get(login=login)


def change(client: Client, staff: str, **more: object) -> HttpResponse:
    page = client.get(f"/clinic/staff/{staff}")
    form = page.context["form"]
    said = {
        "entry_id": str(uuid4()),
        "corrects": str(form["corrects"].value()),
        "name": form["name"].value(),
        "roles": list(form["roles"].value()),
        "active": "on",
        "reason": "changed",
        **more,
    }
    return client.post(f"/clinic/staff/{staff}", {k: v for k, v in said.items() if v is not None})  # type: ignore[return-value]


def test_somebody_new_gets_a_temporary_password_shown_once(admin: Client) -> None:
    shown = add(admin)
    password = shown.context["password"]
    assert password in shown.content.decode()
    assert password not in admin.get("/clinic/").content.decode()
    assert User.objects.get(username="sam").check_password(password)
    newcomer = Client()
    newcomer.post("/accounts/login/", {"login": "sam", "password": password})
    assert newcomer.get("/patients/")["Location"] == "/accounts/password/change/"


def test_a_form_sent_twice_adds_once(admin: Client) -> None:
    entry_id = str(uuid4())
    password = add(admin, entry_id=entry_id).context["password"]
    assert add(admin, entry_id=entry_id).status_code == 302
    assert StaffIndex.objects.filter(login="sam").count() == 1
    assert User.objects.get(username="sam").check_password(password)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"login": "Sam Ortega!"}, "is no sign-in name"),
        ({"roles": []}, "required"),
        ({"roles": ["patient"]}, "There is no choice “patient”"),
        ({"clinical_lead": "on"}, "only a prescriber or a medical director"),
    ],
)
def test_what_cannot_be_is_said(admin: Client, wrong: dict[str, object], says: str) -> None:
    answer = add(admin, **wrong)
    assert answer.status_code == 422
    assert says.lower() in answer.content.decode().lower()
    assert not User.objects.filter(username="sam").exists()


def test_a_taken_name_is_refused(admin: Client) -> None:
    add(admin)
    assert "is taken" in add(admin, name="Another Sam").content.decode()


def test_the_clinical_lead_grant_is_for_prescribers_and_directors(admin: Client) -> None:
    add(admin, roles=["prescriber"], clinical_lead="on")
    assert row().clinical_lead


def test_a_change_of_roles_is_a_correction_with_a_reason(admin: Client) -> None:
    add(admin)
    assert change(admin, row().key, roles=["nurse", "therapist"], reason="trained").status_code == 302
    assert row().roles == "nurse therapist"
    entry, _ = store.load(CLINIC).said(Staff)[-1]
    assert entry.reason == "trained"
    assert [e.body.roles for e in store.load(CLINIC).line(entry.id)] == [("nurse",), ("nurse", "therapist")]


def test_somebody_who_left_is_out(admin: Client) -> None:
    add(admin)
    change(admin, row().key, active=None)
    assert not row().active
    assert not User.objects.get(username="sam").is_active


def test_the_last_who_can_manage_staff_stays(admin: Client) -> None:
    mine = StaffIndex.objects.get(roles="administrator")
    assert "nobody would be left" in change(admin, mine.key, active=None).content.decode().lower()
    assert "nobody would be left" in change(admin, mine.key, roles=["nurse"]).content.decode().lower()
    assert StaffIndex.objects.get(key=mine.key).active


def test_two_changes_at_once_do_not_overwrite_each_other(admin: Client) -> None:
    add(admin)
    seen = str(admin.get(f"/clinic/staff/{row().key}").context["form"]["corrects"].value())
    change(admin, row().key, roles=["therapist"])
    late = change(admin, row().key, roles=["front_desk"], corrects=seen)
    assert "already corrected" in late.content.decode()
    assert row().roles == "therapist"


def test_a_reset_password_ends_every_sign_in_and_can_take_off_a_lost_second_step(admin: Client) -> None:
    add(admin)
    user = User.objects.get(username="sam")
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    theirs = Client()
    theirs.force_login(user)
    shown = admin.post(f"/clinic/staff/{row().key}/password", {"second_steps": "on"})
    assert theirs.get("/patients/").status_code == 302
    user.refresh_from_db()
    assert user.check_password(shown.context["password"])
    assert user.temporary_until
    assert not user.authenticator_set.exists()
    assert "temporary password" in access_log.recent()[0].action


def test_the_clinic_is_changed_with_a_reason(admin: Client) -> None:
    form = admin.get("/clinic/change").context["form"]
    said_ = {name: form[name].value() for name in ("name", "country", "crisis_line", "entry_id", "corrects")}
    assert (
        "no time zone"
        in admin.post(
            "/clinic/change", {**said_, "zone": "Europe/Atlantis", "reason": "moved"}
        ).content.decode()
    )
    admin.post("/clinic/change", {**said_, "zone": "Europe/Lisbon", "reason": "moved"})
    clinic = this_clinic()
    assert clinic
    assert clinic.zone == "Europe/Lisbon"


def test_a_form_sent_again_with_other_words_shows_both_and_writes_nothing(admin: Client) -> None:
    form = {"entry_id": str(uuid4()), "label": "Chair 1", "active": "on"}
    admin.post("/clinic/chairs", form)
    answer = admin.post("/clinic/chairs", {**form, "label": "Chair 7"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "already recorded, differently" in page
    assert "Chair 7" in page
    assert [chair.label for _, chair in chairs()] == ["Chair 1"]


def test_a_chair_keeps_its_key_and_its_name_is_its_own(admin: Client) -> None:
    for name in ("Chair 1", "chair 1", "Chair 2"):
        admin.post("/clinic/chairs", {"entry_id": str(uuid4()), "label": name, "active": "on"})
    (first, one), (_, two) = chairs()
    assert (one.label, two.label) == ("Chair 1", "Chair 2")
    change = {"label": "Window", "active": "on", "corrects": str(first.id)}
    admin.post("/clinic/chairs", {**change, "entry_id": str(uuid4()), "chair": two.chair})
    admin.post("/clinic/chairs", {**change, "entry_id": str(uuid4()), "chair": "chair-9"})
    admin.post("/clinic/chairs", {"entry_id": str(uuid4()), "chair": one.chair, "label": "X", "active": "on"})
    assert [chair.label for _, chair in chairs()] == ["Chair 1", "Chair 2"]


def test_chairs_are_added_renamed_and_retired(admin: Client) -> None:
    admin.post("/clinic/chairs", {"entry_id": str(uuid4()), "label": "Chair 1", "active": "on"})
    entry, chair = chairs()[0]
    admin.post(
        "/clinic/chairs",
        {"entry_id": str(uuid4()), "label": "Window", "chair": chair.chair, "corrects": str(entry.id)},
    )
    ((_, changed),) = chairs()
    assert (changed.chair, changed.label, changed.active) == (chair.chair, "Window", False)


def test_times_are_shown_in_the_zone_of_the_clinic(
    sign_in: Callable[..., Client], new_patient: Callable[..., UUID]
) -> None:
    from datetime import UTC, datetime

    from lowtide.record.entries.chair import ChairEvent

    patient = new_patient()
    store.append(
        [said(ChairEvent(what="calm"), f"chart:{patient}", at=datetime(2026, 7, 1, 8, 0, tzinfo=UTC))]
    )
    assert ">10:00<" in sign_in("nurse").get(f"/patients/{patient}/record").content.decode()


def test_chair_2_stands_before_chair_10() -> None:
    labels = ["Chair 10", "Window", "chair 2", "Chair 1b", "Chair 1", "2 by the door"]
    assert sorted(labels, key=natural) == [
        "2 by the door",
        "Chair 1",
        "Chair 1b",
        "chair 2",
        "Chair 10",
        "Window",
    ]
