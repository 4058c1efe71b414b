"""What the listener would make of a message, as one document."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from lowtide.exchange.hl7v2 import answers
from lowtide.exchange.hl7v2.messages import Fault, Message, Unreadable, read
from lowtide.exchange.hl7v2.reading import Event, Reading, readings
from lowtide.exchange.hl7v2.values import Value


def said(data: bytes) -> dict[str, Any]:
    """The message in the shape of `lowtide replay --dry-run --json`."""
    try:
        message = read(data)
    except Unreadable as error:
        return _document(None, (), answers.REJECTED, [Fault("MSH", error.what, "100", fatal=True)])
    found, faults = judged(message)
    code = answers.verdict(faults)
    return _document(message, found, code if answers.asked(message, code) else None, faults)


def judged(message: Message) -> tuple[tuple[Reading, ...], list[Fault]]:
    """The message's readings, one a device, and everything that is wrong with it; none where it is not taken at all."""
    fatal = list(answers.fatal(message))
    if fatal:
        return (), [*message.faults, *fatal]
    found = readings(message)
    faults = [fault for one in found for fault in one.faults]
    return found, [*message.faults, *faults, *_several(found), *answers.unusable(found)]


def _several(found: tuple[Reading, ...]) -> Iterator[Fault]:
    """That a message speaks of more than one device, which are taken one by one."""
    if len(found) > 1:
        named = ", ".join(one.device or "one without a name" for one in found)
        yield Fault("message", f"it speaks of {len(found)} devices: {named}; each is taken for itself", "103")


def _document(
    message: Message | None, found: tuple[Reading, ...], ack: str | None, faults: list[Fault]
) -> dict[str, Any]:
    own = (found[0].device if found else message.sender if message else "") or None
    drugs = (one.drug for one in found if one.drug)
    strengths = (one.concentration_mg_per_ml for one in found if one.concentration_mg_per_ml is not None)
    return {
        "control_id": message.control_id or None if message else None,
        "type": message.type or None if message else None,
        "ack": ack,
        "device": own,
        "drug": next(drugs, None),
        "concentration_mg_per_ml": _number(next(strengths, None)),
        "values": [_value(value) | _other(one, own) for one in found for value in one.values],
        "events": [_event(event) | _other(one, own) for one in found for event in one.events],
        "problems": [{"where": fault.where, "what": fault.what, "refuses": fault.fatal} for fault in faults],
    }


def _other(one: Reading, own: str | None) -> dict[str, Any]:
    """Whose a value is, where it is not the message's first device's."""
    return {} if (one.device or None) == own else {"device": one.device}


def _value(value: Value) -> dict[str, Any]:
    return {
        "code": value.code or None,
        "name": value.name or None,
        "system": value.system or None,
        "sub_id": value.sub_id or None,
        "lowtide": value.lowtide,
        "value": _number(value.value),
        "unit": value.unit,
        "at": _instant(value.at),
        "flags": list(value.flags),
        "charted": value.chartable
        and "not_above_diastolic" not in value.flags,  # the record refuses it, in words
    }


def _event(event: Event) -> dict[str, Any]:
    plain = {name: getattr(event, name) or None for name in event.__struct_fields__}
    return {**plain, "at": _instant(event.at)}


def _number(value: Decimal | str | None) -> int | float | str | None:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def lines(document: dict[str, Any]) -> Iterator[str]:
    """The document for a person."""
    yield f"{document['type'] or 'no message'} {document['control_id'] or ''} from {document['device'] or '?'}: {document['ack'] or 'no answer asked'}"
    for value in document["values"]:
        name = value["lowtide"] or value["name"] or value["code"]
        flags = f"  [{', '.join(value['flags'])}]" if value["flags"] else ""
        whose = f"{value['device']}: " if "device" in value else ""
        yield f"  {value['at'] or 'at an unknown time'}  {whose}{name} {value['value']} {value['unit'] or ''}{flags}"
    for event in document["events"]:
        yield f"  {event['at'] or 'at an unknown time'}  {event['kind']}: {event['event'] or event['name'] or event['code']}"
    yield from (f"  ! {problem['where']}: {problem['what']}" for problem in document["problems"])


def asks(data: bytes) -> bool:
    """Whether an answer to this message will come; bytes without a header are always answered."""
    return said(data)["ack"] is not None
