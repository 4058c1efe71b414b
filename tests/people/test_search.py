"""A patient is found by anything that is known of them."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from lowtide.people.patients.search import find, sounding_like
from lowtide.record.entries.identity import Contact

NewPatient = Callable[..., UUID]


@pytest.fixture
def ines(new_patient: NewPatient) -> str:
    new_patient("Lindqvist", "Marta", "1970-01-01")
    patient = new_patient(
        "Müller-Halvorsen",
        "Ines Maria",
        "1983-03-14",
        preferred="Nessie",
        former_names=("Brandt",),
        contact=Contact(phone="0151 234 5678"),
    )
    return f"chart:{patient}"


def found(typed: str) -> list[str]:
    return [row.stream for row in find(typed)]


@pytest.mark.parametrize(
    "typed",
    [
        "halv",
        "INES",
        "maria müll",
        "mueller",
        "muller ine",
        "Müller-Halvorsen",
        "nessie",
        "brandt",
        "14.3.1983",
        "14 mar 1983",
        "1983-03",
        "1983",
        "ines 1983-03-14",
        "0151 2345678",
        "+49 151 234 5678",
        "5678",
    ],
)
def test_found_by(typed: str, ines: str) -> None:
    assert found(typed) == [ines]


def test_found_by_number_however_it_is_typed(new_patient: NewPatient, sign_in: Callable[..., Client]) -> None:
    from tests.people.test_register import fill, register

    client = sign_in("front_desk")
    register(client, fill(family="Okafor"))
    (row,) = find("okafor")
    assert row.number == "LT-0001"
    for typed in ("LT-0001", "lt0001", "1", row.stream.removeprefix("chart:")):
        assert found(typed) == [row.stream]


def test_every_thing_typed_must_fit(ines: str) -> None:
    assert found("ines lindqvist") == []


def test_a_word_is_found_by_its_beginning_only(ines: str) -> None:
    assert found("alvorsen") == []


def test_a_chart_that_knows_only_the_year_is_found_by_the_whole_date(new_patient: NewPatient) -> None:
    patient = new_patient("Okafor", "Emeka", "1990")
    assert found("2.2.1990") == [f"chart:{patient}"]


def test_nothing_typed_is_everybody_by_name(ines: str) -> None:
    assert [row.family for row in find("")] == ["Lindqvist", "Müller-Halvorsen"]


def test_a_misspelt_name_offers_what_sounds_similar(ines: str) -> None:
    assert found("halverson") == []
    assert [row.stream for row in sounding_like("halverson")] == [ines]


def test_the_page_lists_offers_and_pages(
    ines: str, sign_in: Callable[..., Client], new_patient: NewPatient
) -> None:
    for n in range(30):
        new_patient(f"Many{n:02d}", "Anna", "1960-06-06")
    client = sign_in("front_desk")
    first = client.get("/patients/", {"q": "many"}).content.decode()
    assert "Many00" in first
    assert "Many29" not in first
    assert "Many29" in client.get("/patients/", {"q": "many", "page": 2}).content.decode()
    assert "sound similar" in client.get("/patients/", {"q": "halverson"}).content.decode()
    assert "Nobody fits" in client.get("/patients/", {"q": "qqqqq"}).content.decode()


def test_while_typing_only_the_list_is_sent(ines: str, sign_in: Callable[..., Client]) -> None:
    part = sign_in("nurse").get("/patients/", {"q": "ines"}, headers={"HX-Request": "true"}).content.decode()
    assert "Ines" in part
    assert "<html" not in part


def test_the_front_desk_is_led_to_who_somebody_is_and_a_nurse_to_the_chart(
    ines: str, sign_in: Callable[..., Client]
) -> None:
    patient = ines.removeprefix("chart:")
    assert f"/patients/{patient}/who" in sign_in("front_desk").get("/patients/").content.decode()
    assert f"/patients/{patient}/who" not in sign_in("nurse").get("/patients/").content.decode()
