"""The passport that a patient carries elsewhere, and the whole record that they may take along."""

import io
import re
import zipfile
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import pytest
from django.http import HttpResponse
from django.test import Client

from lowtide.exchange.fhir import passport as fhir
from lowtide.exchange.fhir import reader
from lowtide.pathway.outcomes.passport import passport
from lowtide.people.clinic import this_clinic
from lowtide.record import store
from lowtide.record.entries.chair import Note
from lowtide.record.entries.history import Allergy, Medicine, ProblemStatus
from tests.conftest import said
from tests.pathway.course.story import Story
from tests.portal.conftest import chart_of, html

pytestmark = pytest.mark.django_db
Mine = tuple[Client, Story]


def test_the_passport_tells_what_was_given_and_adds_up_no_two_drugs(mine: Mine) -> None:
    found = passport(chart_of(mine[1].patient).chart, chart_of(mine[1].patient).patient)
    (total,) = found.totals
    assert (total.drug, total.route, total.count, total.mg) == ("ketamine", "iv", 1, found.given[0].mg)
    assert "1 time, 36.5 mg in all" in html(mine[0], "/my/passport")


def test_the_passport_on_paper_speaks_the_patients_language_or_english_for_clinicians(
    mine: Mine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lowtide.documents.own_views.answer", lambda made, name: HttpResponse(made))
    client = mine[0]
    page = html(client, "/my/passport", HTTP_ACCEPT_LANGUAGE="es")
    assert page.index("/my/passport.pdf?say=es") < page.index("/my/passport.pdf?say=en")
    assert "?say=es" not in html(client, "/my/passport")
    spanish, english = (html(client, f"/my/passport.pdf?say={code}") for code in ("es", "en"))
    assert '<html lang="es">' in spanish
    for words in (
        "Pasaporte del tratamiento",
        "Todas las dosis",
        "Tensión antes",
        '"página ',
        "ahora en:",
        "ketamina",
    ):
        assert words in spanish, words
    assert not re.search(r">[^<>]*\b(the|was|before|given|known)\b[^<>]*<", spanish.partition("<body>")[2])
    for words in ("Treatment passport", "Every dose", "Pressure before", "before the first dose"):
        assert words in english, words


def test_an_allergy_that_nobody_asked_about_is_not_told_as_none(mine: Mine) -> None:
    client, story = mine
    assert "Not asked yet." in html(client, "/my/passport")
    story.say(Allergy(substance="any", status=ProblemStatus.REFUTED))
    story.tell()
    assert "None known." in html(client, "/my/passport")


@pytest.mark.parametrize("knows", [False, True])
def test_the_passport_as_data_is_fhir_that_this_program_takes_back(mine: Mine, knows: bool) -> None:
    client, story = mine
    if knows:
        story.say(Allergy(substance="penicillin", status=ProblemStatus.ACTIVE, reaction="rash", onset="2012"))
        story.say(
            Medicine(name="sertraline", status=ProblemStatus.ACTIVE, dose="100 mg daily", started="2025-03")
        )
        story.tell()
    answer = client.get("/my/passport.json")
    assert answer["Content-Type"] == "application/fhir+json"
    taken = reader.read(reader.File("passport.json", answer.content))
    kinds = [one.type for one in taken]
    assert kinds.count("MedicationAdministration") == 1
    bundle = msgspec.json.decode(answer.content)
    assert (bundle["type"], bundle["entry"][0]["resource"]["resourceType"]) == ("document", "Composition")
    sections = bundle["entry"][0]["resource"]["section"]
    allergies = next(s for s in sections if s["title"] == "Allergies")
    assert ("entry" in allergies) is knows
    assert ("emptyReason" in allergies) is not knows


def test_every_reference_of_the_passport_is_inside_it(mine: Mine) -> None:
    chart = chart_of(mine[1].patient)
    made = fhir.document(
        passport(chart.chart, chart.patient), chart.patient_id, this_clinic(), datetime.now(UTC)
    )
    text = fhir.encoded(made).decode()
    known = {e["fullUrl"] for e in made["entry"]}
    used = {part.split('"')[0] for part in text.split('"reference": "')[1:]}
    assert used
    assert used <= known
    assert len(known) == len(made["entry"])


def test_the_passport_on_paper_is_a_pdf(mine: Mine) -> None:
    assert mine[0].get("/my/passport.pdf").content[:5] in (b"%PDF-", b"<!doc")


@pytest.mark.hazard("H049")
def test_the_own_record_holds_the_chart_without_what_was_told_to_one_role_alone(mine: Mine) -> None:
    client, story = mine
    secret = Note(text="told in the room", topic="therapy")
    store.append([said(secret, story.stream, visible_to=("therapist",))])
    answer = client.post("/my/record.zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:  # type: ignore[attr-defined]
        names = archive.namelist()
        inside = b"".join(archive.read(name) for name in names)
    assert b"told in the room" not in inside
    assert "passport.json" in names
    assert any(name.startswith("entries/") for name in names)
    assert not any(name.startswith("narrow") for name in names)


@pytest.mark.hazard("H001")
def test_the_own_record_is_of_nobody_else(mine: Mine) -> None:
    other = Story().tell()
    answer = mine[0].post("/my/record.zip", {"patient": str(other.patient), "x": str(uuid4())})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(str(other.patient) in name for name in archive.namelist())
