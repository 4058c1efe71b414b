"""Quantities are read exactly, with their unit, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.problems import BadInput
from lowtide.science import units
from lowtide.science.units import Dose, with_point

WEIGHTS_KG = st.decimals("30", "250", places=1)


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("0.5 mg/kg", Dose(Decimal("0.5"), per_kg=True)),
        ("0.5mg/kg", Dose(Decimal("0.5"), per_kg=True)),
        ("35 mg", Dose(Decimal(35))),
        ("22 mg/h", Dose(Decimal(22), per_h=True)),
        ("0.35 MG/KG/H", Dose(Decimal("0.35"), per_kg=True, per_h=True)),
    ],
)
def test_a_dose_is_read_with_its_unit(text: str, dose: Dose) -> None:
    assert units.dose(text) == dose


@pytest.mark.hazard("H003")
@pytest.mark.parametrize(
    "text", ["0.5", "35", "", "mg", "0.5 g/kg", "500 mcg/kg", "0.5 mg/kg/min", "0.5 mg/lb"]
)
def test_a_dose_without_a_unit_we_know_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        units.dose(text)


@pytest.mark.parametrize(
    "text", ["0,5 mg/kg", ".5 mg/kg", "5e1 mg", "-5 mg", "0 mg", "nan mg", "inf mg", "1 000 mg", "٣ mg"]
)
def test_a_number_that_could_be_misread_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        units.dose(text)


@pytest.mark.parametrize(("text", "minutes"), [("40min", 40), ("2h", 120), ("3d", 4320), ("1.5 h", 90)])
def test_durations_are_read_in_minutes(text: str, minutes: int) -> None:
    assert units.minutes(text) == minutes


@pytest.mark.hazard("H013")
@pytest.mark.parametrize("text", ["40", "40 m", "40 minutes or so", "0min"])
def test_a_duration_without_a_clear_unit_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        units.minutes(text)


def test_strengths_volumes_and_rates_keep_their_digits() -> None:
    assert units.strength_mg_per_ml("50mg/mL") == Decimal(50)
    assert units.volume_ml("0.10 mL") == Decimal("0.10")
    assert units.rate_ml_per_h("0.1mL/h") == Decimal("0.1")


@pytest.mark.parametrize("text", ["50", "50 mL", "50mg", "50 mg/L"])
def test_a_strength_in_another_unit_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        units.strength_mg_per_ml(text)


@pytest.mark.hazard("H005")
def test_pounds_become_kilograms_exactly_and_are_shown_as_a_scale_shows_them() -> None:
    assert units.weight_kg("154 lb") == Decimal("69.85322498")
    assert units.on_scale(units.weight_kg("154 lb")) == Decimal("69.9")
    assert units.on_scale(Decimal("69.85")) == Decimal("69.85")


@pytest.mark.hazard("H005")
def test_a_weight_from_a_device_needs_its_unit() -> None:
    with pytest.raises(BadInput, match="kg or lb"):
        units.weight_kg("154")


def test_a_field_that_says_kg_takes_a_bare_number() -> None:
    assert units.weight_kg("70", bare_is_kg=True) == Decimal(70)


@pytest.mark.hazard("H005")
@given(st.decimals("66.2", "551", places=3))
def test_any_number_of_pounds_is_its_product_never_rounded_before_a_dose(pounds: Decimal) -> None:
    kg = units.weight_kg(f"{pounds} lb")
    assert kg == pounds * units.KG_PER_LB
    assert abs(units.on_scale(kg) - kg) <= Decimal("0.05")


@given(st.decimals("0.0001", "100000", places=4))
def test_a_decimal_is_written_so_that_it_reads_back(value: Decimal) -> None:
    text = units.plain(value)
    assert Decimal(text) == value
    assert "E" not in text


@pytest.mark.parametrize(
    ("worked_out", "shown"),
    [
        ("42.2716", "42.3"),
        ("18.45", "18.5"),
        ("30", "30"),
        ("7.254", "7.25"),
        ("0.73", "0.73"),
        ("0.0705", "0.071"),
        ("-3.005", "-3.01"),
        ("0", "0"),
    ],
)
def test_an_amount_that_was_worked_out_is_shown_by_one_rule(worked_out: str, shown: str) -> None:
    assert units.plain(units.amount(Decimal(worked_out))) == shown


@given(st.decimals("0.01", "2000", places=6))
def test_what_is_shown_is_within_a_share_of_the_amount(value: Decimal) -> None:
    assert abs(units.amount(value) - value) <= max(value / 100, Decimal("0.0005"))


@pytest.mark.parametrize(
    ("written", "read"),
    [("0,9", "0.9"), (" 12,50 ", "12.50"), ("0,856", "0.856"), ("-0,3", "-0.3"), ("1234,500", "1234.500"), ("0.9", "0.9"), ("7", "7"), ("1.234,5", "1.234,5"), ("1,234,567", "1,234,567"), ("", ""), (",5", ",5")],
)  # fmt: skip
def test_a_comma_that_can_only_be_the_decimal_one_is_read_as_a_point(written: str, read: str) -> None:
    assert with_point(written) == read


@pytest.mark.hazard("H012")
@pytest.mark.parametrize("written", ["1,500", "12,345", " 100,000", "+1,500"])
def test_a_comma_that_may_part_thousands_is_asked_about(written: str) -> None:
    with pytest.raises(BadInput, match="can mean"):
        with_point(written)
