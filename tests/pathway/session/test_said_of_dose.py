"""An adverse event that says the dose was stopped, while it runs: the page says that nothing of it is recorded."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.data import monitoring
from lowtide.pathway.session.actions import adverse, dosing
from lowtide.pathway.session.rules.said_of_dose import unrecorded
from lowtide.pathway.session.rules.state import Verb, session_state
from lowtide.pathway.session.tablet.trouble import said_of_dose
from lowtide.record.entries.base import Answer
from lowtide.record.entries.events import AdverseEvent
from tests.pathway.session.conftest import Care
from tests.pathway.session.test_pages import url

pytestmark = pytest.mark.hazard("H014")


@pytest.fixture
def running(new_care: Callable[..., Care]) -> Care:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=20))
    care.prepare()
    care.begin()
    return care


def happened(care: Care, action: str, minutes: float = 10) -> None:
    body = AdverseEvent(term="nausea", grade=1, serious=Answer.NO, action=action)
    adverse.record(care.act(minutes), body)


def said(care: Care, minutes: float = 15) -> Verb | None:
    found = unrecorded(session_state(care.chart, care.session, monitoring.items(), care.at(minutes)))
    return found.verb if found else None


@pytest.mark.parametrize(
    ("action", "verb"), [("stopped", Verb.STOP), ("paused", Verb.PAUSE), ("none", None), ("slowed", None)]
)
def test_it_names_the_verb_that_would_record_it(running: Care, action: str, verb: Verb | None) -> None:
    happened(running, action)
    assert said(running) is verb


def test_once_it_is_recorded_nothing_is_said(running: Care) -> None:
    happened(running, "paused")
    dosing.pause(running.act(11), reason="feels sick")
    assert said(running) is None
    dosing.resume(running.act(13), rate_ml_per_h=75)  # type: ignore[arg-type]
    assert said(running) is None
    happened(running, "stopped", 14)
    assert said(running) is Verb.STOP
    dosing.stop(running.act(15), delivered_ml=15, complete=False, reason="x")  # type: ignore[arg-type]
    assert said(running, 16) is None


def test_the_page_leads_to_the_stop_and_the_tablet_takes_it_along(
    running: Care, sign_in: Callable[..., Client]
) -> None:
    nurse = sign_in("nurse")
    fields: dict[str, Any] = {"entry_id": uuid4(), "term": "nausea", "grade": "1", "serious": "no"}
    fields |= {"action": "stopped", "outcome": "ongoing", "relation": "not_assessed"}
    answer = nurse.post(url(running, "adverse-event"), fields, follow=True)
    page = answer.content.decode()
    assert "but the dose still runs: stop or pause it" in page
    assert "The dose runs on" in page
    assert url(running, "stop") in page
    now = datetime.now(UTC)
    state = session_state(running.chart, running.session, monitoring.items(), now)
    assert said_of_dose(state) == {"unrecorded": "stopped"}


@pytest.mark.hazard("H016")
def test_two_pressures_that_are_swapped_are_called_that_before_anything_else(
    running: Care, sign_in: Callable[..., Client]
) -> None:
    fields = {"entry_id": uuid4(), "sbp_mmhg": "80", "dbp_mmhg": "120"}
    page = sign_in("nurse").post(url(running, "enter/bp"), fields).content.decode()
    assert "80/120: systolic is not above diastolic" in page
    assert "may be swapped" in page
    assert "Look again" not in page
