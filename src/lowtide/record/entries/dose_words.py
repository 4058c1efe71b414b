"""Orders and doses in plain language, by the way they are given (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from lowtide.data.vocabulary import label
from lowtide.science.units import plain

LABELS = {"dose_given": "Dose given", "dosing_ended": "No further dose"}


def _order(b: Any, zone: tzinfo) -> str:
    over = f" over {b.duration_min} min" if b.duration_min is not None else ""
    parts = (
        f"{b.dose_mg} mg {label('drug', b.drug)} {label('route', b.route)}{over}",
        b.dose_mg_per_kg is not None and f"{b.dose_mg_per_kg} mg/kg at {b.weight_kg} kg",
        _how(b),
        f"signed {b.printed_name}",
    )
    return ", ".join(part for part in parts if part)


def _how(b: Any) -> str:
    if b.rate_ml_per_h is not None:
        return f"{b.final_volume_ml} mL at {b.rate_ml_per_h} mL/h"
    if b.count is not None:
        per = "mg/mL" if b.unit == "mL" else "mg each"
        return f"{plain(b.count)} × {b.unit} of {plain(b.each_mg)} {per}"
    if b.vial_volume_ml is not None:
        return f"{b.vial_volume_ml} mL of {b.vial_mg_per_ml} mg/mL"
    return ""


def given(b: Any) -> str:
    """What of a part went in: 28 mg; 14 of 28 mg; 36.5 mg, 0.73 mL, left thigh."""
    parts = (
        f"{plain(b.mg)} mg" if b.mg == b.of_mg else f"{plain(b.mg)} of {plain(b.of_mg)} mg",
        b.volume_ml is not None and f"{plain(b.volume_ml)} mL",
        b.site,
        b.lot and f"lot {b.lot}",
        b.scanned and f"by label {b.scanned}",
    )
    return ", ".join(part for part in parts if part)


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "order_signed": _order,
    "dose_given": lambda b, z: f"{label('route', b.route)}, part {b.number}: {given(b)}",
    "dosing_ended": lambda b, z: "the rest of the dose is not given",
}
