"""The second computation catches a sheet on which any one number is wrong."""

from decimal import Decimal

import msgspec
import pytest

from lowtide.data.dosing import dosing
from lowtide.pathway.plan.order import Order, Preparation
from lowtide.pathway.plan.pump import Sheet, prepare
from lowtide.pathway.plan.second_check import check
from lowtide.science import units

LIMITS = dosing()
ORDER = Order("ketamine", "iv", units.dose("0.5 mg/kg"), Decimal(73), Decimal(40))
SHEET = prepare(ORDER, Preparation(Decimal(50), Decimal(50), drop_factor_per_ml=Decimal(20)), LIMITS)


def with_infusion(**changes: Decimal) -> Sheet:
    assert SHEET.infusion
    return msgspec.structs.replace(SHEET, infusion=msgspec.structs.replace(SHEET.infusion, **changes))


def test_it_finds_the_dose_again_from_what_is_drawn_and_set() -> None:
    second = check(ORDER, SHEET, LIMITS)
    assert (second.agrees, second.delivered_mg) == (True, Decimal("36.5"))


@pytest.mark.hazard("H012")
@pytest.mark.parametrize(
    "wrong",
    [
        msgspec.structs.replace(SHEET, vial_mg_per_ml=Decimal(10)),
        msgspec.structs.replace(SHEET, vial_mg_per_ml=Decimal(100)),
        msgspec.structs.replace(SHEET, vial_volume_ml=Decimal("7.3")),
        with_infusion(diluent_ml=Decimal(50)),
        with_infusion(rate_ml_per_h=Decimal("7.5")),
        with_infusion(rate_ml_per_h=Decimal("74.2")),
        with_infusion(rate_ml_per_h=Decimal(750)),
        with_infusion(over_min=Decimal(4)),
        with_infusion(drops_per_min=Decimal(26)),
    ],
)
def test_a_wrong_number_does_not_agree(wrong: Sheet) -> None:
    second = check(ORDER, wrong, LIMITS)
    assert not second.agrees
    assert "does NOT agree" in second.text


@pytest.mark.parametrize("dose", ["36.5 mg", "54.75 mg/h", "0.75 mg/kg/h"])
def test_it_understands_every_way_of_ordering(dose: str) -> None:
    order = msgspec.structs.replace(ORDER, dose=units.dose(dose))
    assert check(order, SHEET, LIMITS).agrees


def test_it_knows_base_from_hydrochloride() -> None:
    assert not check(msgspec.structs.replace(ORDER, salt="hydrochloride"), SHEET, LIMITS).agrees


@pytest.mark.hazard("H012")
def test_only_what_is_drawn_to_a_mark_may_lose_what_a_mark_takes() -> None:
    less = msgspec.structs.replace(SHEET, vial_volume_ml=Decimal("0.72"), infusion=None)
    order = msgspec.structs.replace(ORDER, route="im")
    assert not check(order, less, LIMITS).agrees
    assert check(order, msgspec.structs.replace(less, drawn="mark"), LIMITS).agrees
    above = msgspec.structs.replace(less, vial_volume_ml=Decimal("0.74"), drawn="mark")
    assert not check(order, above, LIMITS).agrees
