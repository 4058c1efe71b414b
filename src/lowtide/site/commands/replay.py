"""Messages of monitors and pumps (HL7 v2) from a file: what they say, or sent again to a listener.

lowtide replay monitor.hl7 --dry-run --json
lowtide replay monitor.hl7 --to 127.0.0.1:2575 --speed 10

With --speed the pauses between the messages are those of their own times, so many times shorter; without it they are
sent one after the other.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from lowtide.exchange.devices.sending import Line
from lowtide.exchange.hl7v2 import times
from lowtide.exchange.hl7v2.framing import ended_early
from lowtide.exchange.hl7v2.messages import Unreadable, read, split
from lowtide.exchange.hl7v2.said import asks, lines, said
from lowtide.problems import bad
from lowtide.site.inputs import port

LONGEST_PAUSE_S = 600.0
CUT = {"where": "end", "what": "the last frame is not ended: its message may be cut", "refuses": False}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help="HL7 v2 messages, framed for MLLP or bare, one after the other"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what each message holds; send nothing")
    parser.add_argument("--to", type=address, default=("127.0.0.1", 2575), help="the listener, HOST:PORT")
    parser.add_argument("--speed", type=float, help="keep the messages' own pauses, so many times shorter")
    parser.add_argument("--json", action="store_true", help="one JSON document a message, each on a line")


def address(text: str) -> tuple[str, int]:
    """HOST:PORT; argparse words the refusal."""
    host, colon, number = text.rpartition(":")
    if not host or not colon:
        raise argparse.ArgumentTypeError(f"“{text}” is no address; write it as 127.0.0.1:2575")
    return host.strip("[]"), port(number)


def run(args: argparse.Namespace) -> int:
    data = args.file.read_bytes()
    found = split(data)
    if not found:
        raise bad("holds no HL7 v2 message", str(args.file), "Give messages that begin with MSH.")
    if args.speed is not None and not args.speed > 0:
        raise bad("must be above zero", "--speed", "1 keeps the messages' own pauses.")
    for document, text in _dry(found, data) if args.dry_run else _sent(found, args):
        sys.stdout.write((msgspec.json.encode(document).decode() if args.json else text) + "\n")
    return 0


def _dry(messages: list[bytes], data: bytes) -> Iterator[tuple[dict[str, object], str]]:
    for number, document in enumerate(map(said, messages), 1):
        if number == len(messages) and ended_early(data):
            document["problems"].append(CUT)
        yield document, "\n".join(lines(document))


def _sent(messages: list[bytes], args: argparse.Namespace) -> Iterator[tuple[dict[str, object], str]]:
    host, number = args.to
    before: datetime | None = None
    try:
        with Line(host, number) as line:
            for message in messages:
                before = _pause(message, before, args.speed)
                answer = line.send(message, answered=asks(message))
                code = _code(answer)
                yield (
                    {"control_id": _control_id(message), "ack": code},
                    f"{_control_id(message) or '?'}: {code or 'no answer'}",
                )
    except OSError as error:
        what = f"no listener answers ({error.strerror or error})"
        raise bad(
            what, f"{host}:{number}", "Start lowtide listen, or lowtide serve --devices-port."
        ) from error


def _pause(message: bytes, before: datetime | None, speed: float | None) -> datetime | None:
    try:
        at = times.instant(read(message).head.field(7), datetime.now().astimezone().tzinfo)
    except (Unreadable, times.NotATime):
        return before
    if speed and before:
        time.sleep(min(LONGEST_PAUSE_S, max(0.0, (at - before).total_seconds() / speed)))
    return at


def _code(answer: bytes | None) -> str | None:
    try:
        found = read(answer) if answer else None
    except Unreadable:
        return None
    return next((s.field(1) for s in found.segments if s.name == "MSA"), None) if found else None


def _control_id(message: bytes) -> str | None:
    try:
        return read(message).control_id or None
    except Unreadable:
        return None
