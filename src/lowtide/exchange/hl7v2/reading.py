"""A device's message as values and events. Nothing here knows a patient: a device is tied to a chair elsewhere."""

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from decimal import Decimal

import msgspec

from lowtide.data.monitors import monitors
from lowtide.exchange.hl7v2 import channels, times, twice
from lowtide.exchange.hl7v2.channels import OTHER
from lowtide.exchange.hl7v2.coded import Coded, event_of, observed, row_of, told, written
from lowtide.exchange.hl7v2.measured import Measured, measured
from lowtide.exchange.hl7v2.messages import Fault, Message, Segment
from lowtide.exchange.hl7v2.parts import Part, Whose, parts
from lowtide.exchange.hl7v2.values import NEVER_CHARTED, OF_MESSAGE, OWN, REPEATED, Value


class Event(msgspec.Struct, frozen=True):
    """An alarm or a pump's event."""

    kind: str
    event: str | None
    code: str
    name: str
    system: str
    text: str | None
    at: datetime | None
    phase: str | None = None
    state: str | None = None
    source: str | None = None
    priority: str | None = None
    drug: str | None = None


class Reading(msgspec.Struct, frozen=True):
    """All that a message says of one device, and of whom and where the message says that it is. `doubt`: what of it cannot
    be told apart, so that it is not charted."""

    device: str
    values: tuple[Value, ...]
    events: tuple[Event, ...]
    faults: tuple[Fault, ...]
    drug: str | None = None
    concentration_mg_per_ml: Decimal | None = None
    whose: Whose = Whose()
    practice: bool = False
    doubt: str = ""


Zones = Callable[[str], tzinfo | None]


def readings(message: Message, zones: Zones = lambda device: None) -> tuple[Reading, ...]:
    """What the message says, by device; at least one. `zones` knows a device's own zone, for times that name none;
    without it MSH-7's offset counts."""
    found = (_reading(part, _Clock(message, zones(part.device))) for part in parts(message))
    word = message.head.component(11).upper()
    practice = monitors().accepted.practice.get(word)
    return tuple(_practised(one, word, practice) for one in found) if practice else tuple(found)


def _practised(found: Reading, word: str, flag: str) -> Reading:
    """A reading of a message that says itself that it is no patient's."""
    values = (msgspec.structs.replace(v, flags=tuple(dict.fromkeys((*v.flags, flag)))) for v in found.values)
    fault = Fault("MSH-11", f"{word} marks a test or a training: nothing of it is charted", "202")
    return msgspec.structs.replace(found, values=tuple(values), faults=(*found.faults, fault), practice=True)


def _reading(part: Part, clock: "_Clock") -> Reading:
    faults: list[Fault] = []
    values: list[Value] = []
    groups: list[_Told] = []
    weight_kg, ours = _weight_kg(part), channels.ours(r.segment for r in part.rows)
    for number, row, order in ((r.number, r.segment, r.order) for r in part.rows):
        where, coded = f"segment {number}, OBX", observed(row)
        if not coded.keys:
            faults.append(Fault(f"{where}-3", "no code", "101"))
            continue
        told_of = row_of(coded)
        if not groups or groups[-1].order is not order:
            groups.append(_Told(order, {}))
        elsewhere = ours is not None and channels.channel(row) != ours
        if told_of and not (elsewhere and told_of in channels.ABOUT_ONE):
            groups[-1].rows.setdefault(told_of, row)
        for each, named in told(row) if told_of in (None, "drug", "concentration") else ():
            if _says_something(each, named):
                value, wrong = _one(each, order, named, weight_kg, clock)
                values.append(_of_another(value) if elsewhere and value.lowtide in channels.POURS else value)
                faults += (Fault(f"{where}-{field}", what, code) for field, what, code in wrong)
    return _whole(part, groups, values, faults, clock, ours)


def _whole(
    part: Part,
    groups: list["_Told"],
    values: list[Value],
    faults: list[Fault],
    clock: "_Clock",
    ours: channels.Channel | None,
) -> Reading:
    """What the rows say together."""
    events = [event for group in groups for event in _event(group, clock)]
    named = {name: row for group in groups for name, row in group.rows.items()}
    strength, of_strength = _concentration(named.get("concentration"))
    alone, said_twice = twice.once(_paired(values))
    doubts = {
        channels.DOUBT: ours == channels.NOBODY_KNOWS,
        twice.DOUBT: any(twice.is_flow(v) for v in alone),
    }
    return Reading(
        part.device,
        tuple(alone),
        tuple(event for event, _ in events),
        (*faults, *(fault for _, fault in events if fault), *of_strength, *said_twice),
        _said(named.get("drug")),
        strength,
        part.whose,
        doubt="; ".join(doubt for doubt, holds in doubts.items() if holds),
    )


def _of_another(value: Value) -> Value:
    return msgspec.structs.replace(value, flags=(*value.flags, OTHER))


def _paired(values: list[Value]) -> Iterator[Value]:
    """The values; a systolic pressure that is not above the diastolic of its instant, and that one, are flagged."""
    known = {(v.lowtide, v.at, "arterial" in v.flags): v.value for v in values}
    for value in values:
        top, low = (
            known.get((name, value.at, "arterial" in value.flags)) for name in ("sbp_mmhg", "dbp_mmhg")
        )
        wrong = isinstance(top, Decimal) and isinstance(low, Decimal) and top <= low
        is_one = value.lowtide in ("sbp_mmhg", "dbp_mmhg", "map_mmhg")
        flags = (*value.flags, "not_above_diastolic") if wrong and is_one else value.flags
        yield msgspec.structs.replace(value, flags=flags)


class _Told(msgspec.Struct):
    """The rows under one OBR that measure nothing, by what they tell."""

    order: Segment | None
    rows: dict[str, Segment]


class _Clock:
    """Which instant a row belongs to: its own, its order's, the message's."""

    def __init__(self, message: Message, zone: tzinfo | None) -> None:
        self._head = message.head.field(7)
        self._zone = zone or times.zone_of(self._head)
        self._borrowed = zone is None

    def at(self, row: Segment, order: Segment | None) -> tuple[datetime | None, tuple[str, ...], str]:
        given = row.component(14) or (order.component(7) if order else "") or self._head
        try:
            assumed = ("zone_of_message",) if self._borrowed and times.zone_of(given) is None else ()
            return times.instant(given, self._zone), assumed, ""
        except times.NoZone as error:
            return None, ("zone_unknown",), error.what
        except times.NotATime as error:
            return None, ("no_time",), error.what

    def timed(self, row: Segment, order: Segment | None, at: datetime | None) -> str:
        """Whether the row has a time of its own (OBX-14) that is not the message's or the order's."""
        if not row.field(14) or at is None:
            return OF_MESSAGE
        others = (self._head, order.component(7) if order else "")
        return REPEATED if at in {self._instant(text) for text in others if text} else OWN

    def _instant(self, text: str) -> datetime | None:
        try:
            return times.instant(text, self._zone)
        except times.NotATime:
            return None


def _says_something(row: Segment, coded: Coded) -> bool:
    """A containment row has a code and nothing else; a row of ours with an empty value is worth saying."""
    return bool(row.field(5)) or coded.quantity is not None


def _one(
    row: Segment, order: Segment | None, coded: Coded, weight_kg: Decimal | None, clock: _Clock
) -> tuple[Value, list[tuple[int, str, str]]]:
    found = measured(row, coded.quantity, weight_kg)
    at, of_time, why = clock.at(row, order)
    flags = (*coded.flags, *found.flags, *of_time)
    value = Value(
        coded.code,
        coded.name,
        coded.system,
        coded.quantity if found.known else None,
        found.value,
        found.unit,
        at,
        tuple(dict.fromkeys(flags)),
        row.field(4),
        clock.timed(row, order, at),
    )
    return value, list(_wrong(row, coded, found, why))


def _wrong(row: Segment, coded: Coded, found: Measured, why: str) -> Iterator[tuple[int, str, str]]:
    name = coded.name or coded.code
    if not row.field(2) and row.field(5):
        yield 2, f"{name}: the value's type is missing", "101"
    if "code_and_name_disagree" in coded.flags:
        yield 3, f"the number {coded.code} and the name {coded.name} are different quantities", "103"
    if "system_not_known" in coded.flags:
        yield 3, f"{name}: a number of MDC under “{coded.system}”, which is not known here: not read", "103"
    if "no_pressure" in coded.flags:
        yield 5, f"{name}: “{row.field(5)[:32]}” is no pressure such as 120/80", "102"
    if "not_a_number" in found.flags:
        yield 5, f"{name}: “{row.field(5)[:32]}” is not a number", "102"
    if "several_values" in found.flags:
        yield 5, f"{name}: more than one value", "102"
    if "sentinel" in found.flags:
        yield 5, f"{name}: {found.value} stands for no value", "103"
    if "out_of_range" in found.flags:
        yield 5, f"{name}: {found.value} {found.unit} cannot be believed", "103"
    if "state_not_known" in found.flags and coded.quantity:
        yield 8, f"{name}: the state “{row.field(8) or row.field(11)}” is not known: not charted", "103"
    if not found.known:
        yield 6, f"{name}: {_UNIT[next(flag for flag in found.flags if flag in _UNIT)]}", "103"
    if why and coded.quantity:
        yield 14, f"{name}: {why}", "102"


_UNIT = {
    "unit_missing": "no unit",
    "unit_not_known": "not a unit of this quantity",
    "weight_not_known": "told per kilogram, and the message has no weight",
}


def _weight_kg(part: Part) -> Decimal | None:
    """The weight programmed at the device, which its doses per kilogram are made of."""
    for row in part.rows:
        if observed(row.segment).quantity == "weight_kg":
            found = measured(row.segment, "weight_kg", None)
            if isinstance(found.value, Decimal) and not NEVER_CHARTED & set(found.flags):
                return found.value
    return None


def _event(group: _Told, clock: _Clock) -> Iterator[tuple[Event, Fault | None]]:
    kind = next((kind for kind in ("alarm", "pump_event") if kind in group.rows), None)
    if kind is None:
        return
    row = group.rows[kind]
    coded, (at, _, why) = written(row, 5), clock.at(row, group.order)
    event = Event(
        kind.removesuffix("_event"),
        event_of(coded),
        coded.code,
        coded.name,
        coded.system,
        row.component(5, 9) or None,
        at,
        phase=_said(group.rows.get("phase")),
        state=_said(group.rows.get("state")),
        source=_said(group.rows.get("source")),
        priority=row.field(8) or None,
        drug=_said(group.rows.get("drug")),
    )
    yield event, Fault("OBX-14", why, "102") if why else None


def _said(row: Segment | None) -> str | None:
    """What a row of an event says, in its own words."""
    if row is None:
        return None
    return row.component(5, 2) or row.component(5) or None


def _concentration(row: Segment | None) -> tuple[Decimal | None, tuple[Fault, ...]]:
    """The strength programmed at the pump in mg/mL, and what keeps it from being known."""
    if row is None:
        return None, ()
    found = measured(row, "concentration_mg_per_ml", None)
    against = NEVER_CHARTED & set(found.flags)
    if isinstance(found.value, Decimal) and found.known and not against:
        return found.value, ()
    why = next((_UNIT[flag] for flag in found.flags if flag in _UNIT), ", ".join(sorted(against)))
    return None, (Fault("OBX-6", f"the strength at the pump: {why}", "103"),) if row.field(5) else ()
