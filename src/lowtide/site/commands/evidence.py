"""Check rows that somebody wants to add to the table of trials.

Examples: lowtide evidence check my_rows/ --json
          lowtide evidence check outcomes.csv arms.csv studies.csv

`check` reads CSV files in the form of the tables (studies, arms, outcomes, adverse_events, durability, pooled, ...), or a
folder of them, and tells each fault with its file, line and column. A table that is not given is the one that comes with
Lowtide.
"""

import argparse
import sys
from pathlib import Path

from lowtide.site import evidence_check
from lowtide.site.answers import add_json, answer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    checking = parser.add_subparsers(dest="what", required=True).add_parser(
        "check", help="check files or folders of rows"
    )
    checking.add_argument("files", nargs="*", type=Path, help="CSV files, or folders of them")
    checking.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    return _check(args.files, as_json=args.json)


def _check(paths: list[Path], *, as_json: bool) -> int:
    found, given = evidence_check.checked(paths)
    told = evidence_check.document(found, given)
    answer(told, evidence_check.lines(found, given), as_json=as_json)
    if told["ok"]:
        return 0
    first = (*given.faults, *found.faults)[0].problem
    more = len(told["faults"]) - 1
    print(f"lowtide: {first}{f' And {more} more.' if more else ''}", file=sys.stderr)
    return 2
