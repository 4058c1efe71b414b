"""Every questionnaire and scale: what it measures, how it scores, what may be shown of it.

Example: lowtide instruments --json
"""

import argparse
from typing import Any

import msgspec

from lowtide.data.instruments import Instrument, instruments, version
from lowtide.site.answers import add_json, answer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    found = instruments().values()
    return answer([_document(one) for one in found], [_line(one) for one in found], as_json=args.json)


def _document(one: Instrument) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(one),
        "version": version(one.id),
        "scored": one.total != "unscored",
        "text_included": has_text(one),
    }


def has_text(one: Instrument) -> bool:
    """Whether every item carries its wording."""
    return bool(one.ids) and all(one.item(item_id).text for item_id in one.ids)


def _line(one: Instrument) -> str:
    wording = "text included" if has_text(one) else "structure and scoring only"
    return f"{one.id:9} {one.name}: {one.domain}, {one.rater}, {one.recall_window or 'no recall window'}; {wording}"
