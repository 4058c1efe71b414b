"""`lowtide setup` opens a real clinic, once."""

import pytest

from lowtide.people.clinic import this_clinic
from lowtide.people.models import StaffIndex, User
from lowtide.site import cli

ARGS = [
    "setup",
    *("--clinic", "North Quay Clinic"),
    *("--zone", "Europe/Berlin"),
    *("--country", "de"),
    *("--crisis-line", "116 123"),
    *("--login", "Hanne.Voss"),
    *("--name", "Dr Hanne Voss"),
]
ROLES = ["--role", "medical_director", "--role", "administrator"]


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOWTIDE_PASSWORD", "north-quay-tide")


def test_the_clinic_is_open_and_the_first_person_can_sign_in(
    own_database: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*ARGS, *ROLES]) == 0
    assert "sign in as hanne.voss" in capsys.readouterr().out
    clinic = this_clinic()
    assert clinic
    assert (clinic.name, clinic.country, clinic.demo) == ("North Quay Clinic", "DE", False)
    assert StaffIndex.objects.get().roles == "medical_director administrator"
    assert User.objects.get(username="hanne.voss").check_password("north-quay-tide")


def test_a_second_time_is_refused(own_database: None, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(ARGS)
    assert cli.main(ARGS) == 2
    assert "set up already" in capsys.readouterr().err
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (["--zone", "Europe/Atlantis"], "no time zone"),
        (["--login", "x y"], "no sign-in name"),
        (["--role", "prescriber"], "left to manage the staff"),
    ],
)
def test_what_cannot_be_is_one_clear_line(
    own_database: None, capsys: pytest.CaptureFixture[str], change: list[str], says: str
) -> None:
    assert cli.main([*ARGS, *change]) == 2
    assert says in capsys.readouterr().err
    assert this_clinic() is None


def test_a_weak_password_is_refused(
    own_database: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOWTIDE_PASSWORD", "short")
    assert cli.main(ARGS) == 2
    assert "too short" in capsys.readouterr().err
    assert not User.objects.exists()
