"""Planning a course and signing an order, on a real record."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.test import Client

from lowtide.pathway.plan import actions, ordering
from lowtide.pathway.plan.order import Preparation
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.problems import BadInput, Refused
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CandidacyDecided, OrderSigned
from lowtide.record.entries.chair import DoseStarted
from lowtide.record.entries.history import Measurement
from tests.conftest import said

PRESCRIBER = Person("staff:p", "Dr Test", ("prescriber",), permissions(("prescriber",)))
VIAL = Preparation(Decimal(50), Decimal(50))
DECIDED = CandidacyDecided(
    decision="eligible",
    suggested="eligible",
    indication="trd",
    product="racemic_ketamine",
    route="iv",
    policy="default 1",
    rules_version="1",
    findings=(),
    known={},
)


def act(patient: UUID, entry_id: UUID | None = None, now: datetime | None = None) -> actions.Act:
    return actions.Act(
        person=PRESCRIBER, patient_id=patient, entry_id=entry_id or uuid4(), now=now or datetime.now(UTC)
    )


def decided(patient: UUID, decision: str = "eligible") -> None:
    store.append([said(msgspec.structs.replace(DECIDED, decision=decision), f"chart:{patient}")])


def planned(patient: UUID) -> UUID:
    """A decided patient with a planned course; answers the first session."""
    decided(patient)
    actions.plan_course(act(patient), "P05", datetime.now(UTC).date(), "sleep through the night")
    running = ordering.course(store.load(f"chart:{patient}"))
    assert running
    return running.sessions[0].session


def weigh(patient: UUID, kg: str, *, days_ago: int = 0) -> None:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    store.append([said(Measurement(quantity="weight_kg", value=Decimal(kg)), f"chart:{patient}", at=at)])


def sign(patient: UUID, session: UUID, mg: str, **more: object) -> list[Entry]:
    given = {"printed_name": "Dr Test", "second_person": None, "reason": ""} | more
    entry_id = given.pop("entry_id", None)
    return actions.sign_order(
        act(patient, entry_id),  # type: ignore[arg-type]
        session,
        VIAL,
        seen_mg=Decimal(mg),
        **given,  # type: ignore[arg-type]
    )


@pytest.fixture
def patient(clinic: Entry, new_patient: Callable[..., UUID]) -> UUID:
    return new_patient()


@pytest.mark.parametrize("decision", [None, "defer", "not_eligible"])
def test_no_course_without_a_decision_to_treat(patient: UUID, decision: str | None) -> None:
    if decision:
        decided(patient, decision)
    with pytest.raises(Refused, match="may be treated"):
        actions.plan_course(act(patient), "P05", datetime.now(UTC).date(), "")


def test_a_course_of_p05_has_six_sessions_with_the_minimum_interval(patient: UUID) -> None:
    planned(patient)
    running = ordering.course(store.load(f"chart:{patient}"))
    assert running
    instants = [s.planned_at for s in running.sessions]
    assert len(instants) == 6
    assert min(b - a for a, b in pairwise(instants)) >= timedelta(hours=48)


def test_a_second_course_waits_for_the_end_of_the_first(patient: UUID) -> None:
    planned(patient)
    with pytest.raises(Refused, match="running already"):
        actions.plan_course(act(patient), "P05", datetime.now(UTC).date(), "")


def test_planning_twice_with_one_form_plans_once(patient: UUID) -> None:
    decided(patient)
    form, today = uuid4(), datetime.now(UTC).date()
    first = actions.plan_course(act(patient, form), "P05", today, "")
    second = actions.plan_course(act(patient, form), "P05", today, "")
    assert [e.id for e in first] == [e.id for e in second]


def test_an_order_carries_the_dose_in_every_unit(patient: UUID) -> None:
    session = planned(patient)
    weigh(patient, "73")
    order = sign(patient, session, "36.5")[0].body
    assert isinstance(order, OrderSigned)
    assert (order.dose_mg, order.vial_volume_ml, order.diluent_ml) == (
        Decimal("36.5"),
        Decimal("0.73"),
        Decimal("49.27"),
    )
    assert order.rate_ml_per_h == Decimal(75)
    assert order.dose_mg_per_kg == Decimal("0.5")


@pytest.mark.hazard("H006")
def test_yesterdays_weight_signs_no_order(patient: UUID) -> None:
    session = planned(patient)
    weigh(patient, "73", days_ago=1)
    with pytest.raises(Refused, match="weigh today"):
        sign(patient, session, "36.5")


@pytest.mark.hazard("H006")
def test_a_dose_that_moved_with_the_weight_is_not_signed_as_it_was_seen(patient: UUID) -> None:
    session = planned(patient)
    weigh(patient, "73")
    weigh(patient, "80")
    with pytest.raises(Refused, match=r"the dose is now 40 mg; the page showed 36\.5 mg"):
        sign(patient, session, "36.5")


@pytest.mark.hazard("H008")
def test_signing_twice_with_one_form_is_one_order(patient: UUID) -> None:
    session, form = planned(patient), uuid4()
    weigh(patient, "73")
    assert (
        sign(patient, session, "36.5", entry_id=form)[0].id
        == sign(patient, session, "36.5", entry_id=form)[0].id
    )
    assert len(store.load(f"chart:{patient}").said(OrderSigned)) == 1


@pytest.mark.hazard("H011")
def test_a_heavy_patient_takes_a_second_person(patient: UUID) -> None:
    session = planned(patient)
    weigh(patient, "130")
    with pytest.raises(Refused, match="second person"):
        sign(patient, session, "65")
    assert sign(patient, session, "65", second_person="staff:other")[0].body.second_person == "staff:other"


def test_a_new_signature_replaces_the_order_and_keeps_the_old_one_readable(patient: UUID) -> None:
    session = planned(patient)
    weigh(patient, "73")
    first = sign(patient, session, "36.5")[0]
    weigh(patient, "80")
    second = sign(patient, session, "40", reason="weighed again")[0]
    assert second.corrects == first.id
    assert [b.dose_mg for _, b in store.load(f"chart:{patient}").said(OrderSigned)] == [Decimal(40)]


def test_no_order_is_signed_once_the_dose_has_begun(patient: UUID) -> None:
    session = planned(patient)
    weigh(patient, "73")
    order = sign(patient, session, "36.5")[0]
    started = DoseStarted(
        order=order.id, rate_ml_per_h=Decimal(75), mg_per_ml=Decimal("0.73"), volume_ml=Decimal(50)
    )
    store.append([said(started, f"chart:{patient}", session=session)])
    with pytest.raises(Refused, match="begun"):
        sign(patient, session, "36.5", reason="again")


def test_somebody_elses_name_is_no_signature(patient: UUID) -> None:
    session = planned(patient)
    weigh(patient, "73")
    with pytest.raises(BadInput, match="not yours"):
        sign(patient, session, "36.5", printed_name="Dr Other")


@pytest.mark.hazard("H005")
def test_pounds_are_kept_beside_the_kilograms_they_mean(patient: UUID) -> None:
    actions.record_weight(act(patient), "154", "lb", "scale B")
    body = store.load(f"chart:{patient}").said(Measurement)[-1][1]
    assert (body.read_value, body.read_unit) == (Decimal(154), "lb")
    assert body.value == Decimal("69.9")


@pytest.mark.hazard("H005")
def test_a_dose_rests_on_the_pounds_that_were_read_not_on_the_kilograms_shown(patient: UUID) -> None:
    session = planned(patient)
    actions.record_weight(act(patient), "154.3", "lb", "scale B")
    found = ordering.weighed(store.load(f"chart:{patient}"), datetime.now(UTC).date(), UTC)
    assert found
    assert (found.weight_kg, found.recorded_kg) == (Decimal("69.989302691"), Decimal("70.0"))
    sign(patient, session, "34.5")
    body = store.load(f"chart:{patient}").said(OrderSigned)[-1][1]
    assert (body.dose_mg, body.weight_kg) == (Decimal("34.5"), Decimal("70.0"))


@pytest.mark.hazard("H012")
def test_an_order_asks_for_a_volume_that_a_syringe_shows_and_tells_the_dose_in_it(patient: UUID) -> None:
    session = planned(patient)
    weigh(patient, "85.7")
    body = sign(patient, session, "42.5")[0].body
    assert (body.dose_mg, body.vial_volume_ml, body.diluent_ml) == (
        Decimal("42.5"),
        Decimal("0.85"),
        Decimal("49.15"),
    )
    chart, today = store.load(f"chart:{patient}"), datetime.now(UTC).date()
    running = ordering.course(chart)
    assert running
    found = ordering.dose_sheet(chart, running, VIAL, actions.limits(), today, ZoneInfo("UTC"))
    (told,) = [c.text for c in found.checks if c.id == "drawn"]
    assert told == "Drawn to the mark, 0.85 mL, it holds 42.5 mg: 0.82% less than exact."


# -- the pages ------------------------------------------------------------------------------------------------


def test_the_pages_lead_from_the_decision_to_a_signed_dose(
    patient: UUID, sign_in: Callable[..., Client]
) -> None:
    decided(patient)
    page = sign_in("prescriber")
    chosen = {
        "entry_id": uuid4(),
        "protocol": "P05",
        "start": datetime.now(UTC).date().isoformat(),
        "goal": "",
    }
    assert page.post(f"/patients/{patient}/plan", chosen).status_code == 302
    weighed = {"entry_id": uuid4(), "value": "73", "unit": "kg", "device": ""}
    assert page.post(f"/patients/{patient}/weight", weighed).status_code == 302
    running = ordering.course(store.load(f"chart:{patient}"))
    assert running
    sheet = f"/patients/{patient}/plan/{running.sessions[0].session}?vial=50&final_volume=50"
    shown = page.get(sheet).content.decode()
    assert "36.5" in shown
    assert "mL/h" in shown
    seen = re.search(r'name="seen_forecast" value="(\w{16})"', shown)
    assert seen
    signed = {
        "entry_id": uuid4(),
        "seen_mg": "36.5",
        "seen_forecast": seen[1],
        "printed_name": "Test Prescriber",
    }
    assert page.post(sheet, signed).status_code == 302
    assert store.load(f"chart:{patient}").last(OrderSigned)


@pytest.mark.hazard("H012")
def test_a_volume_smaller_than_the_draw_is_said_and_cannot_be_signed(
    patient: UUID, sign_in: Callable[..., Client]
) -> None:
    session = planned(patient)
    weigh(patient, "73")
    sheet = f"/patients/{patient}/plan/{session}?vial=10&final_volume=2"
    shown = sign_in("prescriber").get(sheet).content.decode()
    assert "banner--stop" in shown
    assert "Sign the dose" not in shown


def test_a_nurse_sees_the_sheet_and_cannot_sign_it(patient: UUID, sign_in: Callable[..., Client]) -> None:
    session = planned(patient)
    weigh(patient, "73")
    address = f"/patients/{patient}/plan/{session}?vial=50&final_volume=50"
    nurse = sign_in("nurse")
    assert "Sign the order" not in nurse.get(address).content.decode()
    nurse.post(address, {"entry_id": uuid4(), "seen_mg": "36.5", "printed_name": "Test Nurse"})
    assert store.load(f"chart:{patient}").last(OrderSigned) is None


@pytest.mark.hazard("H042")
def test_looking_at_the_dates_first_never_says_that_a_consent_was_signed(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient = new_patient()
    decided(patient)
    asked = {"protocol": "P05", "start": datetime.now(UTC).date() + timedelta(days=1), "show": "dates"}
    shown = sign_in("prescriber").post(f"/patients/{patient}/plan", {"entry_id": uuid4(), **asked})
    assert "Proposed dates" in shown.content.decode()
    assert "no consent in force" in shown.content.decode()


@pytest.mark.hazard("H004")
def test_a_labelled_course_for_another_age_is_refused_when_it_is_planned_not_at_its_first_dose(
    new_patient: Callable[..., UUID],
) -> None:
    patient = new_patient(birth_date="1950-05-17")
    spray = msgspec.structs.replace(DECIDED, product="esketamine_nasal", route="in")
    store.append([said(spray, f"chart:{patient}")])
    with pytest.raises(BadInput, match=r"up to 64.*plan by P02"):
        actions.plan_course(act(patient), "P01", datetime.now(UTC).date(), "")
    assert actions.plan_course(act(patient), "P02", datetime.now(UTC).date(), "")
