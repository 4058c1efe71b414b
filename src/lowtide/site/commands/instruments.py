"""Every questionnaire and scale: what it measures, how it scores, what may be shown of it.

Example: lowtide instruments --json
"""

import argparse
from collections.abc import Iterator
from typing import Any

import msgspec

from lowtide.data.instruments import Instrument, instrument, instruments, version
from lowtide.problems import bad
from lowtide.science.instruments import fhir
from lowtide.site.answers import add_json, answer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "instrument", nargs="?", help="one of them, item by item; without it all, a line each"
    )
    parser.add_argument("--fhir", action="store_true", help="the one asked for as a FHIR Questionnaire")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    if args.fhir and not args.instrument:
        raise bad("no instrument is named", "--fhir", "Name one, like `lowtide instruments PHQ-9 --fhir`.")
    if args.instrument:
        one = instrument(args.instrument, "instrument")
        if args.fhir:
            return answer(fhir.questionnaire(one), (), as_json=True)
        return answer(_document(one), _items(one), as_json=args.json)
    found = instruments().values()
    return answer([_document(one) for one in found], [_line(one) for one in found], as_json=args.json)


def _document(one: Instrument) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(one),
        "version": version(one.id),
        "scored": one.total != "unscored",
        "text_included": one.has_text,
    }


def _line(one: Instrument) -> str:
    wording = "text included" if one.has_text else "structure and scoring only"
    return f"{one.id:9} {one.name}: {one.domain}, {one.rater}, {one.recall_window or 'no recall window'}; {wording}"


def _items(one: Instrument) -> Iterator[str]:
    """What is asked, as far as its licence lets it be printed, and what its owner asks to be printed with it."""
    yield _line(one)
    if one.stem:
        yield one.stem
    for item_id in one.ids:
        detail = one.item(item_id)
        low, high = detail.range or (0, 0)
        steps = ", ".join(map(str, detail.steps)) or f"{low} to {high}"
        ends = f": {detail.ends[0]} to {detail.ends[1]}" if detail.ends else ""
        if detail.stem:
            yield detail.stem
        yield f"  {item_id}. {detail.text or 'wording: the clinic’s licensed copy'} ({steps}{ends})"
        yield from (f"      {option.value} {option.text}" for option in detail.options)
    yield from (f"{label}: {text}" for label, text in _about(one) if text)


def _about(one: Instrument) -> tuple[tuple[str, str], ...]:
    return (
        ("Range", one.total_range),
        ("Bands", one.bands_text),
        ("Positive", one.positive),
        ("Scoring", one.scoring_note),
        ("Licence", one.licence_class.replace("_", " ")),
        ("Notice", one.notice),
        ("Source", " ".join(one.source)),
        ("Not verified", ", ".join(one.unverified)),
    )
