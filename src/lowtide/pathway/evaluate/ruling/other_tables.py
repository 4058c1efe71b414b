"""The rows of the tables beside candidacy: protocols by field, dosing, monitoring, the chair, due times (pure)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from lowtide.data import approving, chair, dosing, monitoring, safe, schedules, vocabulary
from lowtide.data.protocols import Amount, Protocol, Schedule, protocols
from lowtide.pathway.course.approved import (
    Approvals,
    chair_key,
    dosing_key,
    due_key,
    field_key,
    item_key,
    limit_key,
    open_fields,
    safe_key,
)
from lowtide.pathway.evaluate.ruling.line import Line, standing
from lowtide.science.units import plain

FIELDS = {
    "dose": "dose",
    "dose_min": "lowest dose",
    "dose_max": "highest dose",
    "dose_basis": "weight the dose is worked out from",
    "over_min": "infusion time",
    "schedule": "schedule",
    "min_interval_h": "least interval between doses",
    "observation_min": "observation after the dose",
    "max_mg": "ceiling of a dose",
    "max_mg_per_kg": "ceiling of a dose by weight",
    "max_mg_per_h": "ceiling of the rate",
}
UNITS = {
    "over_min": "min",
    "min_interval_h": "h",
    "observation_min": "min",
    "max_mg": "mg",
    "max_mg_per_kg": "mg/kg",
    "max_mg_per_h": "mg/h",
}
LEVELS = {
    "inform": "tells somebody",
    "hold": "holds",
    "stop": "stops",
    "emergency": "calls emergency help",
    "discharge_gate": "opens the way home",
}


def fields(approved: Approvals) -> Iterator[Line]:
    """Each field of a protocol that its source does not give."""
    for protocol in protocols().values():
        yield from (_field(protocol, name, approved) for name in open_fields(protocol))


def _field(protocol: Protocol, name: str, approved: Approvals) -> Line:
    key = field_key(protocol, name)
    state, entry = standing(False, key, approved)
    return Line(
        id=f"{protocol.id}-{name}",
        kind="protocols",
        title=f"{protocol.id} {FIELDS.get(name, name.replace('_', ' '))}: {told_field(protocol, name)}",
        text=f"{protocol.condition}, {protocol.phase}: {protocol.source_body}.",
        decides="the plan, the order and the next session of this protocol",
        note="Its source does not give this: recalled, or a default.",
        sources=protocol.source,
        state=state,
        approval=entry,
        key=key[0],
        value=key[1],
    )


def told_field(protocol: Protocol, name: str) -> str:
    """A field as a person reads it."""
    value: Any = getattr(protocol, name)
    match value:
        case Amount():
            return f"{plain(value.value)} {value.unit}"
        case Schedule():
            return protocol.schedule_note or _schedule(value)
        case Decimal():
            return f"{plain(value)} {UNITS.get(name, '')}".strip()
        case tuple():
            return ", ".join(map(str, value))
    if name in ("product", "route"):
        return vocabulary.label(name, str(value))
    return str(value)


def _schedule(schedule: Schedule) -> str:
    said = msgspec.to_builtins(schedule).items()
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in said if value)


def doses(limits: dosing.Dosing, approved: Approvals) -> Iterator[Line]:
    """The numbers that gate a dose, as they stand under the clinic's policy."""
    for name, number in dosing.numbers().items():
        value = getattr(limits, name)
        key = dosing_key(name, value)
        state, entry = standing(number.verified, key, approved)
        yield Line(
            id=name,
            kind="dosing",
            title=f"{approving.called(name)} {plain(value)} {_unit(number.unit)}".strip(),
            text=number.why,
            decides="the order, its preparation and the pump",
            sources=number.source,
            state=state,
            approval=entry,
            key=key[0],
            value=key[1],
            name=name,
            unit=_unit(number.unit),
            known=tuple(float(v) for v in _known(name)),
        )


def _known(name: str) -> list[Decimal]:
    return [getattr(dosing.dosing(policy), name) for policy in vocabulary.words()["policy"]]


def _unit(unit: str) -> str:
    return {"1": "", "d": "days"}.get(unit, unit)


def watched(approved: Approvals) -> Iterator[Line]:
    """The monitoring items: how often, what crosses, what follows."""
    for item in monitoring.items().values():
        key = item_key(item)
        state, entry = standing(item.verified and not item.unverified, key, approved)
        recalled = f"Recalled or a default: {', '.join(item.unverified)}." if item.unverified else ""
        yield Line(
            id=item.id,
            kind="monitoring",
            title=f"{item.parameter}: {item.trigger_text}",
            text=f"{item.frequency_text}. {item.action}.",
            decides=f"{LEVELS[item.level]}; {item.responsible}",
            sources=item.source,
            note=" ".join(filter(None, (recalled, item.note))),
            state=state,
            approval=entry,
            key=key[0],
            value=key[1],
            place=item.phase,
        )


def at_the_chair(approved: Approvals) -> Iterator[Line]:
    for name, number in chair.chair().numbers.items():
        key = chair_key(name, number)
        state, entry = standing(number.verified, key, approved)
        yield Line(
            id=name,
            kind="chair",
            title=f"{approving.called(name)} {plain(number.value)} {number.unit}",
            text=number.why,
            decides="the work at the chair",
            state=state,
            approval=entry,
            key=key[0],
            value=key[1],
        )


def at_the_safe(values: dict[str, Decimal], approved: Approvals) -> Iterator[Line]:
    """The numbers of the controlled-drug safe, and at which steps a second person signs (1 yes, 0 no)."""
    for name, number in safe.numbers().items():
        key = safe_key(name, values[name])
        state, entry = standing(number.verified and values[name] == number.value, key, approved)
        yield Line(
            id=name,
            kind="safe",
            title=f"{approving.called(name)} {_yes_or(name, values[name])} {number.unit}".strip(),
            text=number.why,
            decides="the books of the safe and the signature of a session",
            sources=number.source,
            state=state,
            approval=entry,
            key=key[0],
            value=key[1],
            name=name,
            unit=number.unit,
            known=(float(number.value),),
        )


def _yes_or(name: str, value: Decimal) -> str:
    return ("yes" if value else "no") if name.startswith("witness_") else plain(value)


def due_times(approved: Approvals) -> Iterator[Line]:
    """When things fall due, and the numbers that sort answers."""
    for rule in schedules.rules().values():
        key = due_key(rule)
        state, entry = standing(rule.verified, key, approved)
        yield Line(
            id=rule.rule_id,
            kind="schedules",
            title=f"{rule.text}: {_span(rule.hours)}",
            text=f"{rule.owner.replace('_', ' ').capitalize()} answers for it.",
            decides="when it turns late on the worklist",
            sources=rule.source,
            note=rule.note,
            state=state,
            approval=entry,
            key=key[0],
            value=key[1],
        )
    for name, limit in schedules.thresholds().items():
        key = limit_key(name, limit)
        state, entry = standing(limit.verified, key, approved)
        yield Line(
            id=name,
            kind="schedules",
            title=f"{approving.called(name)} {limit.value}",
            text=f"{limit.text}.",
            decides="what counts as a change",
            sources=limit.source,
            state=state,
            approval=entry,
            key=key[0],
            value=key[1],
        )


def _span(hours: int) -> str:
    days, rest = divmod(hours, 24)
    if rest or not days:
        return f"{hours} hour{'' if hours == 1 else 's'}"
    return f"{days} day{'' if days == 1 else 's'}"
