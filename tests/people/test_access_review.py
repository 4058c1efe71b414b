"""Who read what can be reviewed, and taken away as a table."""

import csv
from collections.abc import Callable
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.people.models import StaffIndex
from lowtide.record import access_log


@pytest.fixture
def director(sign_in: Callable[..., Client]) -> Client:
    return sign_in("medical_director")


@pytest.fixture
def patient(new_patient: Callable[..., UUID]) -> UUID:
    return new_patient("Halvorsen", "Ines")


def lines(client: Client, **query: object) -> list[dict[str, object]]:
    return list(client.get("/access/", query).context["lines"])  # type: ignore[arg-type]


def test_every_reading_of_a_chart_is_there_by_patient(
    director: Client, patient: UUID, new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    other = new_patient("Okafor", "Emeka")
    nurse = sign_in("nurse")
    nurse.get(f"/patients/{patient}/record")
    nurse.get(f"/patients/{other}/record")
    (line,) = lines(director, patient="halvorsen")
    assert (line["person"], line["did"]) == ("Test Nurse", f"GET /patients/{patient}/record")
    assert "Halvorsen, Ines" in str(line["patient"])
    assert lines(director, patient="nobody here") == []


@pytest.mark.hazard("H043")
def test_what_was_refused_is_marked(director: Client, patient: UUID, sign_in: Callable[..., Client]) -> None:
    sign_in("front_desk").get(f"/patients/{patient}/record")
    sign_in("nurse").get(f"/patients/{uuid4()}/record")
    refused = lines(director, refused="on")
    assert {(line["person"], line["allowed"]) for line in refused} == {
        ("Test Front desk", False),
        ("Test Nurse", False),
    }
    assert "<b>refused</b>" in director.get("/access/").content.decode()


def test_lines_are_narrowed_to_a_person_with_their_sign_ins(
    director: Client, patient: UUID, sign_in: Callable[..., Client]
) -> None:
    sign_in("nurse").get(f"/patients/{patient}/record")
    nurse = StaffIndex.objects.get(roles="nurse")
    found = lines(director, person=nurse.key)
    assert {line["did"] for line in found} == {"signed in", f"GET /patients/{patient}/record"}


def test_lines_are_narrowed_to_days(director: Client, patient: UUID) -> None:
    director.get(f"/patients/{patient}/record")
    assert lines(director, since="2999-01-01") == []
    assert lines(director, until="1999-01-01") == []
    assert lines(director, since="2020-01-01", until="2999-01-01")


def test_looking_at_the_log_is_logged(director: Client) -> None:
    director.get("/access/", {"refused": "on"})
    assert access_log.recent()[0].action == "GET /access/"


def test_the_table_holds_the_same_lines(director: Client, patient: UUID) -> None:
    director.get(f"/patients/{patient}/record")
    answer = director.get("/access/export", {"patient": "halvorsen"})
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert answer["Content-Type"].startswith("text/csv")
    assert [row["did"] for row in rows] == [f"GET /patients/{patient}/record"]
    assert rows[0]["allowed"] == "yes"


def test_a_cell_cannot_become_a_formula(director: Client) -> None:
    access_log.log("staff:x", "=HYPERLINK(1)", detail="+1")
    rows = list(csv.DictReader(StringIO(director.get("/access/export").content.decode())))
    row = next(row for row in rows if "HYPERLINK" in row["did"])
    assert (row["did"], row["detail"]) == ("'=HYPERLINK(1)", "'+1")


def test_only_those_who_answer_for_it_may_look(sign_in: Callable[..., Client]) -> None:
    for role in ("prescriber", "nurse", "therapist", "front_desk", "researcher"):
        assert sign_in(role).get("/access/").status_code == 403
    assert sign_in("administrator").get("/access/").status_code == 200
