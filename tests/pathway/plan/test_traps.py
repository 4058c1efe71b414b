"""The look-alike traps of the hazard log, each on both of its sides: what is stopped, and what goes through."""

import re
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.dosing import dosing
from lowtide.data.protocols import protocol
from lowtide.pathway.plan import actions, comparing, comparing_picture, ordering
from lowtide.pathway.plan.dose import planned_dose
from lowtide.pathway.plan.order import Preparation
from lowtide.pathway.plan.page import chain
from lowtide.pathway.plan.pump import prepare
from lowtide.problems import BadInput, Refused
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.history import Measurement
from tests.pathway.plan.test_ordering import act, planned, sign, weigh

LIMITS, P05 = dosing(), protocol("P05")
WEIGHTS = st.decimals("30", "250", places=1)
TRAILING = re.compile(r"\.\d*0$|^\.")


@pytest.fixture
def patient(clinic: Entry, new_patient: Callable[..., UUID]) -> UUID:
    return new_patient()


@pytest.mark.hazard("H003")
@pytest.mark.hazard("H011")
@given(kg=WEIGHTS, mg=st.decimals("10", "60", places=0), per_kg=st.decimals("0.1", "0.6", places=2))
def test_the_ceiling_in_mg_and_the_one_per_kg_both_hold(kg: Decimal, mg: Decimal, per_kg: Decimal) -> None:
    capped = msgspec.structs.replace(P05, max_mg=mg, max_mg_per_kg=per_kg)
    dose = planned_dose(capped, kg, LIMITS)
    assert dose is not None
    assert dose.mg <= min(mg, per_kg * kg, Decimal("0.5") * kg)


@pytest.mark.hazard("H007")
@given(kg=WEIGHTS)
def test_no_figure_of_the_sheet_ends_in_a_zero_after_the_point(kg: Decimal) -> None:
    dose = planned_dose(P05, kg, LIMITS)
    assert dose is not None
    assert dose.order is not None
    sheet = prepare(dose.order, Preparation(Decimal(50), Decimal(50)), LIMITS)
    found = ordering.DoseSheet(P05, None, dose, sheet, None, ())
    assert not [step.value for step in chain(found) if TRAILING.search(step.value)]


@pytest.mark.hazard("H005")
def test_pounds_typed_as_kilograms_ask_for_a_second_weighing(patient: UUID) -> None:
    weigh(patient, "70", days_ago=7)
    with pytest.raises(BadInput, match="more than 10 % from the last, 70 kg"):
        actions.record_weight(act(patient), "154", "kg", "")
    assert len(store.load(f"chart:{patient}").said(Measurement)) == 1


@pytest.mark.hazard("H005")
@pytest.mark.parametrize(("value", "unit"), [("154", "lb"), ("77", "kg"), ("63", "kg")])
def test_a_weight_near_the_last_is_recorded_at_once(patient: UUID, value: str, unit: str) -> None:
    weigh(patient, "70", days_ago=7)
    actions.record_weight(act(patient), value, unit, "")


@pytest.mark.hazard("H005")
def test_a_real_change_is_recorded_when_two_weighings_agree(patient: UUID) -> None:
    weigh(patient, "70", days_ago=90)
    with pytest.raises(BadInput, match="differs from the first"):
        actions.record_weight(act(patient), "80", "kg", "", again="70")
    actions.record_weight(act(patient), "80", "kg", "", again="80.2")


@pytest.mark.hazard("H008")
def test_a_second_order_for_a_session_is_refused_without_a_reason(patient: UUID) -> None:
    session = planned(patient)
    weigh(patient, "73")
    first = sign(patient, session, "36.5")
    with pytest.raises(BadInput, match="reason"):
        sign(patient, session, "36.5")
    assert len(store.load(f"chart:{patient}").said(OrderSigned)) == 1
    sign(patient, session, "36.5", reason="another vial")
    assert store.load(f"chart:{patient}").said(OrderSigned)[-1][0].corrects == first[0].id


@pytest.mark.hazard("H004")
@pytest.mark.parametrize("other", ["P01", "P13"])
def test_an_order_of_another_drug_or_route_than_was_decided_is_refused(patient: UUID, other: str) -> None:
    planned(patient)
    weigh(patient, "73")
    chart = store.load(f"chart:{patient}")
    running = ordering.course(chart)
    assert running
    strange = msgspec.structs.replace(running, protocol=other)
    with pytest.raises(Refused, match="was decided on"):
        actions.refuse_another_product(chart, protocol(strange.protocol))
    actions.refuse_another_product(chart, P05)


# -- three doses side by side ---------------------------------------------------------------------------------


def test_the_protocol_s_dose_stands_between_its_neighbours_and_over_the_ceiling_is_said() -> None:
    capped = msgspec.structs.replace(P05, max_mg_per_kg=Decimal("0.5"))
    found = comparing.options(capped, Decimal(73), LIMITS)
    assert [o.dose for o in found] == ["0.4 mg/kg", "0.5 mg/kg", "0.6 mg/kg"]
    assert [o.chosen for o in found] == [False, True, False]
    assert "cannot be signed" in found[2].note
    assert found[1].mg == Decimal("36.5")


def test_a_hundred_dots_are_a_hundred_and_none_is_said_as_fewer_than_one() -> None:
    drawn = comparing_picture.hundred(5)
    assert (drawn.count("od-on"), drawn.count("od-off")) == (5, 95)
    assert (comparing_picture.in_words(0.2), comparing_picture.in_words(5.4)) == ("< 1", "5")


def test_the_comparison_comes_as_a_fragment_after_the_sheet_and_picks_nothing(
    patient: UUID, sign_in: Callable[..., Client]
) -> None:
    session = planned(patient)
    weigh(patient, "73")
    prescriber, address = sign_in("prescriber"), f"/patients/{patient}/plan/{session}"
    assert f'hx-get="{address}/compare' in prescriber.get(address).content.decode()
    said = prescriber.get(f"{address}/compare", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in said
    assert "the pressure before the dose is not known" in said
    assert said.count('class="hundred"') == 3
    assert "picks nothing" in said
    assert "recommend" not in said
    assert "<html" in prescriber.get(f"{address}/compare").content.decode()


@pytest.mark.hazard("H010")
def test_the_comparison_is_for_the_dose_on_the_sheet(patient: UUID, sign_in: Callable[..., Client]) -> None:
    session = planned(patient)
    weigh(patient, "73")
    page = sign_in("prescriber").get(f"/patients/{patient}/plan/{session}/compare", {"dose": "nonsense"})
    assert "“nonsense” is no dose" in page.content.decode()
