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


def percent(given: str) -> float:
    """A share from people of 100."""
    try:
        value = float(given.removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"“{given}” is not a number of people of 100")
    return value / 100
