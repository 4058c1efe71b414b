"""The figures of a dose sheet as an order keeps them: those that apply, in exact decimals without trailing zeros (pure)."""

from decimal import Decimal
from typing import Any

from lowtide.pathway.plan.counted import Counted, Portion
from lowtide.pathway.plan.order import Preparation
from lowtide.pathway.plan.ordering import DoseSheet
from lowtide.pathway.plan.pump import Infusion, Sheet
from lowtide.science.units import plain

InHand = Preparation | Portion | None
FINE = Decimal("0.0001")


def figures(found: DoseSheet) -> dict[str, Any]:
    """Every figure of a sheet that is worked out to its last step."""
    whole = found.sheet or found.counted
    assert whole
    said: dict[str, Any] = {"dose_mg": whole.dose_mg, **_weight(found, whole)}
    if found.sheet:
        said |= _drawn(found.sheet) | (_pumped(found.sheet.infusion) if found.sheet.infusion else {})
    if found.counted:
        said |= _counted(found.counted)
    return {name: bare(value) if isinstance(value, Decimal) else value for name, value in said.items()}


def bare(value: Decimal) -> Decimal:
    """The same number without trailing zeros: 36.5, never 36.50."""
    return Decimal(plain(value))


def _weight(found: DoseSheet, whole: Sheet | Counted) -> dict[str, Any]:
    """The weight that the dose rests on; nothing of one that it does not."""
    if not found.needs_weight or found.weighed is None or whole.dose_mg_per_kg is None:
        return {}
    return {
        "dose_mg_per_kg": whole.dose_mg_per_kg.quantize(FINE),
        "weight_kg": found.weighed.recorded_kg,
        "weight_entry": found.weighed.entry.id,
    }


def _drawn(sheet: Sheet) -> dict[str, Any]:
    return {"vial_mg_per_ml": sheet.vial_mg_per_ml, "vial_volume_ml": sheet.vial_volume_ml}


def _pumped(infusion: Infusion) -> dict[str, Any]:
    return {
        "duration_min": infusion.over_min,
        "diluent_ml": infusion.diluent_ml,
        "final_volume_ml": infusion.final_volume_ml,
        "rate_ml_per_h": infusion.rate_ml_per_h,
    }


def _counted(counted: Counted) -> dict[str, Any]:
    return {
        "given_as": counted.made.id,
        "each_mg": counted.each_mg,
        "count": counted.count,
        "unit": counted.made.unit,
        "apart_min": counted.apart_min,
    }
