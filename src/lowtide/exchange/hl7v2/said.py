"""What the listener would make of a message, as one document."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from lowtide.exchange.hl7v2 import answers
from lowtide.exchange.hl7v2.messages import Fault, Message, Unreadable, read
from lowtide.exchange.hl7v2.reading import Event, Reading, Value, reading


def said(data: bytes) -> dict[str, Any]:
    """The message in the shape of `lowtide replay --dry-run --json`."""
    try:
        message = read(data)
    except Unreadable as error:
        return _document(None, None, answers.REJECTED, [Fault("MSH", error.what, "100", fatal=True)])
    found, faults = judged(message)
    code = answers.verdict(faults)
    return _document(message, found, code if answers.asked(message, code) else None, faults)


def judged(message: Message) -> tuple[Reading | None, list[Fault]]:
    """The message's reading and everything that is wrong with it; no reading where it is not taken at all."""
    fatal = list(answers.fatal(message))
    if fatal:
        return None, [*message.faults, *fatal]
    found = reading(message)
    return found, [*message.faults, *found.faults, *answers.unusable(found)]


def _document(
    message: Message | None, found: Reading | None, ack: str | None, faults: list[Fault]
) -> dict[str, Any]:
    return {
        "control_id": message.control_id or None if message else None,
        "type": message.type or None if message else None,
        "ack": ack,
        "device": (found.device if found else message.sender if message else None) or None,
        "drug": found.drug if found else None,
        "concentration_mg_per_ml": _number(found.concentration_mg_per_ml) if found else None,
        "values": [_value(value) for value in found.values] if found else [],
        "events": [_event(event) for event in found.events] if found else [],
        "problems": [{"where": fault.where, "what": fault.what, "refuses": fault.fatal} for fault in faults],
    }


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
        "charted": value.chartable,
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
        yield f"  {value['at'] or 'at an unknown time'}  {name} {value['value']} {value['unit'] or ''}{flags}"
    for event in document["events"]:
        yield f"  {event['at'] or 'at an unknown time'}  {event['kind']}: {event['event'] or event['name'] or event['code']}"
    yield from (f"  ! {problem['where']}: {problem['what']}" for problem in document["problems"])


def asks(data: bytes) -> bool:
    """Whether an answer to this message will come; bytes without a header are always answered."""
    return said(data)["ack"] is not None
