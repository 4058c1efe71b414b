"""Score the answers to a questionnaire or scale by its own rule.

Example: lowtide score PHQ-9 answers.json --json
"""

import argparse
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from lowtide.data.instruments import Instrument, instrument, version
from lowtide.problems import BadInput, Problem, bad
from lowtide.science.instruments.score import Score, score, urgent
from lowtide.site.answers import add_json, answer
from lowtide.site.inputs import json_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("instrument", help="such as PHQ-9; see `lowtide instruments`")
    parser.add_argument(
        "file", type=Path, help='answers by item, like {"1": 2, "2": 0}, or a QuestionnaireResponse'
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    chosen = instrument(args.instrument, "instrument")
    given = _read(args.file)
    try:
        result = score(chosen, given)
    except BadInput as error:
        raise _with_urgent(error, chosen, given) from error
    return answer(_document(result, chosen), _lines(result, chosen), as_json=args.json)


def _read(path: Path) -> dict[str, Any]:
    mend = 'Write answers like {"1": 2, "2": 0}.'
    document = json_file(path, mend)
    if not isinstance(document, dict):
        raise bad("not a JSON object", str(path), mend)
    return document


def _with_urgent(error: BadInput, chosen: Instrument, given: dict[str, Any]) -> BadInput:
    """A form that cannot be scored still says what its readable answers raise."""
    raised = (
        Problem(flag.text.rstrip("."), chosen.id, "Do not wait for the score.")
        for flag in urgent(chosen, given)
    )
    return BadInput(*error.problems, *raised)


def _document(result: Score, chosen: Instrument) -> dict[str, Any]:
    return {
        "instrument": result.instrument,
        "version": version(chosen.id),
        "total": _figure(result.total),
        "subscales": {name: _figure(value) for name, value in result.subscales.items()},
        "band": result.band,
        "flags": result.flags,
        "prorated": result.prorated,
        "missing": result.missing,
        "unverified": result.unverified,
    }


def _figure(value: Fraction | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)


def _lines(result: Score, chosen: Instrument) -> Iterator[str]:
    total = "not known" if result.total is None else f"{float(result.total):g}"
    yield f"{chosen.name}: {total}{f' ({result.band})' if result.band else ''}"
    yield from (
        f"  {name}: {'not known' if v is None else f'{float(v):g}'}" for name, v in result.subscales.items()
    )
    if result.missing:
        yield f"  not answered: {', '.join(result.missing)}"
    yield from (f"{flag.level.upper()}: {flag.text}" for flag in result.flags)
