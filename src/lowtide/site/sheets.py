"""A dose sheet in the words of the commands: doses and volumes as text, rates and concentrations as numbers."""

from decimal import ROUND_DOWN, Decimal
from typing import Any

from lowtide.pathway.plan.order import shown
from lowtide.pathway.plan.pump import Infusion, Sheet
from lowtide.science.units import plain

EXACT = Decimal("0.000001")


def sheet_document(sheet: Sheet) -> dict[str, Any]:
    """Keys that do not apply are absent: an infusion's from an injection, drops per minute without a gravity set."""
    return {
        "dose_mg": plain(sheet.dose_mg),
        "dose_mg_exact": plain(sheet.dose_mg_exact.quantize(EXACT, ROUND_DOWN)),
        "dose_mg_per_kg": shown(sheet.dose_mg_per_kg),
        "vial_volume_ml": plain(sheet.vial_volume_ml),
        **(_infusion_document(sheet.infusion) if sheet.infusion else {}),
    }


def _infusion_document(infusion: Infusion) -> dict[str, Any]:
    drops = infusion.drops_per_min
    by_drops = {} if drops is None else {"drops_per_min": float(drops)}
    return {
        "diluent_ml": plain(infusion.diluent_ml),
        "final_concentration_mg_per_ml": float(infusion.final_concentration_mg_per_ml),
        "final_volume_ml": plain(infusion.final_volume_ml),
        "over_min": float(infusion.over_min),
        "rate_ml_per_h": float(infusion.rate_ml_per_h),
        "rate_mg_per_h": float(infusion.rate_mg_per_h),
        **by_drops,
    }
