"""What a message is answered: accepted, in error, rejected; and whether it asks for an answer at all.

AA it was read; AE its form lacks what it must have; AR it is of a kind, version or size that is not taken here. What is wrong
with single values is named, but does not refuse the message: a monitor that is refused sends the same again.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from lowtide.data import monitors
from lowtide.exchange.hl7v2.messages import Fault, Message, in_batch
from lowtide.exchange.hl7v2.reading import Reading

ACCEPTED, ERROR, REJECTED = "AA", "AE", "AR"
_REJECTING = frozenset(("200", "201", "202", "203"))
_WORDS = {
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "207": "Application internal error",
}
_ASKED = {"AL": (ACCEPTED, ERROR, REJECTED), "SU": (ACCEPTED,), "ER": (ERROR, REJECTED), "NE": ()}


def fatal(message: Message) -> Iterator[Fault]:
    """What makes the message as a whole unacceptable."""
    head, accepted = message.head, monitors.monitors().accepted
    if message.type not in accepted.types:
        kind = message.type or "a message without a type"
        code = "201" if message.type.startswith("ORU^") else "200"
        yield Fault(
            "MSH-9", f"{kind} is not taken here, only {', '.join(sorted(accepted.types))}", code, fatal=True
        )
        return
    version = head.component(12)
    if version and version not in accepted.versions:
        yield Fault("MSH-12", f"version “{version}” is not known", "203", fatal=True)
    if not message.control_id:
        yield Fault(
            "MSH-10",
            "no control id, so that a second sending could not be told from the first",
            "101",
            fatal=True,
        )
    if len(message.segments) > accepted.largest_segments:
        yield Fault("message", f"more than {accepted.largest_segments} segments", "207", fatal=True)
    if not any(segment.name == "OBX" for segment in message.segments):
        yield Fault("OBX", "no observation", "100", fatal=True)


def verdict(faults: Iterable[Fault]) -> str:
    """AA, AE or AR."""
    worst = [fault for fault in faults if fault.fatal]
    if any(fault.code in _REJECTING for fault in worst):
        return REJECTED
    return ERROR if worst else ACCEPTED


def asked(message: Message, code: str) -> bool:
    """Whether the sender wants this answer (MSH-15, MSH-16). An acknowledgement is never answered."""
    if message.type.startswith("ACK") or any(segment.name == "MSA" for segment in message.segments):
        return False
    wanted = [word for word in (message.head.field(15), message.head.field(16)) if word]
    return not wanted or any(code in _ASKED.get(word, (code,)) for word in wanted)


def unusable(found: Sequence[Reading]) -> Iterator[Fault]:
    """A message all of whose measurements failed has said nothing: its sender should know."""
    ours = [value for one in found for value in one.values if value.lowtide]
    events = any(one.events for one in found)
    if ours and not events and all("not_a_number" in value.flags for value in ours):
        yield Fault("OBX-5", "no value could be read", "102", fatal=True)


def answer(message: Message | None, code: str, faults: Iterable[Fault], now: datetime, own_id: str) -> bytes:
    """The ACK in the sender's own separators; None stands for bytes that had no header."""
    bar = message.head.marks.field if message else "|"
    told = [fault for fault in faults if fault.fatal]
    lines = [
        bar.join(_header(message, now, own_id)),
        bar.join(
            ("MSA", code, message.control_id if message else "", _plain(told[0].what, bar) if told else "")
        ),
        *(bar.join(_error(fault, bar)) for fault in told),
    ]
    return ("\r".join(line.rstrip(bar) for line in lines) + "\r").encode(errors="replace")


def together(sent: bytes, told: Sequence[bytes | None]) -> bytes | None:
    """The answers to what came in one frame: one after the other, and in a batch where it was one."""
    given = [answer for answer in told if answer]
    if not given:
        return None
    if len(told) == 1 or not in_batch(sent):
        return b"".join(given)
    return b"BHS|^~\\&|LOWTIDE\r" + b"".join(given) + b"BTS|%d\r" % len(given)


def _header(message: Message | None, now: datetime, own_id: str) -> tuple[str, ...]:
    stamp = now.strftime("%Y%m%d%H%M%S%z")
    if message is None:
        return ("MSH", "^~\\&", "LOWTIDE", "", "", "", stamp, "", "ACK", own_id, "P", "2.6")
    head, mark = message.head, message.head.marks.component
    trigger = head.component(9, 2)
    kind = mark.join(("ACK", trigger, "ACK")) if trigger else "ACK"
    sender, receiver = (head.field(3), head.field(4)), (head.field(5) or "LOWTIDE", head.field(6))
    fixed = (head.field(11) or "P", head.field(12) or "2.6")
    return (
        "MSH",
        head.field(2),
        *receiver,
        *sender,
        stamp,
        "",
        kind,
        own_id,
        *fixed,
        *[""] * 5,
        "UNICODE UTF-8",
    )


def _error(fault: Fault, bar: str) -> tuple[str, ...]:
    return (
        "ERR",
        "",
        "",
        f"{fault.code}^{_WORDS[fault.code]}^HL70357",
        "E",
        "",
        "",
        "",
        _plain(fault.what, bar),
    )


def _plain(text: str, bar: str) -> str:
    return "".join(" " if char in (bar, "^", "~", "\\", "&", "\r", "\n") else char for char in text)
