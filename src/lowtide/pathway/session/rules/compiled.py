"""One session's plan as plain JSON: how often each row is due, and what each value leads to.

It is sent with the page, and `session/static/session/watch.js` evaluates it at the chair, with the line or without.
What a reading is there is said at the top of that script; the same table of cases runs against both. The plan holds no
instant of a slot: those are laid by the dose, whose start, rates and end are readings as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from lowtide.data import monitoring as table
from lowtide.data.chair import Parameter, chair, chips, numbers, parameters
from lowtide.data.monitoring import Item, Trigger
from lowtide.pathway.course.ordered import pump
from lowtide.pathway.session.rules.due import own_observation, scheduling, watched
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.readings import Reading
from lowtide.pathway.session.rules.thresholds import (
    CHARTED_EVERY,
    LEVELS,
    quiet_for,
    second_person_after,
    watching,
)
from lowtide.record.dates import instant
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import (
    Acknowledged,
    ChairEvent,
    DoseGiven,
    DoseStarted,
    DoseStopped,
    DosingEnded,
    NotDone,
    RateChanged,
    SessionAbandoned,
)
from lowtide.record.entries.longrun import ContainerChanged
from lowtide.record.entries.reminding import ArtefactMarked

SHAPE = 6  # raised when the plan or a reading changes so that an older script would misread it
PARTED = ("dose_mg", "each_mg", "apart_min")  # how a dose without a pump is cut in parts
Plan = dict[str, Any]


def plan(
    facts: Facts,
    monitoring: Mapping[str, Item],
    steps: Mapping[str, Iterable[str]] | None = None,
) -> Plan:
    """The plan of a session; `steps` are the clinic's own for a rule. Before the dose nothing is due."""
    order = facts.order[1] if facts.order else None
    mine = watched(facts, monitoring)
    return {
        "shape": SHAPE,
        "session": str(facts.session),
        "tables": table.version(),
        "over": _at(facts.over_at),
        "minutes": {
            "early": numbers().early_min,
            "late": numbers().late_after_min,
            "escalate": numbers().escalate_after_min,
        },
        "levels": LEVELS,
        "charted_every_s": CHARTED_EVERY.total_seconds(),
        "pump": None if order is None else _pump(order),
        "rises": table.rises(),
        "worse_pct": str(chair().numbers["worse_pct"].value),
        "apart_slack_s": numbers().apart_slack_s,
        "rest_stays_pct": str(numbers().rest_stays_pct),
        "order": None if order is None else {n: _text(getattr(order, n)) for n in PARTED},
        "often": {item.id: _often(item) for row in parameters().values() for item in scheduling(row, mine)},
        "stay": list(_stay(facts, mine)),
        "rows": list(_rows(mine)),
        "chips": {c.id: {"means": c.means, "label": c.label} for c in chips().values()},
        "rules": {
            item.id: _rule(item, trigger, tuple((steps or {}).get(item.id, ())))
            for item, trigger in watching(monitoring, facts.route)
        },
    }


def _pump(order: OrderSigned) -> dict[str, Any]:
    """What a pump must say of itself: a rate, a strength, a volume at most; how far the two may differ."""
    ordered, rate = pump(order), order.rate_ml_per_h
    return {
        "rates": ["0", None if rate is None else str(rate)],
        "mg_per_ml": str(ordered.mg_per_ml(order.dose_mg)) if ordered else None,
        "volume_ml": str(ordered.final_volume_ml) if ordered else None,
        "within_pct": str(chair().numbers["pump_within_pct"].value),
    }


def _often(item: Item) -> dict[str, Any]:
    """When one rule wants its rows, from the start and the end of the dose."""
    said = item.frequency
    return {
        "at": said.at,
        "at_min": said.at_min,
        "during_every_min": said.during_every_min,
        "after_every_min": said.after_every_min,
        "until": said.until,
    }


def _stay(facts: Facts, mine: Mapping[str, Item]) -> Iterator[tuple[str, float]]:
    """(start or end of the dose, minutes that the patient stays after it)."""
    for said in (item.frequency for item in mine.values()):
        if said.minimum_min:
            yield said.after or "end", said.minimum_min
    own = own_observation(facts)
    if own:
        yield "end", own.total_seconds() / 60


def _rows(mine: Mapping[str, Item]) -> Iterator[dict[str, Any]]:
    """Each row of the flowsheet: how a reading fills it, and which rules say when it is due."""
    for row in parameters().values():
        yield {
            "id": row.id,
            "label": row.label,
            "name": row.name,
            "fields": row.fields,
            "scale": row.scale,
            "filled_by": _filled_by(row),
            "scheduled_by": [item.id for item in scheduling(row, mine)],
        }


def _filled_by(row: Parameter) -> list[tuple[str, ...]]:
    """The sets of values that fill the row, any of them."""
    if row.fields:
        return [row.fields]
    if row.scale:
        return [(row.value or row.scale,)]
    return [("rate_ml_per_h",), ("rate_mg_per_h",), ("delivered_ml",)]


def _rule(item: Item, trigger: Trigger, steps: tuple[str, ...]) -> dict[str, Any]:
    """One rule, whole: what meets it, what it asks for, who says so, and how long it waits."""
    return {
        "values": item.values,
        "when": [[_condition(c) for c in alternative] for alternative in trigger.when],
        "at_once": [[_condition(c) for c in alternative] for alternative in trigger.at_once],
        "times": trigger.times,
        "apart_min": trigger.apart_min,
        "for_s": trigger.for_s,
        "repeat_min": trigger.repeat_min,
        "level": item.level,
        "parameter": item.parameter,
        "told": item.trigger_text,
        "action": item.action,
        "steps": steps,
        "responsible": item.responsible,
        "source": item.source,
        "verified": item.verified and "trigger" not in item.unverified,
        "quiet_min": {level: _minutes(quiet_for(item, level)) for level in {LEVELS[0], item.level}},
        "second_min": {level: _minutes(second_person_after(level)) for level in {LEVELS[0], item.level}},
    }


def _condition(condition: Any) -> dict[str, Any]:
    said = msgspec.structs.asdict(condition)
    return {n: v if isinstance(v, bool | str) else str(v) for n, v in said.items() if v is not None}


def readings(facts: Facts) -> list[dict[str, Any]]:
    """What the session knows so far, as the script takes it: readings, events, omissions, answers."""
    known: dict[UUID, dict[str, Any]] = {}
    for each in (*facts.readings.values(), *facts.artefacts.values()):
        for reading in each:
            _add(known.setdefault(reading.entry.id, _said(reading.entry)), reading)
    for entry in facts.entries:
        other, dose = _other(entry), _dose(facts, entry)
        if other or dose:
            known[entry.id] = (
                known.get(entry.id, _said(entry)) | (other or {}) | ({"dose": dose} if dose else {})
            )
    return sorted(known.values(), key=lambda r: (r["at"], r["counter"], r["id"]))


def _said(entry: Entry) -> dict[str, Any]:
    return {"id": str(entry.id), "at": instant(entry.at), "counter": entry.counter}


def _add(known: dict[str, Any], reading: Reading) -> None:
    plain = {n: v if isinstance(v, bool) else str(v) for n, v in reading.values.items()}
    known["values"] = known.get("values", {}) | plain


def _other(entry: Entry) -> dict[str, Any] | None:
    match entry.body:
        case NotDone(item=item, why=why):
            return {"omitted": item, "why": why}
        case ChairEvent(what=what) if what in chips() and chips()[what].means:
            return {"event": what}
        case Acknowledged(rule=rule, about=about):
            return {"answers": {"rule": rule, "about": str(about)}}
        case ArtefactMarked(about=about, parameters=rows):
            return {"artefact": {"about": str(about), "rows": rows}}
    return None


def _dose(facts: Facts, entry: Entry) -> dict[str, Any] | None:
    """What an entry says of the dose going in."""
    match entry.body:
        case DoseStarted() as dose:
            return _started(facts, dose)
        case RateChanged(rate_ml_per_h=rate):
            return {"does": "rate", "rate_ml_per_h": str(rate)}
        case ContainerChanged() as hung:
            return {
                "does": "container",
                "rate_ml_per_h": str(hung.rate_ml_per_h),
                "volume_ml": str(hung.volume_ml),
                "residual_ml": str(hung.residual_ml),
            }
        case DoseStopped():
            return {"does": "stop"}
        case DoseGiven(mg=mg):
            return {"does": "part", "mg": str(mg)}
        case DosingEnded() | SessionAbandoned():
            return {"does": "no_more"}
    return None


def _started(facts: Facts, dose: DoseStarted) -> dict[str, Any]:
    """The first container by its label, where there is one; then the order says how much comes in all."""
    order = facts.order[1] if facts.order else None
    in_all = order.final_volume_ml if order and dose.container else None
    volume = facts.infusion.volume_ml if facts.infusion else dose.volume_ml
    return {
        "does": "start",
        "rate_ml_per_h": str(dose.rate_ml_per_h),
        "volume_ml": str(volume),
        "in_all_ml": _text(in_all),
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _at(at: datetime | None) -> str | None:
    return instant(at) if at else None


def _minutes(length: timedelta | None) -> float | None:
    return length.total_seconds() / 60 if length else None
