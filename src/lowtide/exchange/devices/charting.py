"""What is charted of a device's minutes and events: the bodies of the entries, and the key that tells each from every other."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from lowtide.exchange.devices.kept import Happened, Kept
from lowtide.exchange.hl7v2.alarms import word
from lowtide.exchange.hl7v2.minutes import PUMP, Minute
from lowtide.exchange.hl7v2.values import Value
from lowtide.record.entries.base import Body
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.devices import AlarmTold, PumpTold

VITALS = ("sbp_mmhg", "dbp_mmhg", "map_mmhg", "heart_rate_bpm", "spo2_pct", "resp_rate_per_min", "temp_c")


def of_minute(device: Kept, minute: Minute) -> tuple[Body, str] | None:
    """The entry of a minute; None where there is nothing new to chart in it."""
    body = _report(device, minute) if minute.kind == "report" else _vitals(minute)
    begins: datetime = minute.begins or minute.at
    return (body, f"{(begins - device.offset).isoformat()} {minute.kind}") if body else None


def of_event(device: Kept, happened: Happened) -> tuple[Body, str]:
    """The entry of an alarm or of a pump's event."""
    event, found = happened.event, happened.reading
    what = word(event)
    at = event.at.isoformat() if event.at else ""
    key = f"{at} {event.kind} {what} {event.phase or ''} {happened.told}"
    if event.kind == "alarm":
        return AlarmTold(
            device=device.name, alarm=what, text=event.text, phase=event.phase, priority=event.priority
        ), key
    figures = _figures(found.values)
    device.set_to = _pace(figures) or device.set_to[0], device.programmed[1]
    return PumpTold(
        device=device.name,
        event=what,
        drug=found.drug,
        mg_per_ml=found.concentration_mg_per_ml,
        **figures,
    ), key


def _vitals(minute: Minute) -> Vitals | None:
    values = dict(minute.values)
    if "heart_rate_bpm" not in values and "pulse_bpm" in values:
        values["heart_rate_bpm"] = values["pulse_bpm"]
    said = {key: values[key] if key == "temp_c" else round(values[key]) for key in VITALS if key in values}
    spread = {
        key: (minute.least[key], minute.greatest[key])
        for key in said
        if minute.samples > 1 and key in minute.least
    }
    return Vitals(**said, extremes=spread) if said else None  # type: ignore[arg-type]


def _report(device: Kept, minute: Minute) -> PumpTold | None:
    """What a pump reports unasked. A new rate or strength is an event; what it said before is nothing to be charted."""
    drug, mg_per_ml = device.programmed
    body = PumpTold(device=device.name, drug=drug, mg_per_ml=mg_per_ml, **minute.values)  # type: ignore[arg-type]
    begins, before = device.reported
    if begins == minute.begins:  # it could not be written, and comes again
        return before
    if before and msgspec.structs.replace(before, event=None) == body:
        return None
    pace = _pace(minute.values)
    if pace and (pace, mg_per_ml) != device.set_to:
        body = msgspec.structs.replace(body, event="rate_told")
        device.set_to = pace, mg_per_ml
    device.reported = minute.begins, body
    return body


def _pace(figures: Mapping[str, Decimal]) -> tuple[str, Decimal] | None:
    """How fast it runs, in the unit that it told: mL/h before mg/h."""
    return next(((name, figures[name]) for name in PUMP[:2] if name in figures), None)


def _figures(values: tuple[Value, ...]) -> dict[str, Decimal]:
    found = {v.lowtide: v.value for v in values if v.chartable and isinstance(v.value, Decimal)}
    return {key: found[key] for key in PUMP if key in found}
