"""What devices' entries are called and what one of them says, in a line (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from lowtide.data.monitors import event_words
from lowtide.record.entries import longrun_words

LABELS = {
    **longrun_words.LABELS,
    "device_registered": "Device",
    "device_joined": "Device put on",
    "device_parted": "Device taken off",
    "pump_told": "The pump says",
    "alarm_told": "Device alarm",
}


def _registered(b: Any, zone: tzinfo) -> str:
    parts = (
        b.label,
        b.device_kind,
        b.device,
        b.chair and f"at chair {b.chair}",
        b.zone and f"its clock in {b.zone}",
        not b.active and "no longer used",
    )
    return ", ".join(part for part in parts if part)


def _pump(b: Any, zone: tzinfo) -> str:
    parts = (
        b.event and event_words(b.event),
        b.rate_ml_per_h is not None and f"{b.rate_ml_per_h} mL/h",
        b.rate_mg_per_h is not None and _in_mg(b),
        b.delivered_ml is not None and f"{b.delivered_ml} mL delivered",
        b.vtbi_ml is not None and f"{b.vtbi_ml} mL to be infused",
        b.drug,
        b.mg_per_ml is not None and f"{b.mg_per_ml} mg/mL",
    )
    return ", ".join(part for part in parts if part)


def _in_mg(b: Any) -> str:
    """A rate that was told in mg/h; in mL/h only by the strength that the pump told with it."""
    by_strength = b.rate_ml_per_h is None and b.mg_per_ml
    flow = f" ({b.rate_mg_per_h / b.mg_per_ml:.1f} mL/h by its strength)" if by_strength else ""
    return f"{b.rate_mg_per_h} mg/h{flow}"


def _alarm(b: Any, zone: tzinfo) -> str:
    parts = (event_words(b.alarm), b.text, b.phase, b.priority)
    return ", ".join(dict.fromkeys(part for part in parts if part))


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    **longrun_words.SAYS,
    "device_registered": _registered,
    "device_joined": lambda b, z: f"{b.label} ({b.device}) is on this person",
    "device_parted": lambda b, z: f"{b.device} is no longer on this person",
    "pump_told": _pump,
    "alarm_told": _alarm,
}
