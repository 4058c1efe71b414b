"""How a command answers: one JSON document, or lines for a person."""

import argparse
import sys
from collections.abc import Iterable
from typing import Any

import msgspec


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="answer with one JSON document")


def answer(document: Any, lines: Iterable[str], *, as_json: bool) -> int:
    """Write the answer to standard output and return the exit code of an answered question."""
    text = msgspec.json.format(msgspec.json.encode(document)).decode() if as_json else "\n".join(lines)
    sys.stdout.write(text + "\n")
    return 0
