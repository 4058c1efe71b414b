"""The pages of a dose without a pump: one tap writes the usual, what is not usual asks on its own page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.pathway.session.rules.facts import session_facts
from lowtide.people.clinic import zone
from tests.pathway.session.conftest import Care, register
from tests.pathway.session.making import devices
from tests.pathway.session.test_giving import TRAY, check, give
from tests.pathway.session.test_pages import clinic_zone, text, url

SignIn = Callable[..., Client]
__all__ = ["clinic_zone"]


@pytest.fixture
def sprayed(clinic: object) -> Care:
    """Everything before the first device, half an hour before now."""
    care = register(start=datetime.now(UTC) - timedelta(minutes=20), protocol="P01")
    care.book()
    care.write(devices(), -18, session=care.session)
    care.measure(-8)
    care.time_out(-5)
    check(care, "esketamine", TRAY)
    return care


def tap(client: Client, care: Care, number: int, **more: str) -> tuple[int, str]:
    fields = {"entry_id": str(uuid4()), "number": str(number), "how_much": "all"} | more
    answer = client.post(url(care, "give"), fields)
    return answer.status_code, answer.content.decode()


def given(care: Care) -> str:
    found = session_facts(care.chart, care.session).parts
    return str(found.given_mg) if found else "0"


def test_one_tap_writes_the_first_device_and_the_page_says_when_the_second_may_come(
    sprayed: Care, sign_in: SignIn
) -> None:
    nurse = sign_in("nurse")
    assert "Device 1 given" in text(nurse, url(sprayed))
    assert tap(nurse, sprayed, 1)[0] == 302
    page = text(nurse, url(sprayed))
    assert "28 of 56 mg so far" in page
    assert "Not before" in page


@pytest.mark.hazard("H008")
def test_a_second_tap_on_a_stale_page_writes_nothing_and_says_so(sprayed: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    tap(nurse, sprayed, 1)
    status, page = tap(nurse, sprayed, 1)
    assert status == 422
    assert "it is recorded already" in page
    assert "Record: device" not in page
    assert given(sprayed) == "28"


@pytest.mark.hazard("H008")
def test_a_tap_that_is_too_early_asks_and_keeps_the_form(sprayed: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    tap(nurse, sprayed, 1)
    status, page = tap(nurse, sprayed, 2)
    assert (status, given(sprayed)) == (422, "28")
    assert "5 min after the one before" in page
    assert tap(nurse, sprayed, 2, reason="agreed with the prescriber")[0] == 302
    assert given(sprayed) == "56"


def test_a_part_is_corrected_on_its_own_line_and_the_sum_follows(sprayed: Care, sign_in: SignIn) -> None:
    first = give(sprayed, 1, -1)
    nurse, address = sign_in("nurse"), f"/patients/{sprayed.patient}/record/{first.id}/correct"
    assert 'name="of_mg"' not in nurse.get(address).content.decode()
    fields = {"entry_id": str(uuid4()), "corrects": str(first.id), "mg": "14", "count": "1", "lot": "L0424"}
    fields |= {
        "at": f"{sprayed.at(-1).astimezone(zone()):%Y-%m-%dT%H:%M:%S}",
        "reason": "half of it ran out of the nose",
    }
    answer = nurse.post(address, fields)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert given(sprayed) == "14"
    assert "<s>Device 1 given 28 mg" in nurse.get(url(sprayed, "flowsheet")).content.decode()


@pytest.mark.hazard("H043")
@pytest.mark.parametrize("role", ["front_desk", "researcher", "therapist"])
def test_who_does_not_chart_gives_nothing(sprayed: Care, sign_in: SignIn, role: str) -> None:
    assert tap(sign_in(role), sprayed, 1)[0] in (403, 404)
    assert given(sprayed) == "0"
