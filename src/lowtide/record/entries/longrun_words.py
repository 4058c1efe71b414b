"""Bags, syringes and shifts in plain language, in a line (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from lowtide.data.vocabulary import label
from lowtide.science.units import plain

LABELS = {
    "container_prepared": "Made up",
    "container_changed": "Container changed",
    "handed_over": "Handed over",
    "paper_typed": "Typed from paper",
}


def _prepared(b: Any, zone: tzinfo) -> str:
    parts = (
        f"{b.container} {b.number}",
        f"{plain(b.mg)} mg {label('drug', b.drug)} in {plain(b.final_volume_ml)} mL",
        f"{plain(b.vial_volume_ml)} mL of {plain(b.vial_mg_per_ml)} mg/mL",
        f"lot {b.lot}",
        (f"in {b.diluent}" if b.diluent_ml else "undiluted") if b.diluent else "",
        f"label {b.code}",
        *b.beyond,
    )
    return ", ".join(part for part in parts if part)


def _changed(b: Any, zone: tzinfo) -> str:
    parts = (
        f"{plain(b.residual_ml)} mL left in the one that ended",
        f"{plain(b.volume_ml)} mL in the next",
        f"{plain(b.rate_ml_per_h)} mL/h",
        b.scanned and f"label {b.scanned}",
    )
    return ", ".join(part for part in parts if part)


def _handed(b: Any, zone: tzinfo) -> str:
    parts = (
        b.rate_ml_per_h is not None and f"{plain(b.rate_ml_per_h)} mL/h",
        b.left_ml is not None and f"{plain(b.left_ml)} mL left",
        f"{b.counted} made up and not begun" + ("" if b.agrees else f", the record says {b.ready}"),
        b.due and f"due: {', '.join(b.due)}",
        b.reminders and f"reminders: {', '.join(b.reminders)}",
        b.said,
    )
    return ", ".join(part for part in parts if part)


def _typed(b: Any, zone: tzinfo) -> str:
    count = len(b.measured)
    lines = f"{count} line{'' if count == 1 else 's'}"
    return f"{lines} from the paper sheet of {b.written_by}, {b.why}"


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "container_prepared": _prepared,
    "container_changed": _changed,
    "handed_over": _handed,
    "paper_typed": _typed,
}
