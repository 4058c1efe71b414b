"""A protocol applied to one person: doses, checks before signing, and what falls due."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.dosing import Dosing, dosing
from lowtide.data.protocols import protocol, protocols, version
from lowtide.pathway.plan.checks import Case, checks
from lowtide.pathway.plan.intake import Requested, Subject, intake
from lowtide.pathway.plan.order import Preparation
from lowtide.pathway.plan.rules import Plan, Request, plan
from lowtide.problems import BadInput
from lowtide.science import units

LIMITS = dosing()
NOTHING_ASKED = Requested()
BAG = Preparation(Decimal(50), Decimal(50))


def planned(
    name: str = "P05",
    preparation: Preparation | None = None,
    requested: Requested = NOTHING_ASKED,
    limits: Dosing | None = None,
    **person,
) -> Plan:
    known = {"weight_kg": Decimal(80), "weight_age_days": 0, "age_years": 44, "height_cm": Decimal(178)}
    request = Request(
        subject=Subject(**(known | person)),
        protocol=protocol(name),
        start=date(2026, 12, 1),
        zone=ZoneInfo("UTC"),
        requested=requested,
        preparation=preparation,
    )
    return plan(request, limits or LIMITS)


def blocking(made: Plan) -> set[str]:
    return {check.id for check in made.checks if check.blocking}


def ids(made: Plan) -> set[str]:
    return {check.id for check in made.checks}


def dose_mg(made: Plan) -> Decimal:
    assert made.sessions[0].dose
    return made.sessions[0].dose.mg


def test_p05_is_six_sessions_of_half_a_milligram_per_kilogram() -> None:
    made = planned()
    assert [session.number for session in made.sessions] == [1, 2, 3, 4, 5, 6]
    assert {session.dose.mg for session in made.sessions if session.dose} == {Decimal(40)}
    assert not made.blocked


def test_a_vial_in_hand_gives_volumes_and_rate() -> None:
    sheet = planned(preparation=BAG).sessions[0].sheet
    assert sheet
    assert sheet.infusion
    assert (sheet.vial_volume_ml, sheet.infusion.rate_ml_per_h) == (Decimal("0.8"), Decimal(75))


@pytest.mark.hazard("H012")
def test_the_second_computation_stands_among_the_checks() -> None:
    made = planned(preparation=BAG)
    assert "second_computation" in ids(made)
    assert "second_computation" not in blocking(made)


@pytest.mark.hazard("H012")
def test_a_sheet_on_which_the_two_computations_disagree_is_blocked() -> None:
    made = planned(preparation=BAG)
    session = made.sessions[0]
    assert session.dose
    assert session.sheet
    wrong = msgspec.structs.replace(session.sheet, vial_volume_ml=session.sheet.vial_volume_ml * 10)
    found = checks(Case(made.protocol, Subject(Decimal(80), 0), Requested(), session.dose, wrong, LIMITS))
    assert "second_computation" in {check.id for check in found if check.blocking}


def test_without_a_vial_the_doses_stand_and_the_volumes_wait() -> None:
    made = planned()
    assert made.sessions[0].sheet is None
    assert "preparation" in ids(made) - blocking(made)


@pytest.mark.hazard("H006")
@pytest.mark.parametrize(
    ("age_days", "blocked"), [(0, False), (1, True), (31, True), (45, True), (None, True)]
)
def test_an_order_needs_a_weight_of_the_same_day(age_days: int | None, blocked: bool) -> None:
    made = planned(weight_age_days=age_days)
    assert ("weight_age" in blocking(made)) is blocked
    assert dose_mg(made) == Decimal(40)


@pytest.mark.hazard("H006")
def test_without_a_weight_there_is_no_dose_and_no_signature() -> None:
    made = planned(weight_kg=None)
    assert "weight_missing" in blocking(made)
    assert {session.dose for session in made.sessions} == {None}


def test_a_dose_in_devices_needs_no_weight() -> None:
    made = planned("P01", weight_kg=None, age_years=36)
    assert made.sessions[0].dose
    assert (dose_mg(made), made.sessions[0].dose.devices) == (Decimal(56), 2)
    assert not made.blocked


@pytest.mark.hazard("H011")
def test_a_person_of_150_kg_needs_a_second_check_before_the_signature() -> None:
    made = planned(weight_kg=Decimal(150))
    assert "second_person" in blocking(made)
    assert dose_mg(made) == Decimal(75)


@pytest.mark.hazard("H011")
@given(
    st.sampled_from([p.id for p in protocols().values() if not p.reference_only]),
    st.decimals("30", "250", places=1),
)
def test_no_dose_is_above_a_cap_of_its_protocol(name: str, kg: Decimal) -> None:
    made, rules = planned(name, weight_kg=kg), protocol(name)
    assert rules.max_mg
    assert dose_mg(made) <= rules.max_mg
    assert rules.max_mg_per_kg is None or dose_mg(made) <= rules.max_mg_per_kg * kg


@pytest.mark.hazard("H011")
def test_a_cap_in_milligrams_that_takes_hold_is_said_and_blocks() -> None:
    made = planned(weight_kg=Decimal(200))
    assert "max_mg" in blocking(made)
    assert dose_mg(made) == Decimal(75)


def test_a_protocols_own_ceiling_on_the_rate_is_applied_and_said() -> None:
    made = planned("P18")
    assert dose_mg(made) == Decimal(100)
    assert "max_mg_per_h" in ids(made) - blocking(made)


@pytest.mark.hazard("H003")
def test_a_total_above_the_review_limit_blocks() -> None:
    much = msgspec.structs.replace(LIMITS, review_mg_per_kg=Decimal("0.4"))
    assert "review_mg_per_kg" in blocking(planned("P05", limits=much))
    assert "review_mg_per_kg" not in ids(planned("P05"))


@pytest.mark.hazard("H003")
def test_a_total_below_the_review_floor_blocks() -> None:
    little = msgspec.structs.replace(LIMITS, review_low_mg_per_kg=Decimal("0.6"))
    assert "review_low_mg_per_kg" in blocking(planned("P05", limits=little))


@pytest.mark.hazard("H003")
@pytest.mark.parametrize("name", ["P17", "P19", "P20"])
def test_an_infusion_of_hours_or_days_is_held_against_a_rate_and_says_its_total(name: str) -> None:
    made = planned(name, weight_kg=Decimal(60))
    assert not {check for check in blocking(made) if check.startswith("review")}
    assert {"long_infusion", "unverified"} <= ids(made)
    said = next(check.text for check in made.checks if check.id == "unverified")
    assert "review_mg_per_kg_per_h" in said


@pytest.mark.hazard("H003")
@given(
    st.sampled_from(sorted(p.id for p in protocols().values() if not p.missing)),
    st.decimals("40", "150", places=1),
)
def test_no_protocol_is_taken_for_a_slip_of_its_own_unit(name: str, kg: Decimal) -> None:
    assert not {check for check in blocking(planned(name, weight_kg=kg)) if check.startswith("review")}


@pytest.mark.hazard("H004")
def test_a_dose_does_not_carry_over_to_another_product_or_route() -> None:
    made = planned("P05", requested=Requested("trd", "esketamine_nasal", "in"))
    assert {"product", "route"} <= blocking(made)


@pytest.mark.hazard("H004")
def test_what_the_source_leaves_open_must_be_chosen() -> None:
    assert "unsettled_product" in blocking(planned("P17"))
    assert "unsettled_route" in blocking(planned("P16"))


@pytest.mark.parametrize("name", [p.id for p in protocols().values() if p.reference_only])
def test_a_protocol_for_reference_is_refused_naming_what_is_missing(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        planned(name)
    assert all(missing in str(refused.value) for missing in protocol(name).missing)


@pytest.mark.parametrize(("age", "blocked"), [(64, False), (65, True), (70, True), (None, True)])
def test_an_age_outside_a_labels_bounds_stops_the_order(age: int | None, blocked: bool) -> None:
    assert ("age" in blocking(planned("P01", age_years=age))) is blocked


@pytest.mark.parametrize(("name", "age", "instead"), [("P01", 70, "P02"), ("P02", 50, "P01")])
def test_it_names_the_protocol_that_is_made_for_this_age_with_its_starting_dose(
    name: str, age: int, instead: str
) -> None:
    (said,) = [check.text for check in planned(name, age_years=age).checks if check.id == "age"]
    other = protocol(instead)
    assert other.dose
    assert f"plan by {instead} ({other.condition}, from {other.dose.value} mg)" in said


def test_an_age_outside_the_people_of_a_trial_is_said_and_stops_nothing() -> None:
    made = planned("P05", age_years=20)
    assert "age" in ids(made) - blocking(made)


@pytest.mark.hazard("H005")
@pytest.mark.parametrize("kg", ["29.9", "250.1"])
def test_a_weight_that_cannot_be_believed_is_refused(kg: str) -> None:
    with pytest.raises(BadInput, match="30 to 250"):
        planned(weight_kg=Decimal(kg))


def test_a_nasal_spray_is_not_drawn_from_a_vial() -> None:
    with pytest.raises(BadInput, match="vial"):
        planned("P01", preparation=BAG)


@pytest.mark.hazard("H010")
def test_a_plan_pins_the_versions_it_was_made_with() -> None:
    made = planned()
    assert (made.protocol_version, made.policy_version) == (version("P05"), LIMITS.version)


def test_unverified_numbers_that_decided_something_are_named() -> None:
    said = next(check.text for check in planned().checks if check.id == "unverified")
    assert "P05 min_interval_h" in said
    assert "P05 dose" not in said


@pytest.mark.hazard("H030")
def test_numbers_the_clinic_approved_are_named_no_longer() -> None:
    settled = msgspec.structs.replace(LIMITS, unverified=())
    checks = planned(limits=settled).checks
    text = next(check.text for check in checks if check.id == "unverified")
    assert "order_weight_max_age_days" not in text


def test_each_session_has_its_checks_due_before_the_dose() -> None:
    made = planned()
    for session in made.sessions:
        due = {item.rule_id: item for item in made.due if item.session == session.number}
        assert {"M01", "M02", "M06", "M07"} <= due.keys()
        assert due["M02"].due_at == session.at


@pytest.mark.hazard("H034")
@pytest.mark.parametrize(("possible", "asked"), [(True, True), (None, True), (False, False)])
def test_a_pregnancy_test_falls_due_unless_pregnancy_is_ruled_out(possible: bool | None, asked: bool) -> None:
    made = planned(childbearing_potential=possible)
    assert ("M08" in {item.rule_id for item in made.due}) is asked


@pytest.mark.hazard("H037")
def test_bladder_symptoms_are_asked_at_the_start_and_every_four_sessions() -> None:
    sessions = [item.session for item in planned("P06").due if item.rule_id == "M33"]
    assert sessions == [1, 5, 9]


def test_the_liver_is_checked_before_and_after_induction() -> None:
    assert [item.session for item in planned().due if item.rule_id == "M34"] == [1, 6]


def test_an_intake_is_read_exactly() -> None:
    read = intake(
        {"demographics": {"weight_kg": 68.4, "weight_age_days": 3}, "requested": {"route": "intranasal"}}
    )
    assert read.subject.weight_kg == Decimal("68.4")
    assert read.subject.weight_age_days == 3
    assert read.requested.route == "in"
    assert read.subject.age_years is None


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"demographics": {"weight_kg": "heavy"}},
        {"demographics": {}, "requested": {"route": "ear"}},
    ],
)
def test_what_is_not_an_intake_is_refused(document: object) -> None:
    with pytest.raises(BadInput):
        intake(document)


@pytest.mark.hazard("H005")
@given(
    st.decimals("66.2", "551", places=2),
    st.sampled_from(sorted(p.id for p in protocols().values() if not p.missing)),
)
def test_a_plan_from_pounds_is_the_plan_of_the_same_weight_in_kilograms(pounds: Decimal, name: str) -> None:
    kg, limits = pounds * Decimal("0.45359237"), dosing()
    in_lb = planned(name, weight_kg=units.weight_kg(f"{pounds} lb"))
    assert in_lb == planned(name, weight_kg=kg)
    dose = in_lb.sessions[0].dose
    assert dose
    assert dose.exact_mg * (1 - limits.rounding_tolerance) <= dose.mg <= dose.exact_mg


def test_a_protocol_for_reference_is_refused_with_what_its_source_does_say() -> None:
    with pytest.raises(BadInput) as refused:
        planned("P21")
    said = str(refused.value)
    assert "no dose, no infusion time to plan by" in said
    assert "its source on dose: 0.42 mg/kg/h" in said
    assert "its source on infusion time: 17-300 min" in said
    assert "does not give" not in said
