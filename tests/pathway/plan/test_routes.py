"""Orders by every route: devices counted whole, injections drawn, portions counted out, and what a source leaves open."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.dosing import dosing
from lowtide.data.giving import way
from lowtide.data.protocols import Amount, protocol, protocols
from lowtide.pathway.course.ordered import in_short
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.plan import actions, forms, ordering
from lowtide.pathway.plan.counted import Counted, Portion, counted, sites
from lowtide.pathway.plan.dose import planned_dose
from lowtide.pathway.plan.order import Preparation
from lowtide.pathway.plan.ordered import InHand
from lowtide.pathway.plan.pump import prepare
from lowtide.problems import BadInput, Refused
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CoursePlanned, OrderSigned, Settled
from tests.conftest import said
from tests.pathway.plan.test_ordering import DECIDED, act, weigh

D = Decimal
LIMITS = dosing()


def units(name: str, dose: str, in_hand: Portion | None = None, kg: Decimal | None = None) -> Counted | None:
    """The dose of a protocol in units of what is in hand."""
    plan = protocol(name)
    assert plan.dose
    plan = msgspec.structs.replace(plan, dose=Amount(D(dose), plan.dose.unit))
    found = planned_dose(plan, kg, LIMITS)
    assert found
    return counted(found, plan, kg, in_hand, LIMITS)


@pytest.mark.parametrize(("mg", "count"), [("28", 1), ("56", 2), ("84", 3)])
def test_a_nasal_dose_is_a_whole_number_of_devices(mg: str, count: int) -> None:
    found = units("P02", mg)
    assert found is not None
    assert (found.count, found.each_mg, found.apart_min) == (count, 28, 5)


@pytest.mark.hazard("H003")
@pytest.mark.parametrize("mg", ["30", "0.5", "70"])
def test_a_dose_that_no_number_of_devices_makes_is_refused(mg: str) -> None:
    with pytest.raises(BadInput, match="no whole number of devices"):
        units("P02", mg)


def test_capsules_are_counted_and_a_strength_that_does_not_make_the_dose_is_refused() -> None:
    found = units("P13", "50", Portion("capsule", D(25)))
    assert found is not None
    assert (found.count, found.dose_mg, found.text) == (2, 50, "2 capsules of 25 mg")
    with pytest.raises(BadInput, match="cannot be made of 40 mg capsules"):
        units("P13", "50", Portion("capsule", D(40)))


@pytest.mark.hazard("H004")
def test_a_preparation_of_another_route_is_refused() -> None:
    with pytest.raises(BadInput, match="not given by this route"):
        units("P13", "50", Portion("lozenge", D(25)))


@given(
    mg=st.decimals("25", "300", places=1, allow_nan=False), each=st.sampled_from(["10", "25", "50", "100"])
)
def test_counting_out_never_gives_more_and_never_takes_more_than_the_tolerance(
    mg: Decimal, each: str
) -> None:
    for kind in ("oral_solution", "capsule", "tablet"):
        try:
            found = units("P13", str(mg), Portion(kind, D(each)))
        except BadInput:
            continue
        assert found is not None
        assert found.count * found.each_mg == found.dose_mg <= found.dose_mg_exact
        assert found.dose_mg >= found.dose_mg_exact * (1 - LIMITS.portion_tolerance)


def test_a_large_injection_is_divided_over_sites() -> None:
    dose = planned_dose(protocol("P10"), D(90), LIMITS)
    assert dose
    assert dose.order
    assert sites(prepare(dose.order, Preparation(D(50)), LIMITS), "sc", LIMITS) == 1
    assert sites(prepare(dose.order, Preparation(D(10)), LIMITS), "sc", LIMITS) == 3


def test_every_route_of_the_protocols_has_a_way_to_be_given() -> None:
    for plan in protocols().values():
        if plan.route:
            assert plan.route in way(plan.product, plan.route).routes


# -- on a real record -----------------------------------------------------------------------------------------


@pytest.fixture
def patient(clinic: Entry, new_patient: Callable[..., UUID]) -> UUID:
    return new_patient()


def plan_by(patient: UUID, name: str, settled: Settled | None = None, route: str = "") -> UUID:
    """Decided for what the protocol gives, and planned by it; answers the first session."""
    known = protocol(name)
    decided = msgspec.structs.replace(
        DECIDED, indication=known.indications[0], product=known.product, route=known.route or route
    )
    store.append([said(decided, f"chart:{patient}")])
    actions.plan_course(act(patient), name, datetime.now(UTC).date(), "", settled=settled)
    running = ordering.course(store.load(f"chart:{patient}"))
    assert running
    return running.sessions[0].session


def sign(patient: UUID, session: UUID, in_hand: InHand, mg: str) -> OrderSigned:
    (entry, *_) = actions.sign_order(
        act(patient), session, in_hand, seen_mg=D(mg), printed_name="Dr Test", second_person=None
    )
    assert isinstance(entry.body, OrderSigned)
    return entry.body


def test_devices_are_ordered_without_vial_pump_or_weight(patient: UUID) -> None:
    signed = sign(patient, plan_by(patient, "P01"), None, "56")
    assert (signed.count, signed.each_mg, signed.apart_min, signed.drug) == (2, 28, 5, "esketamine")
    assert (signed.rate_ml_per_h, signed.vial_mg_per_ml, signed.weight_kg) == (None, None, None)
    assert in_short(signed) == "2 devices of 28 mg"


@pytest.mark.hazard("H006")
def test_an_injection_by_weight_asks_for_todays_weight(patient: UUID) -> None:
    session = plan_by(patient, "P10")
    weigh(patient, "73", days_ago=2)
    with pytest.raises(Refused, match="weigh today"):
        sign(patient, session, Preparation(D(50)), "36.5")
    weigh(patient, "73")
    signed = sign(patient, session, Preparation(D(50)), "36.5")
    assert (signed.vial_volume_ml, signed.weight_kg, signed.rate_ml_per_h) == (D("0.73"), 73, None)


@pytest.mark.hazard("H008")
def test_a_second_order_for_one_session_needs_a_reason_and_replaces_the_first(patient: UUID) -> None:
    session = plan_by(patient, "P01")
    sign(patient, session, None, "56")
    with pytest.raises(Refused, match="an order stands"):
        sign(patient, session, None, "56")


@pytest.mark.hazard("H004")
def test_an_order_by_another_route_than_decided_on_is_refused(patient: UUID) -> None:
    session = plan_by(patient, "P01")
    other = msgspec.structs.replace(DECIDED, product="racemic_ketamine", route="po")
    store.append([said(other, f"chart:{patient}")])
    with pytest.raises(Refused, match="gives another"):
        sign(patient, session, None, "56")


# -- what a source leaves open --------------------------------------------------------------------------------


def test_a_number_of_sessions_that_the_source_leaves_open_is_settled_with_a_reason(patient: UUID) -> None:
    with pytest.raises(BadInput, match="leaves open how many sessions"):
        plan_by(patient, "P13")
    session = plan_by(patient, "P13", Settled("six supervised doses", sessions=6))
    plan = ordering.course(store.load(f"chart:{patient}"))
    assert isinstance(plan, CoursePlanned)
    assert (len(plan.sessions), plan.settled and plan.settled.sessions) == (6, 6)
    signed = sign(patient, session, Portion("capsule", D(25)), "50")
    assert in_short(signed) == "2 capsules of 25 mg"


def test_the_route_that_the_source_leaves_open_is_the_one_decided_on(patient: UUID) -> None:
    session = plan_by(patient, "P16", Settled("as the team reads it", route="im"), route="im")
    weigh(patient, "80")
    assert sign(patient, session, Preparation(D(50)), "20").route == "im"


@pytest.mark.parametrize(("name", "in_hand"), [("L01", "lozenge"), ("L02", "compounded_spray"), ("P11", "")])
def test_a_row_without_a_dose_takes_the_prescribers_own(patient: UUID, name: str, in_hand: str) -> None:
    own = Settled("no protocol of this route was read", dose=D(50), unit="mg", sessions=2, every_days=7)
    session = plan_by(patient, name, own)
    weigh(patient, "80")
    signed = sign(patient, session, Portion(in_hand, D(25)) if in_hand else Preparation(D(50)), "50")
    assert signed.dose_mg == 50


def test_what_the_source_says_cannot_be_settled_otherwise() -> None:
    own = Settled("I prefer it", dose=D(300), unit="mg", sessions=20, route="po")
    course = CoursePlanned(
        course=UUID(int=1),
        indication="trd",
        protocol="P05",
        protocol_version="1",
        phase="induction",
        sessions=(),
        settled=own,
    )
    assert protocol_of(course) == protocol("P05")


def test_a_prescriber_sees_what_may_be_settled_among_the_protocols_that_fit() -> None:
    assert [p.id for p in forms.fitting("gad", "racemic_ketamine", "im")] == ["P16"]
    assert {p.id for p in forms.fitting("trd", "racemic_ketamine", "po")} == {"P12", "P13"}
    assert [p.open for p in forms.fitting("trd", "racemic_ketamine", "iv")][:1] == [()]
