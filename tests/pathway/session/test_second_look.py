"""A rescue dose that is more than usual is typed once more; one that is more than ever given is refused (hazard H003)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given as examples
from hypothesis import strategies as st

from lowtide.data import own
from lowtide.data.rescue import medicines
from lowtide.data.rescue_doses import bounds, bounds_of
from lowtide.pathway.course.answerable import answerables
from lowtide.pathway.session.actions import rescuing
from lowtide.pathway.session.rules.rescue import never, unusual
from lowtide.pathway.session.tablet.trouble import tables
from lowtide.pathway.session.typed.given import medicine
from lowtide.people.tablets.tokens import issue
from lowtide.problems import BadInput, Refused
from lowtide.record.entries.base import Entry
from lowtide.record.entries.events import RescueGiven
from tests.pathway.session.conftest import Care
from tests.pathway.session.test_pages import url
from tests.pathway.session.test_tablet_entries import DEVICE, Chair, hire, states

pytestmark = pytest.mark.hazard("H003")
SAID: dict[str, Any] = {"medicine": "ondansetron", "unit": "mg", "route": "iv", "ordered_by": "Petra Scribe"}


@pytest.fixture
def dosing(new_care: Callable[..., Care]) -> Care:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=32))
    care.prepare()
    care.begin()
    return care


def give(care: Care, dose: str, **more: Any) -> Entry:
    return rescuing.give(care.act(20), RescueGiven(**SAID, dose=Decimal(dose)), **more)[0]


def test_the_usual_dose_is_written_down_at_once(dosing: Care) -> None:
    assert give(dosing, "8").body.warnings == ()


def test_more_than_usual_is_typed_again_with_a_reason_and_what_was_unusual_is_kept(dosing: Care) -> None:
    with pytest.raises(BadInput, match="more than is usual at once"):
        give(dosing, "16")
    with pytest.raises(BadInput, match="typed otherwise the second time"):
        give(dosing, "16", dose_again=Decimal(8), reason="by order")
    with pytest.raises(Refused, match="more than is usual at once"):
        give(dosing, "16", dose_again=Decimal(16))
    kept = give(dosing, "16", dose_again=Decimal(16), reason="ordered, vomits on")
    assert kept.body.warnings == ("16 mg of ondansetron is more than is usual at once (8 mg)",)


def test_more_than_is_ever_given_is_refused_however_often_it_is_typed(dosing: Care) -> None:
    with pytest.raises(Refused, match=r"4000 mg of ondansetron is more than is ever given at once \(32 mg\)"):
        give(dosing, "4000", dose_again=Decimal(4000), reason="it is meant")


def test_the_page_shows_the_second_field_only_when_it_is_asked_for(
    dosing: Care, sign_in: Callable[..., Client]
) -> None:
    nurse, address = sign_in("nurse"), url(dosing, "rescue/ondansetron")
    assert 'name="dose_again"' not in nurse.get(address).content.decode()
    fields = {"entry_id": uuid4(), "dose": "16", "unit": "mg", "route": "iv", "orderer": "other"}
    fields |= {"by_name": "Dr Reed"}
    asked = nurse.post(address, fields)
    assert asked.status_code == 422
    assert 'name="dose_again"' in asked.content.decode()
    assert 'name="reason"' in asked.content.decode()
    fields |= {"dose_again": "16", "reason": "by order"}
    assert nurse.post(address, fields).status_code == 302


def test_on_paper_a_slip_is_refused_as_well() -> None:
    said = medicine(Decimal(4000), "Ondansetron, mg, iv, Dr Reed")
    assert isinstance(said, str)
    assert "more than is ever given" in said


def test_what_waited_for_the_line_is_not_sent_back_for_the_second_look_but_a_slip_is(dosing: Care) -> None:
    nurse = hire("Nina Holt")
    chair = Chair(dosing, nurse, issue(nurse, DEVICE, now=dosing.at(-20)).token)
    unusual_one, slip = (chair.made("rescue", {**SAID, "dose": dose}) for dose in ("16", "4000"))
    assert states(chair.send(unusual_one, slip)) == ["stored", "refused"]
    told = {m["key"]: m["bounds"] for m in tables({})["medicines"]}
    assert told["ondansetron"][0]["never"] == 32


def test_a_clinics_own_number_holds_and_every_bound_waits_for_approval() -> None:
    body = RescueGiven(**SAID, dose=Decimal(10))
    assert unusual(body)
    with own.laying(own.own((("rescue:ondansetron_mg/usual", "12"),))):
        assert unusual(body) is None
    waiting = {row.id for row in answerables() if row.table == "rescue" and not row.verified}
    assert {"ondansetron_mg/usual", "ondansetron_mg/never"} <= waiting


def test_every_bound_is_of_a_medicine_in_one_of_its_units_and_ways() -> None:
    for name, both in bounds().items():
        known = medicines()[both.medicine]
        assert both.unit in known.units, name
        assert set(both.routes) <= set(known.routes), name
        assert 0 < both.usual <= both.never, name
    without = {k for k, m in medicines().items() for u in m.units for r in m.routes if not bounds_of(k, u, r)}
    assert without == {"other"}


@examples(st.sampled_from(sorted(bounds())), st.decimals("0.001", "20000", places=3))
def test_what_is_never_given_is_always_unusual(name: str, dose: Decimal) -> None:
    both = bounds()[name]
    route = (both.routes or medicines()[both.medicine].routes)[0]
    body = RescueGiven(**SAID | {"medicine": both.medicine, "unit": both.unit, "route": route}, dose=dose)
    assert not never(body) or unusual(body)
    assert bool(never(body)) is (dose > both.never)
