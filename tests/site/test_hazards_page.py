"""The director looks at each hazard and signs for what remains, as it stands; another estimate asks again."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.data.hazards import hazards
from lowtide.record import store
from lowtide.record.entries.clinic import RiskAccepted
from lowtide.site.hazards.accepting import Standing, standing
from tests.conftest import CLINIC, said

SignIn = Callable[..., Client]
PAGE = "/clinic/hazards/"


def of(hazard: str) -> Standing:
    return next(one for one in standing(store.load(CLINIC)) if one.hazard.id == hazard)


def sign(client: Client, hazard: str, seen: str | None = None, **more: str) -> None:
    given = {
        "entry_id": str(uuid4()),
        "hazard": hazard,
        "seen": of(hazard).seen if seen is None else seen,
        "reason": "two people draw up here",
    }
    client.post(PAGE + "accept", given | more)


@pytest.fixture
def director(sign_in: SignIn) -> Client:
    return sign_in("medical_director")


def test_nothing_is_accepted_before_somebody_signs(director: Client) -> None:
    assert (
        f"<b>{len(hazards())}</b> of {len(hazards())} are not accepted" in director.get(PAGE).content.decode()
    )


def test_an_acceptance_names_hazard_person_and_reason(director: Client) -> None:
    sign(director, "H001")
    page = director.get(PAGE).content.decode()
    assert "two people draw up here" in page
    accepted = of("H001").accepted
    assert accepted is not None
    assert accepted.body.told == "Wrong patient selected: risk 4 of 5 remains"
    assert 'id="H001"' not in director.get(PAGE, {"show": "open"}).content.decode()


@pytest.mark.hazard("H030")
def test_an_acceptance_of_another_estimate_does_not_hold(director: Client) -> None:
    signed = RiskAccepted(
        hazard="H001", stands="as it was", told="Wrong patient", printed_name="Dr Before", meaning="accepted"
    )
    store.append([said(signed, CLINIC, by="staff:x", at=datetime.now(UTC))])
    assert of("H001").accepted is None
    assert "Dr Before accepted it on" in director.get(PAGE, {"show": "open"}).content.decode()


def test_an_acceptance_can_be_withdrawn(director: Client) -> None:
    sign(director, "H001")
    sign(director, "H001", withdraw="1", reason="the second person is on leave")
    assert of("H001").signed is None


def test_a_stale_page_signs_nothing(director: Client) -> None:
    seen = of("H001").seen
    sign(director, "H001", seen)
    first = of("H001").accepted
    sign(director, "H001", seen)
    assert of("H001").accepted == first


def test_a_double_click_signs_once(director: Client) -> None:
    twice, seen = str(uuid4()), of("H001").seen
    for _ in range(2):
        sign(director, "H001", seen, entry_id=twice)
    assert len(store.load(CLINIC).said(RiskAccepted)) == 1


def test_without_a_reason_nothing_is_signed(director: Client) -> None:
    sign(director, "H001", reason=" ")
    assert of("H001").accepted is None


@pytest.mark.parametrize("role", ["nurse", "prescriber", "researcher"])
def test_only_who_answers_for_the_clinic_signs(sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    sign(client, "H001")
    assert of("H001").accepted is None
    assert "Accept in my name" not in client.get(PAGE).content.decode()
