"""Messages of monitors and pumps (HL7 v2) from a file: what they say, or sent again to a listener.

Example: lowtide replay monitor.hl7 --dry-run --json
"""

import argparse
import sys
from pathlib import Path

import msgspec

from lowtide.exchange.hl7v2.messages import split
from lowtide.exchange.hl7v2.said import lines, said
from lowtide.problems import bad


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help="HL7 v2 messages, framed for MLLP or bare, one after the other"
    )
    parser.add_argument(
        "--dry-run", action="store_true", required=True, help="say what each message holds; send nothing"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document a message, each on a line")


def run(args: argparse.Namespace) -> int:
    found = split(args.file.read_bytes())
    if not found:
        raise bad("holds no HL7 v2 message", str(args.file), "Give messages that begin with MSH.")
    for document in map(said, found):
        text = msgspec.json.encode(document).decode() if args.json else "\n".join(lines(document))
        sys.stdout.write(text + "\n")
    return 0
