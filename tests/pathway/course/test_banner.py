"""The banner says who this is and what must be known, on every page and only to those who may know it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.people.patients import actions
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.entries.base import Body
from lowtide.record.entries.care import Answers, RiskReviewed
from lowtide.record.entries.history import Allergy, HistoryTaken, Measurement, ProblemStatus
from tests.conftest import said

NOW = datetime.now(UTC)
REVIEWER = Person("staff:reviewer", "Reviewer", ("prescriber",), permissions(("prescriber",)))
RISK = Answers(instrument="PHQ9", version="1", items={"1": 2, "9": 1}, mode="tablet")


@pytest.fixture
def patient(new_patient: Callable[..., UUID]) -> UUID:
    return new_patient("Halvorsen", "Ines", f"{NOW.year - 43}-01-01", preferred="Nessie")


@pytest.fixture
def banner(patient: UUID, sign_in: Callable[..., Client]) -> Callable[[], str]:
    """The words of the banner, as a nurse reads it on the record page."""
    nurse = sign_in("nurse")
    return lambda: words(nurse, f"/patients/{patient}/record")


def words(client: Client, url: str) -> str:
    html = client.get(url).content.decode()
    part = html[html.index('<section class="patient"') : html.index("<main")]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def write(patient: UUID, body: Body, **more: object) -> UUID:
    return store.append([said(body, f"chart:{patient}", **more)])[0].id


def test_it_says_who_this_is(banner: Callable[[], str], patient: UUID) -> None:
    said_ = banner()
    for told in ("Ines Halvorsen", "Nessie", "F, 43 y", f"1 Jan {NOW.year - 43}", f"LT-{patient.hex[:4]}"):
        assert told in said_


def test_a_partly_known_birth_date_gives_a_span_of_ages(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient = new_patient("Okafor", "Emeka", str(NOW.year - 30))
    assert "29 to 30 y" in words(sign_in("nurse"), f"/patients/{patient}/record")


@pytest.mark.hazard("H028")
def test_what_nobody_asked_is_not_no(banner: Callable[[], str], patient: UUID) -> None:
    assert "weight not known" in banner()
    assert "allergies not asked" in banner()
    write(patient, HistoryTaken(items=("allergies", "medicines")))
    assert "allergies none known, asked" in banner()


def test_an_allergy_is_named_and_a_refuted_one_is_not(banner: Callable[[], str], patient: UUID) -> None:
    write(patient, Allergy(substance="penicillin", status=ProblemStatus.ACTIVE))
    write(patient, Allergy(substance="latex", status=ProblemStatus.REFUTED))
    write(patient, HistoryTaken(items=("allergies",)))
    assert "allergies penicillin" in banner()
    assert "latex" not in banner()


@pytest.mark.hazard("H006")
def test_the_weight_carries_its_age_and_says_when_it_is_old(
    banner: Callable[[], str], patient: UUID, sign_in: Callable[..., Client]
) -> None:
    weight = Measurement(quantity="weight_kg", value=Decimal("73.0"), device="scale B")
    write(patient, weight, at=NOW - timedelta(days=31))
    assert "31 days old, scale B" in banner()
    assert 'class="is-old"' in sign_in("nurse").get(f"/patients/{patient}/record").content.decode()
    write(patient, weight)
    assert "73.0 kg today" in banner()


@pytest.mark.hazard("H026")
def test_a_risk_answer_stands_first_until_it_is_closed(
    banner: Callable[[], str], patient: UUID, new_patient: Callable[..., UUID]
) -> None:
    new_patient("Halvorson", "Ines", f"{NOW.year - 43}-01-01")
    form = write(patient, RISK)
    assert banner().index("Act now PHQ-9") < banner().index("Same person?")
    write(patient, RiskReviewed(answers=form, action="called", closed=True))
    assert "Act now" not in banner()


@pytest.mark.hazard("H026")
def test_a_risk_answer_surfaces_even_where_it_was_written_for_few(
    banner: Callable[[], str], patient: UUID
) -> None:
    write(patient, RISK, visible_to=("therapist",))
    assert "Act now" in banner()


@pytest.mark.hazard("H026")
def test_a_risk_answer_in_a_joined_chart_surfaces_here(
    banner: Callable[[], str], patient: UUID, new_patient: Callable[..., UUID]
) -> None:
    other = new_patient("Halvorson", "Ines", "1950-01-01")
    write(other, RISK)
    actions.link(REVIEWER, patient, other, uuid4(), "same", now=NOW)
    assert "Act now" in banner()
    assert f"also charted as LT-{other.hex[:4]}" in banner()


@pytest.mark.hazard("H001")
def test_a_look_alike_stays_in_sight_and_after_review_stays_as_a_note(
    banner: Callable[[], str], patient: UUID, new_patient: Callable[..., UUID]
) -> None:
    other = new_patient("Halvorson", "Inga", f"{NOW.year - 43}-01-02")
    assert "Same person? Inga Halvorson" in banner()
    assert "1 day apart" in banner()
    actions.tell_apart(REVIEWER, patient, other, uuid4(), "two people", now=NOW)
    assert "Same person?" not in banner()
    assert "Not to be confused with Inga Halvorson" in banner()


@pytest.mark.hazard("H049")
def test_the_front_desk_sees_who_and_nothing_of_the_care(
    patient: UUID, sign_in: Callable[..., Client]
) -> None:
    write(patient, RISK)
    write(patient, Allergy(substance="penicillin", status=ProblemStatus.ACTIVE))
    seen = words(sign_in("front_desk"), f"/patients/{patient}/who")
    assert "Ines Halvorsen" in seen
    for hidden in ("Act now", "penicillin", "weight", "allergies", "not asked"):
        assert hidden not in seen
