"""A dose that is begun without the network: by its label, where it was made up with one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lowtide.pathway.session.rules.facts import session_facts
from lowtide.people.tablets.tokens import issue
from lowtide.record.entries.base import Entry
from tests.pathway.session.conftest import Care
from tests.pathway.session.test_containers import checked, long_care
from tests.pathway.session.test_tablet_entries import DEVICE, Chair, hire, states

RUNS = {"rate_ml_per_h": "25", "volume_ml": "50"}
SignIn = Callable[..., Client]


@pytest.fixture
def chair(clinic: Entry) -> Chair:
    """Two bags are ordered; the first is made up and checked, the dose not begun."""
    care = long_care(start=timezone.now() - timedelta(minutes=12))
    nurse = hire("Nina Holt")
    return Chair(care, nurse, issue(nurse, DEVICE, now=care.at(-8)).token)


def kept(care: Care, client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/patients/{care.patient}/sessions/{care.session}/tablet").json()
    return found


@pytest.mark.hazard("H012")
@pytest.mark.hazard("H017")
def test_the_tablet_knows_the_labels_that_may_be_hung_and_starts_by_one(
    chair: Chair, sign_in: SignIn
) -> None:
    bag = checked(chair.care, -4)
    client = sign_in("nurse")
    (label,) = kept(chair.care, client)["labels"]
    assert (label["digits"], label["volume_ml"], label["why"]) == (bag.body.code, "50", "")
    made = chair.made("start", RUNS | {"scanned_code": bag.body.code}, minutes=2)
    assert states(chair.send(made)) == ["stored"]
    started = session_facts(chair.care.chart, chair.care.session).started
    assert started
    assert getattr(started[1], "container", None) == bag.id
    assert kept(chair.care, client)["labels"] == []


@pytest.mark.hazard("H012")
def test_a_start_without_its_label_is_refused_and_says_so(chair: Chair) -> None:
    checked(chair.care, -4)
    answer = chair.send(chair.made("start", RUNS, minutes=2))[0]
    assert answer["state"] == "refused"
    assert "label" in answer["problems"][0]["what"]
