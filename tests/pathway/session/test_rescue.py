"""Rescue medicines: by order, with what the chart says against them, and what they did."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lowtide.pathway.session.actions import closing, rescuing
from lowtide.pathway.session.actions import dosing as pump
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.rescue import against, given
from lowtide.problems import BadInput, Refused
from lowtide.record.entries.base import Entry
from lowtide.record.entries.events import RescueGiven
from lowtide.record.entries.history import Allergy, HistoryTaken, Medicine, ProblemStatus
from tests.pathway.session.conftest import Care

ACTIVE = ProblemStatus.ACTIVE


@pytest.fixture
def dosing(new_care: Callable[..., Care]) -> Care:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=32))
    care.prepare()
    care.begin()
    return care


def give(care: Care, minutes: float = 20, reason: str | None = None, **changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "medicine": "ondansetron",
        "dose": Decimal(4),
        "unit": "mg",
        "route": "iv",
        "ordered_by": "Petra Scribe",
    }
    return rescuing.give(care.act(minutes), RescueGiven(**(fields | changes)), reason=reason)[0]


def said(care: Care, medicine: str, *, weighs: bool = True) -> list[str]:
    return [one.text for one in against(care.chart, medicine, care.at(20)) if one.weighs is weighs]


def test_a_medicine_is_given_with_dose_route_and_order_and_waits_for_its_effect(dosing: Care) -> None:
    entry = give(dosing)
    (one,) = given(session_facts(dosing.chart, dosing.session))
    assert one.waits
    rescuing.effect(dosing.act(40), entry.id, effect="settled")
    (one,) = given(session_facts(dosing.chart, dosing.session))
    assert not one.waits


def test_an_allergy_in_the_chart_asks_why_it_is_given_all_the_same(dosing: Care) -> None:
    dosing.write(Allergy(substance="Ondansetron", status=ACTIVE, reaction="rash"), -100)
    with pytest.raises(Refused, match=r"an allergy is recorded: Ondansetron \(rash\)"):
        give(dosing)
    entry = give(dosing, reason="a single dose under watch, by order")
    assert entry.body.warnings == ("an allergy is recorded: Ondansetron (rash)",)
    assert entry.reason == "a single dose under watch, by order"


def test_a_medicine_that_is_taken_and_does_not_fit_is_said(dosing: Care) -> None:
    dosing.write(Medicine(name="oxycodone", status=ACTIVE), -100)
    assert said(dosing, "midazolam") == ["oxycodone: an opioid is taken as well: breathing may slow"]


def test_allergies_that_nobody_asked_about_are_not_taken_for_none(dosing: Care) -> None:
    assert "nobody has asked about allergies" in said(dosing, "ondansetron", weighs=False)
    dosing.write(HistoryTaken(items=("allergies",)), -100)
    assert "nobody has asked about allergies" not in said(dosing, "ondansetron", weighs=False)


def test_more_than_trials_allowed_is_said_and_never_forbidden(dosing: Care) -> None:
    with pytest.raises(Refused, match=r"up to 2\.5 mg"):
        give(dosing, medicine="midazolam", dose=Decimal(5), route="im")
    assert give(dosing, medicine="midazolam", dose=Decimal(5), route="im", reason="ordered by telephone")
    assert give(dosing, medicine="midazolam", dose=Decimal("2.5"), route="im")


def test_it_needs_an_order_and_a_unit_of_the_medicine(dosing: Care) -> None:
    with pytest.raises(BadInput, match="say who ordered it"):
        give(dosing, ordered_by=" ")
    with pytest.raises(BadInput, match="not given in puff"):
        give(dosing, unit="puff")


@pytest.mark.hazard("H036")
def test_a_controlled_one_leads_to_the_safe(dosing: Care, sign_in: Callable[..., Client]) -> None:
    from tests.safe.conftest import Bench

    Bench().open()
    base = f"/patients/{dosing.patient}/sessions/{dosing.session}/rescue"
    page = sign_in("nurse").get(f"{base}/midazolam").content.decode()
    assert "Controlled." in page
    assert reverse("safe:draw", args=["main"]) in page
    assert "Controlled." not in sign_in("nurse").get(f"{base}/ondansetron").content.decode()


def test_it_stands_in_the_log_of_the_session(dosing: Care, sign_in: Callable[..., Client]) -> None:
    give(dosing, 31)
    base = f"/patients/{dosing.patient}/sessions/{dosing.session}"
    page = sign_in("nurse").get(base).content.decode()
    assert "Ondansetron 4 mg" in page
    assert "Say what it did" in page
    assert "ordered by Petra Scribe" in sign_in("nurse").get(f"{base}/flowsheet").content.decode()


@pytest.mark.hazard("H036")
def test_whoever_signs_reads_what_is_open_and_what_no_safe_gave(
    dosing: Care, sign_in: Callable[..., Client]
) -> None:
    give(dosing, medicine="midazolam", dose=Decimal(2), route="im")
    pump.stop(dosing.act(25), delivered_ml=Decimal(20), complete=False, reason="agitated")
    closing.discharge(dosing.act(31), answers={}, against_advice=True, reason="wants home")
    page = sign_in("nurse").get(f"/patients/{dosing.patient}/sessions/{dosing.session}/sign").content.decode()
    assert "Midazolam was given; nothing of it was drawn for this session" in page
    assert "Midazolam: nobody said what it did" in page
