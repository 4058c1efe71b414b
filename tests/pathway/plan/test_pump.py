"""From dose and vial to draw, dilution and pump rate: exact, rounded once and down, and refused where unsafe."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lowtide.data.dosing import dosing
from lowtide.pathway.plan.order import Order, Preparation
from lowtide.pathway.plan.pump import Infusion, Sheet, on_mark, prepare
from lowtide.pathway.plan.refusals import refuse_implausible, second_person_reasons
from lowtide.pathway.plan.second_check import check
from lowtide.pathway.plan.steps import steps
from lowtide.problems import BadInput
from lowtide.science import units

LIMITS = dosing()
WEIGHTS_KG = st.decimals("30", "250", places=1)
POUNDS = st.decimals("66.2", "551", places=3)
BAG = Preparation(Decimal(50), Decimal(50))


def order(
    dose: str = "0.5 mg/kg",
    weight: str = "73",
    over: str | None = "40min",
    route: str = "iv",
    salt: str = "base",
) -> Order:
    minutes = units.minutes(over) if over else None
    kg = units.weight_kg(weight, bare_is_kg=True)
    return Order("ketamine", route, units.dose(dose), kg, minutes, salt)


def bag(
    vial: str = "50", final: str | None = "50", step: str | None = None, drops: str | None = None
) -> Preparation:
    return Preparation(Decimal(vial), *(Decimal(text) if text else None for text in (final, step, drops)))


def infusion(sheet: Sheet) -> Infusion:
    assert sheet.infusion
    return sheet.infusion


def test_the_sheet_for_73_kg_reads_as_a_pharmacist_would_write_it() -> None:
    sheet = prepare(order(), bag(drops="20"), LIMITS)
    assert tuple(steps(order(), sheet, LIMITS)) == (
        "Dose: 0.5 mg/kg × 73 kg = 36.5 mg of free base",
        "Given: 36.5 mg (0.5 mg/kg), nothing rounded",
        "Draw: 36.5 mg ÷ 50 mg/mL = 0.73 mL from the vial",
        "Make up: 49.27 mL diluent added makes 50 mL",
        "Label: 36.5 mg ÷ 50 mL = 0.73 mg/mL",
        "Pump: 50 mL × 60 ÷ 40 min = 75 mL/h, set 75 mL/h",
        "In mg: 75 mL/h × 0.73 mg/mL = 54.75 mg/h",
        "Drip: 50 mL × 20 drops/mL ÷ 40 min = 25 drops/min",
    )


@pytest.mark.parametrize(
    ("dose", "weight", "over", "vial", "final", "mg", "draw", "rate"),
    [
        ("0.5 mg/kg", "70", "40min", "50", "50", "35", "0.7", "75"),
        ("0.5 mg/kg", "73.3", "40min", "50", "50", "36.6", "0.732", "75"),
        ("35 mg", "70", "35min", "10", "100", "35", "3.5", "171.4"),
        ("0.35 mg/kg/h", "70", "4h", "50", "250", "98", "1.96", "62.5"),
        ("1 mg/kg", "90", "1h", "100", "100", "90", "0.9", "100"),
        ("0.1 mg/kg", "30", "40min", "10", "50", "3", "0.3", "75"),
    ],
)
def test_what_is_drawn_and_set(
    dose: str, weight: str, over: str, vial: str, final: str, mg: str, draw: str, rate: str
) -> None:
    sheet = prepare(order(dose, weight, over), bag(vial, final), LIMITS)
    found = (sheet.dose_mg, sheet.vial_volume_ml, infusion(sheet).rate_ml_per_h)
    assert found == (Decimal(mg), Decimal(draw), Decimal(rate))


@pytest.mark.hazard("H007")
@given(WEIGHTS_KG, st.sampled_from(["0.1", "0.25", "0.5", "0.75", "1"]), st.sampled_from(["10", "50", "100"]))
def test_the_rounded_dose_is_within_one_percent_of_exact_and_never_above(
    kg: Decimal, per_kg: str, vial: str
) -> None:
    sheet = prepare(order(f"{per_kg} mg/kg", str(kg)), bag(vial), LIMITS)
    assert sheet.dose_mg_exact == Decimal(per_kg) * kg
    assert Decimal("0.99") * sheet.dose_mg_exact <= sheet.dose_mg <= sheet.dose_mg_exact


@pytest.mark.hazard("H007")
@given(WEIGHTS_KG, st.integers(10, 300), st.integers(20, 500))
def test_the_parts_of_an_infusion_add_up_exactly(kg: Decimal, minutes: int, final_ml: int) -> None:
    try:
        sheet = prepare(order(weight=str(kg), over=f"{minutes}min"), bag(final=str(final_ml)), LIMITS)
    except BadInput as refused:
        assume("pump" not in str(refused))
        raise
    made = infusion(sheet)
    assert sheet.vial_volume_ml + made.diluent_ml == made.final_volume_ml
    assert sheet.vial_volume_ml * 50 == sheet.dose_mg
    assert made.rate_ml_per_h % LIMITS.pump_step_ml_per_h == 0
    assert made.rate_ml_per_h * minutes / 60 <= made.final_volume_ml


@pytest.mark.hazard("H012")
@example(Decimal("30.3"), 45, 50, "30").via("a strength that does not divide the dose")
@given(
    WEIGHTS_KG, st.integers(10, 300), st.integers(20, 500), st.sampled_from(["5", "10", "30", "50", "100"])
)
def test_a_second_computation_agrees_with_every_sheet(
    kg: Decimal, minutes: int, final_ml: int, vial: str
) -> None:
    asked = order(weight=str(kg), over=f"{minutes}min")
    try:
        sheet = prepare(asked, bag(vial, str(final_ml), drops="15"), LIMITS)
    except BadInput:
        assume(False)
    assert check(asked, sheet, LIMITS).agrees


@pytest.mark.hazard("H005")
@given(POUNDS, st.decimals("0.1", "1.5", places=2))
def test_any_number_of_pounds_gives_the_sheet_of_the_same_weight_in_kilograms(
    pounds: Decimal, per_kg: Decimal
) -> None:
    in_lb = order(f"{per_kg} mg/kg", f"{pounds} lb")
    in_kg = msgspec.structs.replace(in_lb, weight_kg=pounds * Decimal("0.45359237"))
    sheet = prepare(in_lb, BAG, LIMITS)
    assert sheet == prepare(in_kg, BAG, LIMITS)
    exact = per_kg * pounds * Decimal("0.45359237")
    assert exact * Decimal("0.99") <= sheet.dose_mg <= exact == sheet.dose_mg_exact


@pytest.mark.hazard("H005")
def test_a_weight_in_pounds_never_rounds_a_dose_up() -> None:
    """154.22 lb are 69.953 kg; a scale would show 70.0."""
    assert prepare(order("1 mg/kg", "154.22 lb"), BAG, LIMITS).dose_mg == Decimal("69.9")
    assert prepare(order("0.5 mg/kg", "154.3lb"), BAG, LIMITS).dose_mg == Decimal("34.9")


def test_a_dose_given_as_hydrochloride_is_prepared_as_its_base() -> None:
    sheet = prepare(order("57.67 mg", over=None, route="im", salt="hydrochloride"), bag(final=None), LIMITS)
    assert sheet.dose_mg == Decimal("49.9")
    assert sheet.dose_mg_exact == Decimal("49.99989")


def test_an_injection_has_a_draw_and_no_rate() -> None:
    sheet = prepare(order(over=None, route="sc"), bag("100", None), LIMITS)
    assert (sheet.vial_volume_ml, sheet.infusion) == (Decimal("0.365"), None)


def test_an_injection_is_not_made_up_to_a_volume() -> None:
    with pytest.raises(BadInput, match="final-volume"):
        prepare(order(over=None, route="im"), bag(), LIMITS)


def test_a_small_dose_uses_a_finer_step() -> None:
    assert prepare(order("0.1 mg/kg", "30.5"), bag("10"), LIMITS).dose_mg == Decimal("3.05")


def test_a_dose_too_small_to_measure_is_refused() -> None:
    with pytest.raises(BadInput, match="too small"):
        prepare(order("0.004 mg"), BAG, LIMITS)
    with pytest.raises(BadInput, match="within 1%"):
        prepare(order("0.019 mg"), BAG, LIMITS)


def test_a_pump_too_coarse_for_the_rate_is_refused_with_the_way_out() -> None:
    with pytest.raises(BadInput, match="larger volume"):
        prepare(order(over="4h"), bag(final="5"), LIMITS)
    assert prepare(order(over="4h"), bag(final="5", step="0.01"), LIMITS)


@pytest.mark.hazard("H012")
@pytest.mark.parametrize("vial", ["100", "150"])
def test_a_hundred_milligrams_per_millilitre_never_goes_into_a_vein_undiluted(vial: str) -> None:
    with pytest.raises(BadInput, match="never go into a vein undiluted"):
        prepare(order(), bag(vial, None), LIMITS)


@pytest.mark.hazard("H012")
def test_making_it_up_to_too_little_is_still_too_strong() -> None:
    with pytest.raises(BadInput, match="too strong for a vein"):
        prepare(order(), bag("100", "0.5"), LIMITS)
    with pytest.raises(BadInput, match="does not fit"):
        prepare(order(), bag("100", "0.3"), LIMITS)


@pytest.mark.hazard("H013")
@pytest.mark.parametrize(("final", "what"), [("9000", "9000 mL"), ("900", "1350")])
def test_a_right_dose_in_too_much_water_is_not_made_up(final: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        prepare(order(), bag(final=final), LIMITS)


def test_a_weak_vial_may_be_infused_undiluted_and_a_stronger_one_may_not() -> None:
    made = infusion(prepare(order(weight="80"), bag("10", None), LIMITS))
    assert (made.diluent_ml, made.final_volume_ml, made.rate_ml_per_h) == (0, 4, 6)
    with pytest.raises(BadInput, match="final-volume"):
        prepare(order(), bag("50", None), LIMITS)


def test_the_strict_policy_permits_no_undiluted_infusion() -> None:
    with pytest.raises(BadInput, match="final-volume"):
        prepare(order(weight="80"), bag("10", None), dosing("strict"))


@pytest.mark.hazard("H003")
@given(WEIGHTS_KG, st.decimals("0.01", "200", places=2), st.booleans(), st.integers(10, 239))
def test_every_total_above_the_ceiling_or_below_the_floor_is_refused(
    kg: Decimal, value: Decimal, per_kg: bool, minutes: int
) -> None:
    asked = order(f"{value} mg{'/kg' * per_kg}", str(kg), f"{minutes}min")
    total_mg_per_kg = value if per_kg else value / kg
    if total_mg_per_kg > Decimal("1.5"):
        with pytest.raises(BadInput, match="mg against mg/kg"):
            refuse_implausible(asked, LIMITS)
    elif total_mg_per_kg < Decimal("0.05"):
        with pytest.raises(BadInput, match="mg/kg against mg"):
            refuse_implausible(asked, LIMITS)
    else:
        refuse_implausible(asked, LIMITS)


@pytest.mark.hazard("H003")
def test_milligrams_entered_as_milligrams_per_kilogram_are_refused() -> None:
    with pytest.raises(BadInput, match="35 mg/kg in all"):
        refuse_implausible(order("35 mg/kg", "70"), LIMITS)


@pytest.mark.hazard("H003")
@given(WEIGHTS_KG, st.decimals("0.1", "1.49", places=2))
def test_a_dose_by_weight_is_refused_with_its_unit_slipped_either_way(kg: Decimal, per_kg: Decimal) -> None:
    refuse_implausible(order(f"{per_kg} mg/kg", str(kg)), LIMITS)
    with pytest.raises(BadInput, match="mg/kg against mg"):
        refuse_implausible(order(f"{per_kg} mg", str(kg)), LIMITS)
    with pytest.raises(BadInput, match="mg against mg/kg"):
        refuse_implausible(order(f"{per_kg * kg} mg/kg", str(kg)), LIMITS)


@pytest.mark.hazard("H003")
@pytest.mark.parametrize(
    ("dose", "weight", "over"),
    [("22 mg/h", "80", "4d"), ("40 mg/h", "55", "5d"), ("200 mg", "80", "4h"), ("0.35 mg/kg/h", "70", "4h")],
)
def test_what_is_too_much_at_once_is_not_too_much_over_hours_or_days(
    dose: str, weight: str, over: str
) -> None:
    refuse_implausible(order(dose, weight, over), LIMITS)


@pytest.mark.hazard("H003")
@pytest.mark.parametrize(
    ("dose", "over", "said"),
    [
        ("22 mg/kg/h", "4d", "22 mg/kg/h, above 1 mg/kg/h"),
        ("35 mg/kg", "40h", "hours against minutes"),
        ("0.35 mg/h", "5d", "0.005 mg/kg/h, below 0.02 mg/kg/h"),
        ("2 mg/kg/h", "1h", "2 mg/kg in all, above 1.5 mg/kg"),
    ],
)
def test_a_slip_of_a_long_infusion_is_refused_by_the_hour(dose: str, over: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        refuse_implausible(order(dose, "70", over), LIMITS)


def test_less_than_a_syringe_can_measure_is_not_drawn() -> None:
    with pytest.raises(BadInput, match="less than a syringe can measure"):
        prepare(order("0.4 mg"), BAG, LIMITS)
    assert prepare(order("0.5 mg"), BAG, LIMITS).vial_volume_ml == Decimal("0.01")


@pytest.mark.hazard("H013")
def test_four_minutes_for_forty_is_refused() -> None:
    with pytest.raises(BadInput, match="40min, not 4min"):
        refuse_implausible(order(over="4min"), LIMITS)


@pytest.mark.hazard("H013")
@pytest.mark.parametrize(("dose", "refused"), [("1 mg/kg", False), ("1.01 mg/kg", True)])
def test_faster_than_half_a_milligram_per_kilogram_a_minute_is_refused(dose: str, refused: bool) -> None:
    asked = order(dose, over="2min")
    with pytest.raises(BadInput) as error:
        refuse_implausible(asked, LIMITS)
    assert ("faster than 0.5 mg/kg/min" in str(error.value)) is refused


@pytest.mark.hazard("H013")
def test_an_infusion_without_a_time_is_refused() -> None:
    with pytest.raises(BadInput, match="infusion time is missing"):
        refuse_implausible(order(over=None), LIMITS)


@pytest.mark.hazard("H005")
@pytest.mark.parametrize(
    ("weight", "believed"), [("29.9", False), ("30", True), ("250", True), ("250.1", False)]
)
def test_a_weight_outside_what_can_be_believed_is_refused(weight: str, believed: bool) -> None:
    if believed:
        refuse_implausible(order(weight=weight), LIMITS)
    else:
        with pytest.raises(BadInput, match="30 to 250"):
            refuse_implausible(order(weight=weight), LIMITS)


@pytest.mark.hazard("H011")
@pytest.mark.parametrize(
    ("weight", "height", "reasons"),
    [("120", "190", 0), ("120.1", "190", 1), ("102.4", "160", 0), ("102.5", "160", 1), ("150", "170", 2)],
)
def test_a_very_heavy_person_needs_a_second_persons_check(weight: str, height: str, reasons: int) -> None:
    assert len(second_person_reasons(Decimal(weight), Decimal(height), LIMITS)) == reasons


# -- the marks of a syringe ------------------------------------------------------------------------------------


@pytest.mark.hazard("H012")
def test_an_order_is_drawn_to_the_mark_below_and_is_the_dose_which_that_holds() -> None:
    asked = order(weight="85.7")
    drawn = on_mark(asked, BAG, prepare(asked, BAG, LIMITS), LIMITS)
    assert (drawn.vial_volume_ml, drawn.dose_mg, drawn.drawn) == (Decimal("0.85"), Decimal("42.5"), "mark")
    assert infusion(drawn).diluent_ml == Decimal("49.15")
    assert infusion(drawn).final_concentration_mg_per_ml == Decimal("0.85")


@pytest.mark.hazard("H012")
def test_where_the_mark_below_would_take_too_much_it_is_said_and_nothing_changes() -> None:
    asked = order(dose="10.4 mg")
    sheet = prepare(asked, BAG, LIMITS)
    drawn = on_mark(asked, BAG, sheet, LIMITS)
    assert drawn == msgspec.structs.replace(sheet, drawn="between")
    assert drawn.vial_volume_ml == Decimal("0.208")


@pytest.mark.hazard("H007")
@pytest.mark.hazard("H012")
@given(
    weight=WEIGHTS_KG,
    vial=st.sampled_from(["10", "25", "50", "100"]),
    dose=st.sampled_from(["0.5", "0.35", "1"]),
)
@pytest.mark.parametrize("route", ["iv", "im"])
def test_a_mark_is_never_above_the_order_and_takes_no_more_than_the_policy_lets_it(
    route: str, weight: Decimal, vial: str, dose: str
) -> None:
    asked = order(f"{dose} mg/kg", str(weight), "40min" if route == "iv" else None, route)
    made = Preparation(Decimal(vial), Decimal(250) if route == "iv" else None)
    drawn = on_mark(asked, made, prepare(asked, made, LIMITS), LIMITS)
    assert drawn.dose_mg == drawn.vial_volume_ml * drawn.vial_mg_per_ml <= drawn.dose_mg_exact
    assert check(asked, drawn, LIMITS).agrees
    assert (drawn.drawn == "mark") == (drawn.vial_volume_ml % LIMITS.syringe_step_ml == 0)
    if drawn.drawn == "mark":
        assert drawn.dose_mg >= drawn.dose_mg_exact * (1 - LIMITS.draw_tolerance)


def test_a_clinic_that_lets_a_mark_take_nothing_away_keeps_what_was_worked_out() -> None:
    exact = msgspec.structs.replace(LIMITS, draw_tolerance=Decimal(0))
    asked = order(weight="85.7")
    sheet = prepare(asked, BAG, exact)
    assert on_mark(asked, BAG, sheet, exact) == msgspec.structs.replace(sheet, drawn="between")
